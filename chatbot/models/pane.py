"""What agents have beside a conversation: a summary, suggestions, canned replies, drafts, marks.

All that belongs to a conversation goes with it. Nothing here is ever shown to a visitor.
"""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation
from chatbot.models.lookup import LookUp
from chatbot.models.tiers import Receipt
from chatbot.models.turn import Message
from knowledge.plain_text import plain_text


class Assist(WorkspaceModel):
    """Three lines of the dialogue in its own sentences, and whether replies were looked for.

    `message`: the visitor's newest one when it was made. `failed`: there was no model then.
    """

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    asked = models.TextField(blank=True)
    tried = models.TextField(blank=True)
    left_open = models.TextField(blank=True)
    failed = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now=True)


class Suggestion(WorkspaceModel):
    """A text of an article that may answer a visitor's message, or what an agent looked up.

    Kept: replies refer to it.

    `public`: everybody may read the article, so its words may go to a visitor. `start`, `end`:
    the words' place in the revision's text, code points.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="+")
    look_up = models.ForeignKey(
        LookUp, on_delete=models.CASCADE, null=True, related_name="suggestions"
    )
    number = models.PositiveSmallIntegerField()
    question = models.TextField()
    history = models.JSONField(default=list)  # [role, text], oldest first
    text = models.TextField()
    citation = models.JSONField(default=dict)
    article_id = models.UUIDField()
    revision_id = models.UUIDField()
    doc_id = models.CharField(max_length=200)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    public = models.BooleanField()
    relevance = models.FloatField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="suggestion_once"),
            models.UniqueConstraint(fields=["look_up", "number"], name="looked_up_once"),
            models.CheckConstraint(
                condition=Q(message__isnull=False, look_up__isnull=True)
                | Q(message__isnull=True, look_up__isnull=False),
                name="suggested_for_one",
            ),
        ]

    @property
    def words(self) -> str:
        """As the visitor will read it, without the marks of Markdown."""
        return plain_text(self.text)


class SuggestionUse(WorkspaceModel):
    """A reply that began as a suggestion; `edited`: the agent changed its words."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="+")
    edited = models.BooleanField()
    used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-used_at"], name="suggestion_use_recent")]


class CannedReply(WorkspaceModel):
    """A text to insert by its name. `member`: whose own it is; null is the whole workspace's."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=40)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "member", "name"],
                name="canned_name_once",
                nulls_distinct=False,
            ),
        ]


class MentionQuerySet(models.QuerySet["Mention"]):
    def unseen_of(self, member: Member) -> "MentionQuerySet":
        """Those that this member has not looked at, newest first."""
        return self.filter(member=member, seen_at__isnull=True).order_by("-created_at", "-id")


class Mention(WorkspaceModel):
    """`member` was named in an internal note, the event of this number."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    staff_seq = models.PositiveIntegerField()
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "staff_seq", "member"], name="mention_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "member", "-created_at"],
                condition=Q(seen_at__isnull=True),
                name="mention_unseen",
            ),
        ]


class ReplyDraft(WorkspaceModel):
    """What an agent has typed and not sent. `revision` grows with each change from any device."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=5, choices=[("reply", "reply"), ("note", "note")])
    text = models.TextField(blank=True)
    suggestion = models.ForeignKey(
        Suggestion, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "member", "mode"], name="reply_draft_once"
            ),
        ]


class AnswerVerdict(WorkspaceModel):
    """What an agent says of an answer of the bot; the last word stands.

    A selected sample: agents judge what they happen to open. It trains the score of confidence
    and says nothing about how often the bot is wrong.
    """

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(
        max_length=10,
        choices=[("right", "right"), ("wrong", "wrong"), ("incomplete", "incomplete")],
    )
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField(auto_now=True)


class DeskSettings(WorkspaceModel):
    """What administrators decide for the desk. No row: as the defaults say."""

    ask_colleague = models.BooleanField(default=False)
    colleague_minutes = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_desk_settings_row"),
            models.CheckConstraint(
                condition=Q(colleague_minutes__gte=1, colleague_minutes__lte=60),
                name="colleague_minutes_are_few",
            ),
        ]
