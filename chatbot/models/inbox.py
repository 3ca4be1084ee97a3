"""What the desk keeps beside conversations: tags, what each agent has read, and words to find."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation


class TagColour(models.TextChoices):
    """A tag is never told by its colour alone: its name is always beside it."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    VIOLET = "violet"


class ConversationTag(WorkspaceModel):
    """A word that agents sort conversations by. `key` is the folded name, so each is there once."""

    name = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    colour = models.CharField(max_length=8, choices=TagColour.choices, default=TagColour.GREY)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="conversation_tag_once"),
        ]


class Tagging(WorkspaceModel):
    """A tag on a conversation."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="taggings", db_index=False
    )
    tag = models.ForeignKey(
        ConversationTag, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "tag"], name="tagging_once"),
        ]
        indexes = [models.Index(fields=["workspace", "tag", "conversation"], name="tagged_with")]


class ReadMark(WorkspaceModel):
    """Up to which event a member has read a conversation; it only ever grows."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    staff_seq = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "member"], name="read_mark_once"),
        ]


class SearchEntry(WorkspaceModel):
    """The words of one message or note, as chatbot.search_entries writes them.

    The text itself stays in the event. `vector` also holds the workspace as a word of its own, so
    that the index never walks through another workspace's rows.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    event_id = models.UUIDField()
    author = models.CharField(max_length=8)  # as Message.author, or "note"
    at = models.DateTimeField()
    vector = SearchVectorField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["vector"], name="words_said", fastupdate=False),
            models.Index(fields=["workspace", "-at", "-id"], name="said_recently"),
        ]
