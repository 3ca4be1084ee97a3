"""Questions asked before a visitor asks them: in the playground, and against a draft.

Rows of either are kept for a day, and no visitor's reply ever comes from one.
"""

from django.db import models

from accounts.models import Member, WorkspaceModel
from knowledge.models import Audience


class PlaygroundRun(WorkspaceModel):
    """One question of an editor's, and what tier 1 decided: `result` holds a learning.showing.Seen.

    `draft_id`: the unpublished revision that is tried as well; its outcome is `draft_result`.
    """

    question = models.TextField()
    history = models.JSONField(default=list)  # [role, text], oldest first
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    language = models.CharField(max_length=12, default="en")
    draft_id = models.UUIDField(null=True)
    result = models.JSONField(default=dict)
    draft_result = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="playground_by_time")]


class DraftCheck(WorkspaceModel):
    """What publishing a text would change: golden questions, and other articles that say the same.

    `doc_id` and `digest` say which text of which article was checked; `title` to `audience` are
    that text. `asked` of `total` golden questions were looked at, `affected` of them may change.
    `changes`: those whose answer does. `neighbours`: passages of others that say nearly the same.
    No `text`: the article is archived. `then`: [kind, payload] of the jobs that wait for its end.
    """

    article_id = models.UUIDField(null=True)
    doc_id = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    title = models.CharField(max_length=500)
    text = models.TextField()
    text_format = models.CharField(max_length=10, default="markdown")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    total = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    affected = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    changes = models.JSONField(default=list)
    neighbours = models.JSONField(default=list)
    then = models.JSONField(default=list)
    problem = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "doc_id", "-created_at"], name="draft_check_last"),
        ]
