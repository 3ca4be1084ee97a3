"""Four weeks of conversations, told in the order in which they happened.

The process that tells them plays the workers, so every answer is the real models' own. What an
agent or a large model says is the story's. At the end each conversation is moved to its day.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.models import Author, Conversation, Message, Owner, Receipt
from knowledge.articles import upsert_article
from learning import audits
from learning.models import Audit
from learning.tests.auditing import work
from learning.tests.outcomes import answered, large_model_replies, review, shift, verdict
from outbox import recurring
from tests.cast import Cast
from tests.pictures import asked

DAYS = 28
TRAIN_ARTICLE_AT = 5  # after so many questions about trains somebody wrote the article
SEED = 20
TRAIN_REPLY = "Yes, on every train that takes bikes, with a ticket for the bike."

Happening = Callable[[Cast], UUID]


def tell(cast: Cast) -> None:
    """All of it, with the audits, the digest of last week and the gaps that follow."""
    dice = random.Random(SEED)
    happenings = list(_happenings(dice))
    for number, happening in enumerate(happenings):
        conversation_id = happening(cast)
        age = timedelta(days=DAYS * (1 - (number + 1) / len(happenings)), minutes=20)
        _move(cast, conversation_id, age, dice)
    _judge(cast, dice)
    recurring.enqueue_due(_after_seven(timezone.now()))
    work(cast.workspace.id)
    review(cast)
    review(cast)


def _happenings(dice: random.Random) -> Iterator[Happening]:
    """Trains are asked about in their order, everything else is mixed between them."""
    others: list[Happening] = [_answered(text, dice) for text in asked.ANSWERED]
    for texts, reply in asked.UNKNOWN:
        others += [_by_agent(text, reply) for text in texts]
    for text, reply, cost_usd in asked.BY_LARGE_MODEL:
        others.append(_by_model(text, reply, cost_usd))
    dice.shuffle(others)
    every = len(others) // len(asked.TRAINS)
    for number, text in enumerate(asked.TRAINS):
        if number == TRAIN_ARTICLE_AT:
            yield _writing_about_trains
        yield _by_agent(text, TRAIN_REPLY)
        yield from others[number * every : (number + 1) * every]
    yield from others[len(asked.TRAINS) * every :]


def _answered(text: str, dice: random.Random) -> Happening:
    said = dice.choice(["", "", "", "helped", "helped", "helped", "wrong"])

    def happen(cast: Cast) -> UUID:
        visitor = answered(cast, text)
        if said and not _waits(cast, visitor.conversation_id):
            verdict(cast, visitor, said)
        return visitor.conversation_id

    return happen


def _by_agent(text: str, reply: str) -> Happening:
    """An agent answers, unless the bot was sure."""

    def happen(cast: Cast) -> UUID:
        conversation_id = answered(cast, text).conversation_id
        if _waits(cast, conversation_id):
            handoff.claim(cast.bob, conversation_id)
            handoff.reply(cast.bob, conversation_id, client_id="reply", text=reply)
            handoff.resolve(cast.bob, conversation_id)
        return conversation_id

    return happen


def _by_model(text: str, reply: str, cost_usd: float) -> Happening:
    def happen(cast: Cast) -> UUID:
        conversation_id = answered(cast, text).conversation_id
        if _waits(cast, conversation_id):
            large_model_replies(cast, conversation_id, reply, cost_usd=cost_usd)
        return conversation_id

    return happen


def _waits(cast: Cast, conversation_id: UUID) -> bool:
    with workspace_scope(cast.workspace.id):
        return Conversation.objects.filter(id=conversation_id, owner=Owner.QUEUE).exists()


def _writing_about_trains(cast: Cast) -> UUID:
    upsert_article(
        cast.workspace.id,
        doc_id="can-i-take-the-bike-on-a-train.md",
        title="Can I take the bike on a train?",
        text=asked.TRAIN_ARTICLE,
        author=cast.charlie,
    )
    work(cast.workspace.id)
    return answered(cast, asked.ANSWERED[0]).conversation_id


def _move(cast: Cast, conversation_id: UUID, age: timedelta, dice: random.Random) -> None:
    """To its day; an agent needs minutes for a reply, which the story told in one breath."""
    shift(cast, conversation_id, age)
    with workspace_scope(cast.workspace.id):
        messages = Message.objects.filter(conversation_id=conversation_id)
        for message in messages.filter(author=Author.MEMBER):
            late = timedelta(minutes=dice.randint(2, 35))
            messages.filter(id=message.id).update(created_at=message.created_at + late)
        last = messages.latest("created_at").created_at
        rows = Conversation.objects.filter(id=conversation_id)
        rows.update(last_message_at=last, created_at=last - timedelta(seconds=40))
        for receipt in Receipt.objects.filter(turn__conversation_id=conversation_id):
            Receipt.objects.filter(id=receipt.id).update(created_at=receipt.created_at - age)


def _judge(cast: Cast, dice: random.Random) -> None:
    """An agent checked all but a few of the drawn answers; what visitors liked is right."""
    with workspace_scope(cast.workspace.id):
        drawn = list(Audit.objects.order_by("drawn_at").values_list("id", "answered"))
    for audit_id, was_answered in drawn[:-6]:
        right = dice.random() < (0.95 if was_answered else 0.55)
        audits.judge(audit_id, actor=cast.bob, verdict="right" if right else "wrong")
    work(cast.workspace.id)


def _after_seven(now: datetime) -> datetime:
    return max(now, now.replace(hour=8))
