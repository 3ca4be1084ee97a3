"""A token opens its own workspace until it is revoked, and is kept nowhere."""

import pytest
from pytest_django import Settings

from accounts.access import api_principal, digest
from accounts.errors import NotFound
from accounts.keys import api_keys, initial_api_key, make_api_key, revoke_api_key
from accounts.models import ApiKey, Role
from accounts.tests.entries import audit_entries
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_token_opens_its_workspace_with_its_role(cast: Cast) -> None:
    made = make_api_key(cast.acme.workspace.id, name="shop", role=Role.EDITOR, actor=cast.alice)

    who = api_principal(made.token)

    assert (who.workspace_id, who.workspace_slug) == (cast.acme.workspace.id, "acme")
    assert (who.role, who.prefix) == ("editor", made.token[:12])
    assert audit_entries(cast.acme)[-1] == (
        "member",
        "api_key.made",
        {"name": "shop", "role": "editor"},
    )


def test_only_the_digest_is_kept(cast: Cast) -> None:
    made = make_api_key(cast.acme.workspace.id, name="shop", actor=cast.alice)

    rows = [str(row) for row in ApiKey.objects.values()]

    assert len(made.token) > 40
    assert not any(made.token in row for row in rows)
    assert any(digest(made.token) in row for row in rows)


def test_two_tokens_are_never_the_same(cast: Cast) -> None:
    acme = cast.acme.workspace.id
    tokens = {make_api_key(acme, name="shop", actor="command").token for _ in range(5)}
    assert len(tokens) == 5


def test_a_revoked_token_opens_nothing(cast: Cast) -> None:
    acme = cast.acme.workspace.id
    made = make_api_key(acme, name="shop", actor=cast.alice)

    for _ in range(2):  # the second time is harmless, and no second entry
        revoke_api_key(acme, made.key.digest, actor=cast.alice)

    with pytest.raises(NotFound):
        api_principal(made.token)
    assert [key.name for key in api_keys(acme)] == ["initial"]
    actions = [action for _, action, _ in audit_entries(cast.acme)]
    assert actions.count("api_key.revoked") == 1


@pytest.mark.parametrize("token", ["", "fl_unknown", "x" * 100_000, "fl_\x00"])
def test_an_unknown_token_opens_nothing(token: str) -> None:
    with pytest.raises(NotFound):
        api_principal(token)


def test_charlie_cannot_revoke_a_key_of_acme(cast: Cast) -> None:
    assert cast.acme.api_key
    other = cast.other.workspace.id

    with pytest.raises(NotFound):
        revoke_api_key(other, digest(cast.acme.api_key), actor=cast.charlie)

    assert api_principal(cast.acme.api_key).workspace_slug == "acme"
    assert len(api_keys(other)) == 1


def test_the_initial_key_is_the_same_each_time_and_of_its_workspace(cast: Cast) -> None:
    acme, other = cast.acme.workspace.id, cast.other.workspace.id

    assert initial_api_key(acme, actor="command") == cast.acme.api_key
    assert initial_api_key(other, actor="command") == cast.other.api_key
    assert cast.acme.api_key != cast.other.api_key
    assert ApiKey.objects.filter(workspace_id=acme).count() == 1


def test_the_initial_key_stays_revoked(cast: Cast) -> None:
    assert cast.acme.api_key
    revoke_api_key(cast.acme.workspace.id, digest(cast.acme.api_key), actor=cast.alice)

    assert initial_api_key(cast.acme.workspace.id, actor="command") is None
    with pytest.raises(NotFound):
        api_principal(cast.acme.api_key)


def test_another_secret_makes_another_initial_key(cast: Cast, settings: Settings) -> None:
    settings.SECRET_KEY = "another"

    assert initial_api_key(cast.acme.workspace.id, actor="command") != cast.acme.api_key
    assert cast.acme.api_key
    assert api_principal(cast.acme.api_key).workspace_slug == "acme"  # until it is revoked
