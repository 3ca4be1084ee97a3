"""Which queue a conversation goes to, and how urgent it is.

A queue that names languages or topics takes nothing else. Of those that take it the one that fits
its topic is chosen, then the one that names its language, then the first by name; the default
queue takes what no other one does.
"""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.scope import current_workspace_id
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
    fitting = [row for row in Queue.objects.filter(is_default=False).order_by("name")
               if _takes(row, topics, language)]  # fmt: skip
    fitting.sort(key=lambda row: (not row.topics, not row.languages))
    return Chosen(fitting[0] if fitting else default_queue(), _priority(topics))


def _takes(queue: Queue, topics: Collection[str], language: str) -> bool:
    if not queue.topics and not queue.languages:
        return False  # nothing is sent there by itself, only by hand
    speaks = not queue.languages or language in queue.languages
    return speaks and (not queue.topics or bool(set(queue.topics) & set(topics)))


def _priority(topics: Collection[str]) -> Priority:
    rules = dict(PriorityRule.objects.filter(topic__in=topics).values_list("topic", "priority"))
    found = [Priority(rules.get(one, BUILT_IN.get(one, Priority.NORMAL))) for one in topics]
    return max(found, default=Priority.NORMAL)


def _tags(turn: Turn | None) -> set[str]:
    """The tags of the article that the bot found first."""
    receipt = Receipt.objects.filter(turn=turn).order_by("-created_at").first() if turn else None
    if receipt is None or not receipt.evidence:
        return set()
    article_id = receipt.evidence[0].get("article_id")
    try:
        names = ArticleTag.objects.filter(article_id=article_id)
        return {f"{TAG}{name}"[:80] for name in names.values_list("tag__name", flat=True)}
    except (ValueError, TypeError):
        return set()
