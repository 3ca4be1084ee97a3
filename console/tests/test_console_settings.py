"""What administrators change in the console."""

import re

import pytest
from django.test import Client

from accounts.access import api_principal
from accounts.errors import NotFound
from accounts.models import AuditEntry, Member, Role, User
from accounts.scope import workspace_scope
from console.tests.pages import BASE, last_action, log_in, member, state
from tests.cast import Cast

SETTINGS = f"{BASE}settings/"


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


def test_settings_are_changed_once(admin: Client, cast: Cast) -> None:
    given = {"risk_percent": "2.5", "large_model_allowed": "on", "budget_usd_per_day": "3"}
    for _ in range(2):
        assert admin.post(SETTINGS, given).status_code == 302
    assert state(cast)["settings"] == (0.025, True, 3.0)
    assert last_action(cast) == (str(cast.alice.id), "settings.changed")
    with workspace_scope(cast.workspace.id):
        assert AuditEntry.objects.filter(action="settings.changed").count() == 1
    assert 'value="2.5"' in admin.get(SETTINGS).text


def test_the_share_of_answers_to_check_is_a_percentage(admin: Client, cast: Cast) -> None:
    assert "5% of the answers checked" in admin.get(SETTINGS).text
    admin.post(SETTINGS, {"audit_percent": "12.5"})
    assert state(cast)["audit_share"] == 0.125
    assert 'value="12.5"' in admin.get(SETTINGS).text
    admin.post(SETTINGS, {"audit_percent": ""})
    assert state(cast)["audit_share"] is None


@pytest.mark.parametrize("name", ["clarify", "decline"])
def test_what_the_bot_may_do_is_on_until_it_is_switched_off(
    admin: Client, cast: Cast, name: str
) -> None:
    assert re.search(rf'name="{name}"[^>]*checked', admin.get(SETTINGS).text)
    for given, kept in (({}, False), ({name: "on"}, True)):
        admin.post(SETTINGS, given)
        assert state(cast)[name] is kept


@pytest.mark.parametrize(
    ("name", "at_first"),
    [("compact_model_allowed", True), ("people_allowed", True), ("consent_required", False)],
)
def test_tiers_and_consent_are_switched_and_logged_with_both_values(
    admin: Client, cast: Cast, name: str, at_first: bool
) -> None:
    checked = re.compile(rf'name="{name}"[^>]*checked')
    assert bool(checked.search(admin.get(SETTINGS).text)) is at_first
    admin.post(SETTINGS, {} if at_first else {name: "on"})
    assert bool(checked.search(admin.get(SETTINGS).text)) is not at_first
    with workspace_scope(cast.workspace.id):
        entry = AuditEntry.objects.filter(action="settings.changed").latest("created_at")
    assert (entry.detail["before"][name], entry.detail["after"][name]) == (at_first, not at_first)


def test_empty_settings_follow_the_server(admin: Client, cast: Cast) -> None:
    admin.post(SETTINGS, {"risk_percent": "2.5", "budget_usd_per_day": "3"})
    admin.post(SETTINGS, {"risk_percent": "", "budget_usd_per_day": ""})
    assert state(cast)["settings"] == (None, False, None)
    assert "5% wrong answers" in admin.get(SETTINGS).text


@pytest.mark.parametrize(
    "given",
    [
        {"risk_percent": "0"}, {"risk_percent": "51"}, {"risk_percent": "nan"},
        {"risk_percent": "much"}, {"budget_usd_per_day": "-1"}, {"budget_usd_per_day": "inf"},
        {"audit_percent": "-1"}, {"audit_percent": "101"}, {"audit_percent": "all"},
    ],
)  # fmt: skip
def test_bad_settings_are_refused(admin: Client, cast: Cast, given: dict[str, str]) -> None:
    before = state(cast)
    answer = admin.post(SETTINGS, given)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert state(cast) == before


def test_the_widget_page_has_the_tag_and_keeps_origins_and_greeting(
    admin: Client, cast: Cast
) -> None:
    path = f"{SETTINGS}widget/"
    given = {"origins": "https://Shop.example/page\r\n\r\nhttps://b.example", "greeting": "Hi <b>"}
    for _ in range(2):
        assert admin.post(path, given).status_code == 302
    page = admin.get(path).text
    assert f"/widget/v1/{cast.acme.widget_key}/loader.js" in page and "Hi &lt;b&gt;" in page
    assert state(cast)["widgets"] == [
        {"origins": ["https://shop.example", "https://b.example"], "greeting": "Hi <b>"}
    ]
    with workspace_scope(cast.workspace.id):
        rows = AuditEntry.objects.filter(actor_id=str(cast.alice.id), target_kind="widget")
        assert rows.count() == 2


@pytest.mark.parametrize(
    "given", [{"origins": "javascript:alert(1)"}, {"origins": "https://ok.example\nftp://x"},
              {"origins": "", "greeting": "x" * 501}],
)  # fmt: skip
def test_a_bad_widget_is_refused_as_a_whole(
    admin: Client, cast: Cast, given: dict[str, str]
) -> None:
    before = state(cast)
    assert admin.post(f"{SETTINGS}widget/", {"greeting": "new", **given}).status_code == 400
    assert state(cast) == before


