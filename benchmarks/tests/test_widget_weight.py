"""The widget stays as light as it promises."""

from benchmarks.widget_weight import (
    LOADER_LIMIT,
    ROOT,
    SUGGEST_LIMIT,
    WHOLE_LIMIT,
    gzipped,
    suggesting,
)


def test_the_loader_and_the_chat_stay_within_their_limits() -> None:
    sizes = gzipped()
    assert sizes.pop("loader") < LOADER_LIMIT
    assert sum(sizes.values()) < WHOLE_LIMIT


def test_what_suggests_pages_has_a_limit_of_its_own_and_is_loaded_by_one_lazy_import_alone() -> (
    None
):
    assert suggesting() < SUGGEST_LIMIT
    chat = ROOT / "chatbot" / "static" / "chatbot" / "widget"
    scripts = [path.read_text(encoding="utf-8") for path in chat.glob("*.js")]
    frame = (ROOT / "templates" / "chatbot" / "frame.html").read_text(encoding="utf-8")
    lines = [line for text in [*scripts, frame] for line in text.splitlines() if "suggest/" in line]
    assert len(lines) == 1 and 'import("../suggest/' in lines[0]
