"""Workspaces and members are made once, however often and by how many they are asked for."""

import pytest

from accounts.access import api_principal, digest, widget_workspace
from accounts.errors import Invalid, NotFound
from accounts.keys import revoke_api_key
from accounts.members import members
from accounts.models import ApiKey, User, WidgetKey, Workspace
from accounts.scope import workspace_scope
from accounts.tests.entries import audit_entries
from chatbot.errors import Invalid as InvalidOrigin
from chatbot.models import Widget
from console.provisioning import Provisioned, add_member, create_workspace
from tests.cast import Cast, make_cast
from tests.together import together


def origins(place: Provisioned) -> list[str]:
    with workspace_scope(place.workspace.id):
        return Widget.objects.get(key=place.widget_key).origins


@pytest.mark.django_db
def test_the_keys_of_a_new_workspace_lead_to_it() -> None:
    made = create_workspace("acme", origins=["https://www.acme.example"])

    assert made.api_key
    assert made.api_key.startswith("fl_") and made.widget_key.startswith("wk_")
    assert api_principal(made.api_key).workspace_id == made.workspace.id
    assert widget_workspace(made.widget_key) == made.workspace.id
    assert origins(made) == ["https://www.acme.example"]
    assert [(kind, action) for kind, action, _ in audit_entries(made)] == [
        ("command", "workspace.made"),
        ("command", "widget.origins_changed"),
        ("command", "api_key.made"),
    ]


@pytest.mark.django_db
def test_the_cast_can_be_made_twice(cast: Cast) -> None:
    entries = audit_entries(cast.acme)

    again = make_cast()

    assert (again.acme, again.other) == (cast.acme, cast.other)
    assert (again.alice, again.bob, again.charlie) == (cast.alice, cast.bob, cast.charlie)
    assert audit_entries(cast.acme) == entries


@pytest.mark.django_db
def test_more_origins_are_added_and_none_is_lost() -> None:
    create_workspace("acme", origins=["https://a.example"])
    made = create_workspace("acme", origins=["https://b.example", "https://a.example"])

    assert origins(made) == ["https://a.example", "https://b.example"]


@pytest.mark.django_db
def test_what_cannot_be_accepted_makes_nothing() -> None:
    with pytest.raises(Invalid):
        create_workspace("Not A Slug")
    with pytest.raises(InvalidOrigin):
        create_workspace("acme", origins=["javascript:alert(1)"])

    assert not Workspace.objects.exists()


@pytest.mark.django_db
def test_a_revoked_initial_key_does_not_come_back(cast: Cast) -> None:
    assert cast.acme.api_key
    revoke_api_key(cast.acme.workspace.id, digest(cast.acme.api_key), actor=cast.alice)

    assert create_workspace("acme").api_key is None
    with pytest.raises(NotFound):
        api_principal(cast.acme.api_key)


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_make_one_workspace() -> None:
    first, second = together(*[lambda: create_workspace("acme", origins=["https://a.example"])] * 2)

    assert first == second
    assert WidgetKey.objects.count() == ApiKey.objects.count() == 1
    actions = [action for _, action, _ in audit_entries(first)]
    assert sorted(actions) == ["api_key.made", "widget.origins_changed", "workspace.made"]


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_make_one_member() -> None:
    workspace = create_workspace("acme").workspace
    email = "dana@example.com"

    both = together(*[lambda: add_member(workspace, email, role="agent", name="Dana")] * 2)

    assert User.objects.filter(email=email).count() == 1
    assert [member.user.email for member in members(workspace.id)] == [email]
    passwords = [added.password for added in both if added.password]
    assert len(passwords) == 1 and User.objects.get(email=email).check_password(passwords[0])
    assert sorted(added.created for added in both) == [False, True]
