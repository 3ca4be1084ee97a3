"""Which queue a conversation goes to, and how urgent it is.

A queue that names languages or topics takes nothing else. Of those that take it the one that fits
its topic is chosen, then the one that names its language, then the first by name; the default
queue takes what no other one does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from accounts.chosen import once
from accounts.scope import current_workspace_id
from chatbot import together
from chatbot.models import Conversation, Priority, PriorityRule, Queue, Receipt, Turn
from knowledge.models import ArticleTag

DEFAULT_NAME = "General"
TAG = "tag:"
BUILT_IN = {"complaint": Priority.HIGH, "unsafe_topic": Priority.URGENT}


@dataclass(frozen=True)
class Chosen:
    queue: Queue
    priority: Priority


def default_queue() -> Queue:
    """The workspace's default queue, made when it is first asked for. Needs a scope."""
    found = Queue.objects.filter(is_default=True).first()
    if found:
        return found
    workspace_id = current_workspace_id()
    row = Queue(workspace_id=workspace_id, name=DEFAULT_NAME, is_default=True)
    Queue.objects.bulk_create([row], ignore_conflicts=True)
    return Queue.objects.get(is_default=True)


def choose(conversation: Conversation, *, reason: str, turn: Turn | None) -> Chosen:
    topics = {reason, *_tags(turn)}
    language = conversation.language.partition("-")[0]
    fitting = [row for row in once("queues", _named_queues) if _takes(row, topics, language)]
    fitting.sort(key=lambda row: (not row.topics, not row.languages))
    chosen = fitting[0] if fitting else once("default queue", default_queue)
    return Chosen(chosen, _priority(topics))


def _named_queues() -> list[Queue]:
    return list(Queue.objects.filter(is_default=False).order_by("name"))


def _takes(queue: Queue, topics: Collection[str], language: str) -> bool:
    if not queue.topics and not queue.languages:
        return False  # nothing is sent there by itself, only by hand
    speaks = not queue.languages or language in queue.languages
    return speaks and (not queue.topics or bool(set(queue.topics) & set(topics)))


def _priority(topics: Collection[str]) -> Priority:
    rules = once("priority rules", _rules)
    found = [Priority(rules.get(one, BUILT_IN.get(one, Priority.NORMAL))) for one in topics]
    return max(found, default=Priority.NORMAL)


def _rules() -> dict[str, int]:
    return dict(PriorityRule.objects.values_list("topic", "priority"))


def _tags(turn: Turn | None) -> set[str]:
    """The tags of the article that the bot found first."""
    if turn is None:
        return set()
    try:
        article_id = UUID(str(_found_first(turn)))
        names = once(("tags", article_id), partial(_tag_names, article_id))
    except ValueError:
        return set()
    return {f"{TAG}{name}"[:80] for name in names}


def _found_first(turn: Turn) -> object:
    """The article's id in the turn's newest receipt; None without any."""
    new = [row.evidence for row in together.added(Receipt) if row.turn_id == turn.id]
    if new:
        return new[-1][0]["article_id"] if new[-1] else None
    receipts = Receipt.objects.filter(turn=turn).order_by("-created_at")
    return receipts.values_list("evidence__0__article_id", flat=True).first()


def _tag_names(article_id: UUID) -> list[str]:
    """Of an article, by name. Needs the scope."""
    rows = ArticleTag.objects.filter(article_id=article_id).order_by("tag__name")
    return list(rows.values_list("tag__name", flat=True))
