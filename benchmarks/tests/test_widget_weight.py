"""The widget stays as light as it promises."""

from benchmarks.widget_weight import LOADER_LIMIT, WHOLE_LIMIT, gzipped


def test_the_loader_and_the_chat_stay_within_their_limits() -> None:
    sizes = gzipped()
    assert sizes.pop("loader") < LOADER_LIMIT
    assert sum(sizes.values()) < WHOLE_LIMIT
