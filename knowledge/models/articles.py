"""Articles and their revisions: what somebody wrote, decided to publish, and what answers.

An article answers through `published_revision` alone; a revision is published only when all of
its passages are searchable. `wanted_revision` is the one that somebody decided to publish: the
worker makes it the published one. `draft_revision` waits for that decision and never answers.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from pgvector.django import VectorField

from accounts.models import Member, Workspace, WorkspaceModel
from knowledge.models.sources import Source


class Audience(models.TextChoices):
    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    INTERNAL = "internal"


class ArticleState(models.TextChoices):
    DRAFT = "draft"  # nothing was ever published
    INDEXING = "indexing"  # the wanted revision is not searchable yet
    FAILED = "failed"  # the worker gave up on the wanted revision
    PUBLISHED = "published"  # the wanted revision answers
    ARCHIVED = "archived"  # nothing answers


class DraftState(models.TextChoices):
    """Of `draft_revision`; empty where there is none."""

    WRITTEN = "draft"
    IN_REVIEW = "review"
    SENT_BACK = "returned"


class Article(WorkspaceModel):
    """`translation_group`: the id of the original, on itself and on all of its translations.

    `translated_at`: when a translation was last brought up to its original. `publish_at` and
    `archive_at` are the moments that are scheduled; the job of another moment does nothing.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=300)
    title = models.CharField(max_length=500)
    url = models.URLField(max_length=1000, blank=True)
    lang = models.CharField(max_length=12, default="en")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    published_revision = models.ForeignKey(
        "Revision", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True)
    wanted_revision = models.ForeignKey(
        "Revision", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    draft_revision = models.ForeignKey(
        "Revision", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(
        max_length=10, choices=ArticleState.choices, default=ArticleState.DRAFT
    )
    draft_state = models.CharField(max_length=8, choices=DraftState.choices, blank=True, default="")
    publish_at = models.DateTimeField(null=True)
    archive_at = models.DateTimeField(null=True)
    translation_group = models.UUIDField(null=True)
    translated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "external_id"], name="article_once"),
            models.UniqueConstraint(
                fields=["workspace", "translation_group", "lang"], name="translation_once"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-updated_at", "-id"], name="article_recent"),
            models.Index(
                fields=["workspace", "state", "-updated_at", "-id"], name="article_by_state"
            ),
            models.Index(
                fields=["workspace", "lang", "-updated_at", "-id"], name="article_by_lang"
            ),
            models.Index(
                fields=["workspace", "audience", "-updated_at", "-id"], name="article_by_audience"
            ),
            models.Index(
                fields=["workspace", "draft_state", "-updated_at", "-id"],
                condition=~models.Q(draft_state=""),
                name="article_by_draft",
            ),
            models.Index(
                fields=["workspace", "-updated_at", "-id"],
                condition=models.Q(publish_at__isnull=False) | models.Q(archive_at__isnull=False),
                name="article_scheduled",
            ),
        ]


class Revision(WorkspaceModel):
    """One version of an article. Never changed once written."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    text = models.TextField()
    text_format = models.CharField(max_length=10, default="markdown")  # markdown, text
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="revision_number_once"),
        ]


class Review(WorkspaceModel):
    """What became of a draft: who sent it for review, sent it back or published it, and why."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=10)  # submitted, returned, published, held
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["article", "-created_at"], name="review_recent")]


class Tag(WorkspaceModel):
    """A label of articles, normalised by knowledge.tags."""

    name = models.CharField(max_length=40, db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="tag_once")]


class ArticleTag(WorkspaceModel):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="labels")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "article"], name="article_tag_once")]


class ArticleWord(models.Model):
    """A word of an article's title, id or draft, for the search of the console's list.

    Without foreign key constraints, as Posting: they'd cost more than the row.
    """

    pk = models.CompositePrimaryKey("workspace_id", "word", "article_id")
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    word = models.CharField(max_length=40, db_collation="C")
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )


class Picture(WorkspaceModel):
    """A picture for articles. The file lies in the storage `pictures` under WORKSPACE/DIGEST."""

    digest = models.CharField(max_length=64)  # SHA-256 of the file as it is kept
    kind = models.CharField(max_length=4)  # png, jpg or webp
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes
    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="picture_once"),
        ]


class PictureUse(WorkspaceModel):
    """A published revision shows this picture."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "article"], name="picture_use_once"),
        ]


class BulkState(models.TextChoices):
    CHECKING = "checking"  # which golden answers get lost; nothing is changed yet
    HELD = "held"  # some do: its author decides
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class BulkChange(WorkspaceModel):
    """One action on many articles, in steps. `chosen`: {"ids": [...]} or {"filter": {...}}.

    `chosen["without"]`: ids that its author left out. `losing`: {id, title, lost, check} of each
    article by which golden questions lose their answers.
    """

    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=10)
    value = models.CharField(max_length=40, blank=True)
    chosen = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=BulkState.choices, default=BulkState.WAITING)
    total = models.PositiveIntegerField(null=True)  # counted by the first step
    seen = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # lines for the person who asked
    losing = models.JSONField(default=list)
    after = models.UUIDField(null=True)  # the last article that was looked at
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="bulk_recent")]
