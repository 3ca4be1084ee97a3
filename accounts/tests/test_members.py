"""Members come, change roles and go; each change is in the audit log, each refusal changes none."""

from uuid import uuid4

import pytest

from accounts import audit
from accounts.errors import Invalid, NotAllowed, NotFound, ScopeError
from accounts.members import add_member, change_role, members, remove_member
from accounts.models import Member, Role, User
from accounts.tests.entries import audit_entries
from tests.cast import Cast, make_member

pytestmark = pytest.mark.django_db


def roles_in(cast: Cast) -> dict[str, str]:
    """Of the active members of acme."""
    everybody = members(cast.acme.workspace.id)
    return {member.user.email: member.role for member in everybody if member.is_active}


BEFORE = {"alice@example.com": "admin", "bob@example.com": "agent"}


def test_a_new_person_gets_a_log_in_and_its_password_once(cast: Cast) -> None:
    acme = cast.acme.workspace.id

    first = add_member(acme, " Dana@Example.COM ", role=Role.EDITOR, name="Dana", actor=cast.alice)
    again = add_member(acme, "dana@example.com", role=Role.EDITOR, actor=cast.alice)

    assert first.password and first.member.user.check_password(first.password)
    assert (first.member.user.email, first.member.display_name) == ("dana@example.com", "Dana")
    assert (again.member, again.password, again.created) == (first.member, None, False)
    assert audit_entries(cast.acme)[-1] == ("member", "member.added", {"role": "editor"})
    assert [action for _, action, _ in audit_entries(cast.acme)].count("member.added") == 3


def test_somebody_with_a_log_in_keeps_their_password(cast: Cast) -> None:
    before = cast.charlie.user.password

    added = add_member(cast.acme.workspace.id, "charlie@example.com", role="agent", actor="command")

    assert (added.password, added.created) == (None, True)
    assert User.objects.get(id=cast.charlie.user_id).password == before
    assert added.member.display_name == "Charlie"


@pytest.mark.parametrize(
    ("email", "role", "password"),
    [
        ("not an address", "agent", None),
        ("", "agent", None),
        ("dana@example.com", "king", None),
        ("dana@example.com", "agent", "short"),
        ("dana@example.com", "agent", "password123"),
        ("bob@example.com", "editor", None),  # is an agent already
    ],
)
def test_what_cannot_be_accepted_changes_nothing(
    cast: Cast, email: str, role: str, password: str | None
) -> None:
    users, entries = User.objects.count(), audit_entries(cast.acme)

    with pytest.raises(Invalid):
        add_member(cast.acme.workspace.id, email, role=role, password=password, actor=cast.alice)

    assert roles_in(cast) == BEFORE
    assert (User.objects.count(), audit_entries(cast.acme)) == (users, entries)


def test_a_role_is_changed_once(cast: Cast) -> None:
    for _ in range(2):
        change_role(cast.acme.workspace.id, cast.bob.id, role=Role.EDITOR, actor=cast.alice)

    assert roles_in(cast)["bob@example.com"] == "editor"
    changes = [one for one in audit_entries(cast.acme) if one[1] == "member.role_changed"]
    assert changes == [("member", "member.role_changed", {"before": "agent", "after": "editor"})]


def test_somebody_who_was_taken_out_can_come_back_in_another_role(cast: Cast) -> None:
    acme = cast.acme.workspace.id
    for _ in range(2):
        remove_member(acme, cast.bob.id, actor=cast.alice)
    assert roles_in(cast) == {"alice@example.com": "admin"}

    back = add_member(acme, "bob@example.com", role=Role.ANALYST, actor=cast.alice)

    assert back.member.id == cast.bob.id
    assert roles_in(cast)["bob@example.com"] == "analyst"
    actions = [action for _, action, _ in audit_entries(cast.acme)]
    assert actions[-2:] == ["member.removed", "member.added"]


def test_members_of_another_workspace_cannot_be_found(cast: Cast) -> None:
    other = cast.other.workspace.id
    for member_id in (cast.bob.id, uuid4()):
        with pytest.raises(NotFound):
            change_role(other, member_id, role=Role.EDITOR, actor=cast.charlie)
        with pytest.raises(NotFound):
            remove_member(other, member_id, actor=cast.charlie)

    assert roles_in(cast) == BEFORE
    assert [member.id for member in members(other)] == [cast.charlie.id]


@pytest.fixture
def owner(cast: Cast) -> Member:
    return make_member(cast.acme, "olga", role=Role.OWNER)


def test_an_admin_cannot_touch_owners(cast: Cast, owner: Member) -> None:
    acme = cast.acme.workspace.id
    before = roles_in(cast)
    with pytest.raises(NotAllowed):
        change_role(acme, cast.alice.id, role=Role.OWNER, actor=cast.alice)
    with pytest.raises(NotAllowed):
        change_role(acme, owner.id, role=Role.AGENT, actor=cast.alice)
    with pytest.raises(NotAllowed):
        remove_member(acme, owner.id, actor=cast.alice)
    with pytest.raises(NotAllowed):
        add_member(acme, "dana@example.com", role=Role.OWNER, actor=cast.alice)

    assert roles_in(cast) == before
    assert not User.objects.filter(email="dana@example.com").exists()


def test_an_owner_can_make_another_and_then_step_back(cast: Cast, owner: Member) -> None:
    acme = cast.acme.workspace.id
    with pytest.raises(Invalid, match="at least one owner"):
        change_role(acme, owner.id, role=Role.ADMIN, actor=owner)
    with pytest.raises(Invalid, match="at least one owner"):
        remove_member(acme, owner.id, actor=owner)

    change_role(acme, cast.alice.id, role=Role.OWNER, actor=owner)
    change_role(acme, owner.id, role=Role.ADMIN, actor=owner)

    assert roles_in(cast) | BEFORE == BEFORE | {"olga@example.com": "admin"}
    assert roles_in(cast)["alice@example.com"] == "owner"


def test_an_entry_needs_a_scope_and_names_its_actor(cast: Cast) -> None:
    with pytest.raises(ScopeError):
        audit.record("command", "thing.done", target_kind="thing")

    make_member(cast.acme, "dana", role=Role.AGENT)
    assert audit_entries(cast.acme)[-1][0] == "command"
