"""Who a visitor is by the company's own word, and that no other word counts."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest

from accounts.models import AuditEntry, Workspace
from accounts.scope import workspace_scope
from chatbot import asking, identity, identity_keys, intake
from chatbot.consumers.base import in_database
from chatbot.errors import Invalid
from chatbot.identity_keys import NewIdentityKey
from chatbot.models import Contact, Conversation, IdentityKey, Message, VisitorToken
from chatbot.sealing import Unreadable, opened, seal
from chatbot.sessions import VisitorSession, start_session
from chatbot.tests.sockets import visitor_socket
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def key_of(cast: Cast) -> NewIdentityKey:
    return identity_keys.make(cast.workspace.id, actor=cast.alice)


def signed(key: NewIdentityKey, sub: str = "u1", **more: Any) -> str:
    """As the company's server would; `header` and `alg` are for those that lie."""
    header = {"kid": key.kid} | more.pop("header", {})
    alg = more.pop("alg", "HS256")
    claims = {"sub": sub, "aud": "acme", "exp": int(time.time()) + 600} | more
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, "" if alg == "none" else key.secret, algorithm=alg, headers=header)


def identify(cast: Cast, session: VisitorSession, token: str) -> VisitorSession:
    """What the socket does."""
    claims = identity.verify(cast.workspace.id, cast.acme.widget_key, token)
    found = identity.identify(cast.workspace.id, session.contact_id, claims, token=session.token)
    return begin(cast, found.token or session.token)


def begin(cast: Cast, token: str | None = None) -> VisitorSession:
    return start_session(cast.workspace.id, cast.acme.widget_key, token=token, language="en")


def says(cast: Cast, session: VisitorSession, text: str) -> None:
    where = (cast.workspace.id, session.conversation_id, session.contact_id)
    intake.post_visitor_message(*where, client_id=text, text=text)


def read(cast: Cast, session: VisitorSession) -> list[str]:
    with workspace_scope(cast.workspace.id):
        rows = Message.objects.filter(conversation_id=session.conversation_id)
        return list(rows.order_by("created_at").values_list("text", flat=True))


def state(cast: Cast) -> Any:
    with workspace_scope(cast.workspace.id):
        return (
            list(Contact.objects.order_by("id").values()),
            list(Conversation.objects.order_by("id").values()),
            list(VisitorToken.objects.order_by("id").values()),
        )


def test_an_anonymous_visitor_becomes_known_and_keeps_the_conversation(cast: Cast) -> None:
    key = key_of(cast)
    says(cast, cast.vera, "Before")
    token = signed(key, name="Vera", email="vera@example.com")
    known = identify(cast, cast.vera, token)
    assert known.identified and known.token != cast.vera.token
    assert known.conversation_id == cast.vera.conversation_id and read(cast, known) == ["Before"]
    assert begin(cast, cast.vera.token).conversation_id != known.conversation_id
    assert identify(cast, known, token).token == known.token
    with workspace_scope(cast.workspace.id):
        person = Contact.objects.get(external_id="u1")
        assert (person.name, person.email) == ("Vera", "vera@example.com")
        assert IdentityKey.objects.get().used_at


def test_history_follows_the_person_to_another_device(cast: Cast) -> None:
    key = key_of(cast)
    first = identify(cast, cast.vera, signed(key))
    says(cast, first, "On the laptop")
    phone = identify(cast, begin(cast), signed(key))
    assert phone.token != first.token and read(cast, phone) == ["On the laptop"]
    assert begin(cast, first.token).conversation_id == phone.conversation_id


def test_two_tabs_that_say_it_at_once_are_one_person(cast: Cast) -> None:
    token = signed(key_of(cast))
    says(cast, cast.vera, "Before")
    both = [identify(cast, cast.vera, token) for _ in range(2)]  # the second comes too late
    assert both[0].conversation_id == both[1].conversation_id
    assert read(cast, both[1]) == ["Before"]


def test_another_person_on_the_same_browser_sees_nothing_of_the_first(cast: Cast) -> None:
    key = key_of(cast)
    first = identify(cast, cast.vera, signed(key, "u1"))
    says(cast, first, "My secret")
    second = identify(cast, first, signed(key, "u2"))
    assert second.contact_id != first.contact_id and read(cast, second) == []
    assert not begin(cast, first.token).identified, "the earlier token is nobody's"
    assert identity.forget(cast.workspace.id, second.contact_id, token=second.token)
    assert not identity.forget(cast.workspace.id, cast.vera.contact_id, token="x")
    assert begin(cast, second.token).conversation_id != second.conversation_id
    again = identify(cast, begin(cast), signed(key, "u1"))
    assert read(cast, again) == ["My secret"]


