"""A widget's key never changes; its origins are kept as browsers write them."""

import pytest

from accounts.scope import workspace_scope
from accounts.tests.entries import audit_entries
from chatbot.errors import Invalid
from chatbot.models import Widget
from chatbot.widgets import ensure_widget, parse_origin, set_origins
from tests.cast import ORIGIN, Cast


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://www.example.com", "https://www.example.com"),
        (" HTTPS://WWW.Example.COM/shop?x=1#y ", "https://www.example.com"),
        ("https://www.example.com:443", "https://www.example.com"),
        ("http://www.example.com:80", "http://www.example.com"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://пример.example", "https://xn--e1afmkfd.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(given: str, origin: str) -> None:
    assert parse_origin(given) == origin
    assert parse_origin(origin) == origin


@pytest.mark.parametrize(
    "given",
    [
        "", "*", "null", "www.example.com", "//www.example.com", "ftp://www.example.com",
        "javascript:alert(1)", "https://", "https://a b", "https://a;script-src *", "https://*.a.b",
        "https://user@www.example.com", "https://www.example.com:99999", "https://[::1",
        "https://a.example'", "https://a.example,b.example", "https://a\nb",
    ],
)  # fmt: skip
def test_what_could_widen_a_policy_is_no_origin(given: str) -> None:
    with pytest.raises(Invalid):
        parse_origin(given)


@pytest.mark.django_db
def test_origins_are_replaced_once_and_the_change_is_in_the_audit_log(cast: Cast) -> None:
    acme = cast.acme.workspace
    with workspace_scope(acme.id):
        widget = ensure_widget(acme)
    for _ in range(2):
        widget = set_origins(acme.id, widget.id, ["https://b.example/"] * 2, actor=cast.alice)

    assert (widget.key, widget.origins) == (cast.acme.widget_key, ["https://b.example"])
    changes = [one for one in audit_entries(cast.acme) if one[1] == "widget.origins_changed"]
    assert changes[1:] == [
        ("member", "widget.origins_changed", {"before": [ORIGIN], "after": ["https://b.example"]})
    ]


@pytest.mark.django_db
def test_too_many_or_wrong_origins_change_nothing(cast: Cast) -> None:
    acme = cast.acme.workspace
    with workspace_scope(acme.id):
        widget = ensure_widget(acme)
    for origins in ([f"https://a{n}.example" for n in range(51)], ["https://a.example", "*"]):
        with pytest.raises(Invalid):
            set_origins(acme.id, widget.id, origins, actor=cast.alice)

    with workspace_scope(acme.id):
        assert Widget.objects.get().origins == [ORIGIN]


@pytest.mark.django_db
def test_charlie_cannot_change_acme_s_widget(cast: Cast) -> None:
    with workspace_scope(cast.acme.workspace.id):
        widget = ensure_widget(cast.acme.workspace)

    with pytest.raises(Widget.DoesNotExist):
        set_origins(cast.other.workspace.id, widget.id, [], actor=cast.charlie)

    with workspace_scope(cast.acme.workspace.id):
        assert Widget.objects.get().origins == [ORIGIN]