def test_a_new_members_password_is_shown_once(admin: Client, cast: Cast, db: None) -> None:
    path, given = (
        f"{SETTINGS}members/",
        {"email": "Eve@Example.com", "name": "Eve", "role": "agent"},
    )
    first, second = (admin.post(path, given) for _ in range(2))
    match = re.search(r"<code>([\w-]{12,})</code>", first.text)
    assert match and match[1] not in second.text and match[1] not in admin.get(path).text
    assert User.objects.get(email="eve@example.com").check_password(match[1])
    with workspace_scope(cast.workspace.id):
        assert AuditEntry.objects.filter(actor_id=str(cast.alice.id)).count() == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"email": "no address", "role": "agent"}, 400),
        ({"email": "eve@example.com", "role": "king"}, 400),
        ({"email": "bob@example.com", "role": "admin"}, 400),
        ({"email": "eve@example.com", "role": "owner"}, 403),  # alice is no owner
    ],
)
def test_a_bad_member_is_refused(
    admin: Client, cast: Cast, given: dict[str, str], status: int
) -> None:
    before = state(cast)
    assert admin.post(f"{SETTINGS}members/", given).status_code == status
    assert state(cast) == before and not User.objects.filter(email="eve@example.com").exists()


def test_a_role_is_changed_and_a_member_taken_out_and_brought_back(
    admin: Client, cast: Cast
) -> None:
    path = f"{SETTINGS}members/"
    for _ in range(2):
        assert admin.post(f"{path}{cast.bob.id}/role/", {"role": "editor"}).status_code == 302
    assert last_action(cast) == (str(cast.alice.id), "member.role_changed")
    for _ in range(2):
        assert admin.post(f"{path}{cast.bob.id}/remove/").status_code == 302
    with workspace_scope(cast.workspace.id):
        bob = Member.objects.get(id=cast.bob.id)
    assert (bob.role, bob.is_active) == ("editor", False)
    assert "Bring back" in admin.get(path).text
    admin.post(path, {"email": "bob@example.com", "role": "editor"})
    with workspace_scope(cast.workspace.id):
        assert Member.objects.get(id=cast.bob.id).is_active


def test_an_admin_touches_no_owner_and_the_last_owner_stays(client: Client, cast: Cast) -> None:
    owner = member(cast, Role.OWNER)
    before = state(cast)
    path = f"{SETTINGS}members/{owner.id}/"
    log_in(client, cast.alice)
    assert client.post(f"{path}role/", {"role": "agent"}).status_code == 403
    assert client.post(f"{path}remove/").status_code == 403
    log_in(client, owner)
    for answer in (client.post(f"{path}role/", {"role": "agent"}), client.post(f"{path}remove/")):
        assert answer.status_code == 400 and "at least one owner" in answer.text
    assert client.post(f"{path}role/", {"role": "king"}).status_code == 400
    assert state(cast) == before


def test_a_key_is_shown_once_and_revoked(admin: Client, cast: Cast) -> None:
    path = f"{SETTINGS}keys/"
    made = admin.post(path, {"name": "shop"})
    match = re.search(r"<code>(fl_[\w-]{20,})</code>", made.text)
    assert match
    assert api_principal(match[1]).workspace_id == cast.workspace.id
    again = admin.post(path, {"name": "shop"})
    assert again.status_code == 400 and "a key of this name already" in again.text
    page = admin.get(path).text
    assert match[1] not in page and match[1][:12] in page
    digest = state(cast)["keys"][-1]
    for _ in range(2):
        assert admin.post(f"{path}revoke/", {"digest": digest}).status_code == 302
    with pytest.raises(NotFound):
        api_principal(match[1])
    assert last_action(cast) == (str(cast.alice.id), "api_key.revoked")
    before = state(cast)
    assert admin.post(f"{path}revoke/", {"digest": "unknown"}).status_code == 404
    assert admin.post(path, {"name": ""}).status_code == 400
    assert state(cast) == before


def test_another_workspaces_key_cannot_be_revoked(admin: Client, cast: Cast) -> None:
    assert cast.other.api_key is not None
    from accounts.access import digest

    answer = admin.post(f"{SETTINGS}keys/revoke/", {"digest": digest(cast.other.api_key)})
    assert answer.status_code == 404
    assert api_principal(cast.other.api_key).workspace_id == cast.other.workspace.id


def test_the_audit_log_names_who_and_what_page_by_page(admin: Client, cast: Cast) -> None:
    for number in range(60):
        admin.post(SETTINGS, {"risk_percent": str(1 + number / 10)})
    path = f"{SETTINGS}audit/"
    first, second = admin.get(path).text, admin.get(path, {"page": "2"}).text
    assert first.count("changed the settings") == 50
    assert "Alice" in first or cast.alice.display_name in first
    assert "risk: 0.069" in first and "made the workspace" in second
    assert admin.get(path, {"page": "x"}).text.count("changed the settings") == 50
