"""Not found and not allowed look alike to strangers; a member is told what their role lacks."""

from uuid import uuid4

import pytest

from accounts import access
from accounts.errors import AccountsError, NotAllowed, NotFound, ScopeError
from accounts.members import remove_member
from accounts.models import Role, User
from accounts.scope import current_workspace_id, workspace_scope
from tests.cast import Cast, make_member

pytestmark = pytest.mark.django_db


def test_a_member_reaches_their_workspace(cast: Cast) -> None:
    member = access.member_for(cast.bob.user, workspace_slug="acme", roles=access.AGENTS)

    assert (member.id, member.workspace.slug) == (cast.bob.id, "acme")


def test_a_stranger_and_a_place_that_is_not_there_look_alike(cast: Cast) -> None:
    said = set()
    for slug in ("acme", "nowhere"):
        with pytest.raises(AccountsError) as error:
            access.member_for(cast.charlie.user, workspace_slug=slug)
        said.add((type(error.value), str(error.value)))

    assert said == {(NotFound, "no such workspace")}


def test_a_lesser_role_is_told_so(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        access.member_for(cast.bob.user, workspace_slug="acme", roles=access.ADMINS)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.OWNER, {"ADMINS", "EDITORS", "AGENTS"}),
        (Role.ADMIN, {"ADMINS", "EDITORS", "AGENTS"}),
        (Role.EDITOR, {"EDITORS"}),
        (Role.AGENT, {"AGENTS"}),
        (Role.ANALYST, set()),
    ],
)
def test_each_role_has_its_rights(cast: Cast, role: str, allowed: set[str]) -> None:
    user = make_member(cast.acme, "robin", role=role).user
    passed = set()
    for group in ("ADMINS", "EDITORS", "AGENTS"):
        try:
            access.member_for(user, workspace_slug="acme", roles=getattr(access, group))
        except NotAllowed:
            continue
        passed.add(group)

    assert passed == allowed


def test_a_member_who_was_taken_out_is_a_stranger(cast: Cast) -> None:
    remove_member(cast.acme.workspace.id, cast.bob.id, actor=cast.alice)

    assert access.memberships(cast.bob.user) == []
    with pytest.raises(NotFound):
        access.member_for(cast.bob.user, workspace_slug="acme")


def test_a_user_whose_log_in_was_switched_off_is_a_stranger(cast: Cast) -> None:
    User.objects.filter(id=cast.bob.user_id).update(is_active=False)

    with pytest.raises(NotFound):
        access.member_for(cast.bob.user, workspace_slug="acme")


def test_memberships_are_the_user_s_own_in_every_workspace(cast: Cast) -> None:
    make_member(cast.other, "alice", role=Role.AGENT)

    found = access.memberships(cast.alice.user)

    assert [(one.workspace.slug, one.role) for one in found] == [
        ("acme", "admin"),
        ("other", "agent"),
    ]
    assert [one.workspace.slug for one in access.memberships(cast.charlie.user)] == ["other"]


def test_a_widget_s_key_says_whose_it_is(cast: Cast) -> None:
    assert access.widget_workspace(cast.acme.widget_key) == cast.acme.workspace.id
    for wrong in ("", "wk_unknown", "wk_\0", "x" * 100_000):
        with pytest.raises(NotFound):
            access.widget_workspace(wrong)


def test_a_slug_that_nobody_has_is_named(cast: Cast) -> None:
    assert access.workspace_by_slug("acme") == cast.acme.workspace
    with pytest.raises(NotFound, match="nowhere"):
        access.workspace_by_slug("nowhere")


def test_one_transaction_sees_one_workspace(cast: Cast) -> None:
    acme = cast.acme.workspace.id
    with workspace_scope(acme):
        with workspace_scope(acme):
            assert current_workspace_id() == acme
        with pytest.raises(ScopeError), workspace_scope(cast.other.workspace.id):
            pass
        assert current_workspace_id() == acme


def test_without_a_scope_there_is_no_current_workspace() -> None:
    with pytest.raises(ScopeError):
        current_workspace_id()
    with workspace_scope(uuid4()):
        pass
    with pytest.raises(ScopeError):
        current_workspace_id()
