"""Who owns a conversation, and how that changes. The only writer of owner and status.

The table is data; docs/decisions/0002-conversation-transitions.md shows it, and a test compares
both.
`apply` is one conditional UPDATE: a count other than 1 means that somebody else was faster.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import Member
from chatbot import events, handling, phrases, presence, reply_mail, together, voices
from chatbot.errors import Conflict
from chatbot.models import (
    Conversation,
    EscalationState,
    Handoff,
    Owner,
    Placement,
    QuestionState,
    Queue,
    Status,
    Turn,
    TurnState,
)
from chatbot.queues import places

State = tuple[Owner, Status]
WAITING = [TurnState.OPEN, TurnState.ESCALATED, TurnState.CONSENT, TurnState.COLLEAGUE]
_END_TURNS = """
WITH ended AS (
    UPDATE chatbot_turn SET state = %(state)s, closed_at = %(now)s
    WHERE conversation_id = %(conversation)s AND state = ANY(%(waiting)s)
    RETURNING id
), cancelled AS (
    UPDATE chatbot_escalation SET state = %(cancelled)s, ended_at = %(now)s
    WHERE turn_id IN (SELECT id FROM ended) AND state = ANY(%(running)s)
)
UPDATE chatbot_colleaguequestion SET state = %(withdrawn)s, ended_at = %(now)s
WHERE turn_id IN (SELECT id FROM ended) AND state = %(asked)s
"""
BOT, QUEUE, MEMBER = (owner for owner in (Owner.BOT, Owner.QUEUE, Owner.MEMBER))
OPEN, SNOOZED, RESOLVED = Status.OPEN, Status.SNOOZED, Status.RESOLVED
UNRESOLVED: tuple[State, ...] = (
    (BOT, OPEN),
    (QUEUE, OPEN),
    (MEMBER, OPEN),
    (MEMBER, SNOOZED),
)


@dataclass(frozen=True)
class Transition:
    """From any of `sources` to `target`, by one of `actors` (visitor, bot, member, system)."""

    name: str
    sources: tuple[State, ...]
    target: State
    actors: frozenset[str]
    ends_turns: TurnState | None = None  # what becomes of turns that wait for the bot


def _row(
    name: str,
    sources: tuple[State, ...],
    target: State,
    actors: str,
    ends_turns: TurnState | None = None,
) -> tuple[str, Transition]:
    return name, Transition(name, sources, target, frozenset(actors.split()), ends_turns)


TABLE: Mapping[str, Transition] = dict(
    [
        _row(
            "request_handoff",
            ((BOT, OPEN),),
            (QUEUE, OPEN),
            "visitor bot system",
            TurnState.HANDED_OFF,
        ),
        _row("claim", ((QUEUE, OPEN),), (MEMBER, OPEN), "member"),
        _row("take_over", ((BOT, OPEN),), (MEMBER, OPEN), "member", TurnState.CANCELLED),
        _row("give_back", ((MEMBER, OPEN),), (BOT, OPEN), "member"),
        _row("release", ((MEMBER, OPEN),), (QUEUE, OPEN), "member"),
        _row("transfer_to_member", ((MEMBER, OPEN),), (MEMBER, OPEN), "member"),
        _row("transfer_to_queue", ((MEMBER, OPEN), (QUEUE, OPEN)), (QUEUE, OPEN), "member"),
        _row("agent_silent", ((MEMBER, OPEN),), (QUEUE, OPEN), "system"),
        _row("agent_gone", ((MEMBER, OPEN),), (QUEUE, OPEN), "system"),
        _row("visitor_gone", ((MEMBER, OPEN),), (BOT, RESOLVED), "system", TurnState.CANCELLED),
        _row("visitor_left", ((QUEUE, OPEN),), (BOT, RESOLVED), "system", TurnState.CANCELLED),
        _row("cancel_wait", ((QUEUE, OPEN),), (BOT, OPEN), "visitor"),
        _row("nobody_there", ((QUEUE, OPEN),), (BOT, OPEN), "system"),
        _row("resolve", UNRESOLVED, (BOT, RESOLVED), "visitor member system", TurnState.CANCELLED),
        _row("reopen", ((BOT, RESOLVED),), (BOT, OPEN), "visitor member"),
        _row("snooze", ((MEMBER, OPEN),), (MEMBER, SNOOZED), "member"),
        _row("wake", ((MEMBER, SNOOZED),), (MEMBER, OPEN), "visitor member system"),
        _row(
            "merge",
            (*UNRESOLVED, (BOT, RESOLVED)),
            (BOT, RESOLVED),
            "member",
            TurnState.CANCELLED,
        ),
    ]
)


@dataclass(frozen=True)
class Actor:
    """`kind` as in the table; `member` where a member acts."""

    kind: str
    member: Member | None = None


VISITOR, BOT_ACTOR, SYSTEM = Actor("visitor"), Actor("bot"), Actor("system")


def by(member: Member) -> Actor:
    return Actor("member", member)


def apply(
    conversation: Conversation,
    name: str,
    *,
    actor: Actor,
    reason: str = "",
    to_member: Member | None = None,
    until: datetime | None = None,
    into: Conversation | None = None,
    turn: Turn | None = None,
    queue: Queue | None = None,
) -> Conversation:
    """Carry out one transition inside the caller's transaction; returns the fresh row, locked.

    Raises Conflict if the conversation is not in one of the transition's source states, or is
    held by another member than the one who acts.
    """
    transition = TABLE[name]
    if actor.kind not in transition.actors:
        raise Conflict(f"{actor.kind} may not {name}")
    before = events.lock(conversation.id)
    target = to_member or (actor.member if transition.target[0] == MEMBER else None)
    if name in {"wake", "snooze"}:
        target = before.owner_member
    changes: dict[str, Any] = {
        "owner": transition.target[0].value,
        "status": transition.target[1].value,
        "owner_member": target if transition.target[0] == MEMBER else None,
        "queued_at": places.waiting_since(before, name) if transition.target[0] == QUEUE else None,
        "snoozed_until": until if transition.target[1] == SNOOZED else None,
        "merged_into": into,
    }
    changed = (
        Conversation.objects.filter(_allowed(transition, actor), id=conversation.id)
        .filter(merged_into__isnull=True)
        .exclude(_no_change(name, target))
        .update(**changes)
    )
    if changed != 1:
        raise Conflict(_why_not(before, name))
    after = copy(before)  # under the lock nobody else changes it
    for field, value in changes.items():
        setattr(after, field, value)
    together.moved(after)
    if transition.ends_turns:
        end_turns(after, transition.ends_turns)
    why = reason or name
    place = places.follow(before, after, name, reason=why, turn=turn, queue=queue)
    _track_handoff(after, transition, reason=why, turn=turn, place=place)
    _tell(before, after, transition, reason=why, place=place)
    return after


def _allowed(transition: Transition, actor: Actor) -> Q:
    """Source states; a member may move what they hold or what no member holds."""
    states = Q(pk__in=[])
    for owner, status in transition.sources:
        states |= Q(owner=owner, status=status)
    if actor.member:
        states &= Q(owner_member__isnull=True) | Q(owner_member=actor.member)
    return states


def _no_change(name: str, target: Member | None) -> Q:
    """Handing a conversation to the member who has it already changes nothing."""
    if name == "transfer_to_member" and target is not None:
        return Q(owner_member=target)
    return Q(pk__in=[])


def _why_not(conversation: Conversation, name: str) -> str:
    if conversation.owner == MEMBER and conversation.owner_member:
        return f"{conversation.owner_member.display_name} has this conversation"
    if conversation.merged_into_id:
        return "This conversation was joined with another one"
    if conversation.status == RESOLVED:
        return "This conversation is resolved"
    return f"Not possible now ({name}): the conversation is with the {conversation.owner}"


def end_turns(conversation: Conversation, state: TurnState) -> None:
    """Close the turns that still wait for the bot, and cancel their escalations.

    One statement: a conversation is handed over for each visitor at once when a server dies.
    """
    values: dict[str, Any] = {
        "state": state,
        "now": timezone.now(),
        "conversation": conversation.id,
        "waiting": WAITING,
        "running": [EscalationState.REQUESTED, EscalationState.RUNNING],
        "cancelled": EscalationState.CANCELLED,
        "asked": QuestionState.OPEN,
        "withdrawn": QuestionState.WITHDRAWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_END_TURNS, values)
    together.turns_changed(conversation.id)


def _track_handoff(
    conversation: Conversation,
    transition: Transition,
    *,
    reason: str,
    turn: Turn | None,
    place: Placement | None,
) -> None:
    """Keep one open Handoff row while a conversation is with people."""
    now = timezone.now()
    running = Handoff.objects.filter(conversation=conversation, ended_at__isnull=True)
    only_of_bot = all(owner == BOT for owner, _ in transition.sources)  # then none is open
    if transition.name == "claim":
        running.update(claimed_by=conversation.owner_member, claimed_at=now)
        return
    if transition.name in {"snooze", "wake"}:
        return
    if not only_of_bot:
        handling.record_handled(conversation, running.select_related("turn"), now)
        running.update(ended_at=now, outcome=transition.name)
    if conversation.owner == BOT:
        return
    taken = conversation.owner == MEMBER
    row = Handoff(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        turn=turn,
        reason=reason,
        queue=place.queue if place else None,
        claimed_by=conversation.owner_member if taken else None,
        claimed_at=now if taken else None,
    )
    together.add(row)


def _tell(
    before: Conversation,
    after: Conversation,
    transition: Transition,
    *,
    reason: str,
    place: Placement | None,
) -> None:
    """Events that say what changed, with the line that the visitor reads."""
    moved = (before.owner, before.owner_member_id) != (after.owner, after.owner_member_id)
    if moved and after.status != RESOLVED:
        holder = {
            "owner_member_id": str(after.owner_member_id) if after.owner_member_id else None,
            "queue": place.queue.name if place else None,
            "priority": place.get_priority_display().lower() if place else None,
        }
        payload = _owner_payload(after, transition, reason)
        events.append(after, "owner.changed", payload, staff=holder)
    if before.status != after.status:
        payload = {
            "status": after.status,
            "owner": after.owner,
            "reason": reason,
            "text": phrases.status(after.language, after.status, tone=voices.voice().tone),
        }
        events.append(
            after, "status.changed", payload, visitor=SNOOZED not in {before.status, after.status}
        )


def _owner_payload(
    conversation: Conversation, transition: Transition, reason: str
) -> dict[str, Any]:
    member = conversation.owner_member
    name = member.display_name if member else ""
    return {
        "owner": conversation.owner,
        "agent_name": name or None,
        "reason": reason,
        "text": _owner_text(conversation, transition, reason, name),
        "email_wanted": conversation.owner == QUEUE and reply_mail.wanted_now(),
    }


def _owner_text(conversation: Conversation, transition: Transition, reason: str, name: str) -> str:
    """Whoever waits for people while nobody is there is told so, and when somebody is back."""
    language, voice = conversation.language, voices.voice()
    asked = transition.name == "request_handoff"
    there = presence.presence()
    if conversation.owner == QUEUE and not there.here:
        why = reason if asked else "asked_for_person"
        return phrases.away(language, why, back=there.back, tone=voice.tone)
    if asked:
        return phrases.handoff(language, reason, tone=voice.tone)
    return phrases.owner(language, transition.name, name=name, tone=voice.tone, people=voice.people)
