"""Every transition from every state: it does what the table says, or Conflict and nothing."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import transitions
from chatbot.errors import Conflict
from chatbot.models import Conversation, Handoff, Owner, Status, Turn, TurnState
from chatbot.tests.conftest import Visit, new_visit
from chatbot.transitions import TABLE, Actor
from config.env import BASE_DIR

PAGE = BASE_DIR / "docs" / "decisions" / "0002-conversation-transitions.md"
STATES = list(product(Owner, Status))
KINDS = ("visitor", "bot", "system", "member")


def put(visit: Visit, owner: Owner, status: Status, holder: Member) -> None:
    """Place the row directly: only the table is under test, not the way there."""
    held = owner == Owner.MEMBER
    with workspace_scope(visit.workspace_id):
        Conversation.objects.filter(id=visit.conversation_id).update(
            owner=owner,
            status=status,
            owner_member=holder if held else None,
            queued_at=timezone.now() if owner == Owner.QUEUE else None,
            snoozed_until=timezone.now() if status == Status.SNOOZED else None,
        )
        if owner != Owner.BOT:
            Handoff.objects.create(
                workspace_id=visit.workspace_id,
                conversation_id=visit.conversation_id,
                reason="placed",
                claimed_by=holder if held else None,
            )


def move(visit: Visit, name: str, actor: Actor, *, to: Member, into: Visit) -> Conversation:
    """The transition with every argument that its name needs, and no other."""
    with workspace_scope(visit.workspace_id):
        return transitions.apply(
            visit.now(),
            name,
            actor=actor,
            reason="asked_for_person" if name == "request_handoff" else "",
            to_member=to if name == "transfer_to_member" else None,
            until=timezone.now() + timedelta(hours=1) if name == "snooze" else None,
            into=into.now() if name == "merge" else None,
        )


def actors(name: str, holder: Member) -> list[Actor]:
    found = {kind: Actor(kind, holder if kind == "member" else None) for kind in KINDS}
    return [found[kind] for kind in sorted(TABLE[name].actors)]


@pytest.mark.parametrize("state", STATES, ids="-".join)
@pytest.mark.parametrize("name", TABLE)
def test_each_transition_from_each_state(
    name: str, state: tuple[Owner, Status], alice: Member, bob: Member
) -> None:
    for actor in actors(name, alice):
        visit, into = new_visit(alice.workspace_id), new_visit(alice.workspace_id)
        put(visit, *state, holder=alice)
        before = visit.now()
        if state in TABLE[name].sources:
            move(visit, name, actor, to=bob, into=into)
            row = visit.now()
            assert (row.owner, row.status) == TABLE[name].target
            assert (row.owner_member is not None) == (row.owner == Owner.MEMBER)
            with workspace_scope(visit.workspace_id):
                running = Handoff.objects.filter(conversation=row, ended_at__isnull=True)
                assert running.count() == (row.owner != Owner.BOT)
        else:
            with pytest.raises(Conflict):
                move(visit, name, actor, to=bob, into=into)
            assert vars_of(visit.now()) == vars_of(before)
            assert visit.kinds() == []


def vars_of(row: Conversation) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("name", TABLE)
def test_only_the_actors_of_the_table_may(name: str, alice: Member, bob: Member) -> None:
    for kind in set(KINDS) - TABLE[name].actors:
        visit, into = new_visit(alice.workspace_id), new_visit(alice.workspace_id)
        put(visit, *TABLE[name].sources[0], holder=alice)
        actor = Actor(kind, alice if kind == "member" else None)
        with pytest.raises(Conflict, match=f"{kind} may not {name}"):
            move(visit, name, actor, to=bob, into=into)
        assert (visit.now().owner, visit.now().status) == TABLE[name].sources[0]


BY_MEMBER = [name for name, row in TABLE.items() if "member" in row.actors]


@pytest.mark.parametrize("name", BY_MEMBER)
def test_a_colleague_does_not_move_what_alice_holds(
    name: str, alice: Member, bob: Member, vera: Visit
) -> None:
    sources = [state for state in TABLE[name].sources if state[0] == Owner.MEMBER]
    for state in sources:
        visit = new_visit(vera.workspace_id)
        put(visit, *state, holder=alice)
        with pytest.raises(Conflict, match="Alice has this conversation"):
            move(visit, name, transitions.by(bob), to=bob, into=vera)
        assert visit.now().owner_member == alice
        assert visit.kinds() == []


def test_a_transfer_to_the_holder_changes_nothing(alice: Member, vera: Visit) -> None:
    put(vera, Owner.MEMBER, Status.OPEN, holder=alice)
    with pytest.raises(Conflict):
        move(vera, "transfer_to_member", transitions.by(alice), to=alice, into=vera)
    assert vera.kinds() == []


def test_a_merged_conversation_never_moves_again(alice: Member, vera: Visit) -> None:
    into = new_visit(vera.workspace_id)
    move(vera, "merge", transitions.by(alice), to=alice, into=into)
    for name in ("reopen", "merge"):
        with pytest.raises(Conflict, match="joined with another"):
            move(vera, name, transitions.by(alice), to=alice, into=into)
    assert vera.now().merged_into_id == into.conversation_id


def test_what_ends_a_turn_ends_all_that_wait(alice: Member, vera: Visit) -> None:
    for name, state in (("request_handoff", "handed_off"), ("take_over", "cancelled")):
        visit = new_visit(vera.workspace_id)
        visit.says("How do I reset my password?")
        actor = actors(name, alice)[0]
        move(visit, name, actor, to=alice, into=vera)
        with workspace_scope(visit.workspace_id):
            turn = Turn.objects.get(conversation_id=visit.conversation_id)
        assert (turn.state, turn.closed_at is not None) == (TurnState(state), True)


def test_snoozing_is_nothing_that_the_visitor_hears_of(alice: Member, vera: Visit) -> None:
    put(vera, Owner.MEMBER, Status.OPEN, holder=alice)
    move(vera, "snooze", transitions.by(alice), to=alice, into=vera)
    move(vera, "wake", transitions.SYSTEM, to=alice, into=vera)
    assert vera.kinds() == ["status.changed", "status.changed"]
    assert vera.kinds(visitor=True) == []
    assert vera.now().owner_member == alice


def test_the_page_shows_the_table_as_it_is(
    alice: Member, bob: Member, vera: Visit, told: Callable[[str], str]
) -> None:
    """docs/decisions/0002: name, before, after, who, and what the visitor is told."""
    rows = re.findall(
        r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$",
        PAGE.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    shown = {name: rest for name, *rest in rows}
    expected = {
        name: [
            ", ".join("/".join(state) for state in row.sources),
            "/".join(row.target),
            ", ".join(sorted(row.actors)),
            told(name),
        ]
        for name, row in TABLE.items()
    }
    assert shown == expected


@pytest.fixture
def told(alice: Member, bob: Member, vera: Visit) -> Callable[[str], str]:
    """What the visitor reads after a transition, made by carrying it out."""

    def lines(name: str) -> str:
        visit = new_visit(vera.workspace_id)
        put(visit, *TABLE[name].sources[0], holder=alice)
        with workspace_scope(visit.workspace_id):
            actor = actors(name, alice)[0]
            move(visit, name, actor, to=bob, into=vera)
        texts = [event.payload["text"] for event in visit.events(visitor=True)]
        line = " ".join(texts).replace("Alice", "NAME").replace("Bob", "NAME")
        return line or "nothing"

    return lines