def lies(key: NewIdentityKey, other: NewIdentityKey, retired: NewIdentityKey) -> dict[str, str]:
    now = int(time.time())
    good = signed(key)
    return {
        "none": signed(key, alg="none"),
        "another algorithm": signed(key, alg="HS512"),
        "expired": signed(key, exp=now - 120),
        "too far ahead": signed(key, exp=now + 2 * 3_600),
        "no end": signed(key, exp=None),
        "no subject": signed(key, sub=None),  # type: ignore[arg-type]  # what a bad server sends
        "empty subject": signed(key, sub=""),
        "subject that is no text": signed(key, sub="a\x00b"),
        "another audience": signed(key, aud="other"),
        "no audience": signed(key, aud=None),
        "retired": signed(retired),
        "of another workspace": signed(other),
        "unknown kid": signed(key, header={"kid": "ik_unknown"}),
        "no kid": signed(key, header={"kid": ""}),
        "another's secret": signed(NewIdentityKey(key.kid, other.secret)),
        "altered": good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB"),
        "no address": signed(key, email="nonsense"),
        "no token": "x.y.z",
        "empty": "",
        "not ASCII": "ä",
        "endless": "a" * 5_000,
    }


def test_what_proves_nothing_changes_nothing(cast: Cast) -> None:
    key, retired = key_of(cast), key_of(cast)
    identity_keys.retire(cast.workspace.id, retired.kid, actor=cast.alice)
    other = identity_keys.make(cast.other.workspace.id, actor=cast.charlie)
    before = state(cast)
    for name, token in lies(key, other, retired).items():
        with pytest.raises(Invalid):
            identify(cast, cast.vera, token)
        assert state(cast) == before, name
    for audience in ("acme", cast.acme.widget_key, ["x", "acme"]):
        identity.verify(cast.workspace.id, cast.acme.widget_key, signed(key, aud=audience))
    replayed = signed(key, aud=["acme", "other"])
    with pytest.raises(Invalid):
        identity.verify(cast.other.workspace.id, cast.other.widget_key, replayed)


def test_known_visitors_may_read_more_for_a_while(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def audiences(session: VisitorSession) -> tuple[str, ...]:
        with workspace_scope(cast.workspace.id):
            row = Conversation.objects.get(id=session.conversation_id)
            return asking.audiences_of(row)

    assert audiences(cast.vera) == ("public",)
    known = identify(cast, cast.vera, signed(key_of(cast)))
    assert audiences(known) == ("public", "signed_in")
    monkeypatch.setattr(asking, "SIGNED_IN_FOR", timedelta(0))
    assert audiences(known) == ("public",)


def test_secrets_are_sealed_at_rest_and_keys_are_few(cast: Cast) -> None:
    made = [key_of(cast) for _ in range(identity_keys.MOST_ACTIVE)]
    with pytest.raises(Invalid):
        key_of(cast)
    with workspace_scope(cast.workspace.id):
        rows = {row.kid: row.sealed for row in IdentityKey.objects.all()}
        logged = str(list(AuditEntry.objects.values_list("detail", "target_id")))
    assert all(one.secret not in rows[one.kid] and one.secret not in logged for one in made)
    assert opened(rows[made[0].kid], purpose="identity") == made[0].secret
    with pytest.raises(Unreadable):
        opened(seal("x", purpose="a"), purpose="b")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("short_connections")
async def test_the_socket_changes_to_the_persons_session(cast: Cast) -> None:
    key = await in_database(key_of, cast)
    async with visitor_socket(cast.acme.widget_key) as socket:
        await socket.send("session.identify", token="x")
        await socket.error("not_started")
        await socket.send("session.start", token=cast.vera.token)
        started = await socket.until("session.started")
        assert (started["identified"], started["is_other"]) == (False, False)
        await socket.send("session.identify", token="x.y.z")
        await socket.error("bad_identity")
        await socket.send("message.send", client_id="a", text="Mine")
        await socket.event("message.posted")
        await socket.send("session.identify", token=signed(key, "u1"))
        first = await socket.until("session.started")
        assert first["identified"] and first["conversation_id"] == started["conversation_id"]
        await socket.send("session.identify", token=signed(key, "u2"))
        second = await socket.until("session.started")
        assert second["is_other"] and second["conversation_id"] != first["conversation_id"]
        assert second["seq"] == 0
        await socket.settle()
        await socket.send("message.send", client_id="b", text="Theirs")
        posted = await socket.event("message.posted")
        assert (posted["seq"], posted["payload"]["text"]) == (1, "Theirs")
        await socket.send("session.identify", token=None)
        third = await socket.until("session.started")
        assert third["is_other"] and not third["identified"] and third["seq"] == 0


def test_the_workspace_of_a_key_is_its_own(cast: Cast) -> None:
    key_of(cast)
    assert identity_keys.keys(cast.other.workspace.id) == []
    with workspace_scope(cast.workspace.id):
        kid = IdentityKey.objects.get().kid
    identity_keys.retire(cast.other.workspace.id, kid, actor=cast.charlie)
    assert identity_keys.keys(cast.workspace.id)[0].retired_at is None
    assert Workspace.objects.count() == 2
