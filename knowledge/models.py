"""What we know: sources, articles, their revisions, and the passages that are indexed.

An article answers through `published_revision` alone; a revision is published only when all of
its passages are searchable. `wanted_revision` is the one that somebody decided to publish: the
worker makes it the published one. `draft_revision` waits for that decision and never answers.
Offsets are Unicode code points into `Revision.text`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from pgvector.django import VectorField

from accounts.models import Member, Workspace, WorkspaceModel


class SourceState(models.TextChoices):
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"  # no schedule starts it
    DELETING = "deleting"


class Source(WorkspaceModel):
    """Where articles come from. Those of kind site and git are read again, by hand or by schedule.

    `run` names the run that is under way or was last: steps of any other run end at once.
    `ticket` does the same for the one job that waits for the next scheduled run. `progress` is
    what the steps of a run keep for each other.
    """

    kind = models.CharField(max_length=20)  # site, git, folder, file, jsonl, upload, api, console
    name = models.CharField(max_length=200)
    location = models.CharField(max_length=500, blank=True)
    settings = models.JSONField(default=dict)
    every_hours = models.PositiveSmallIntegerField(default=0)  # 0: by hand alone
    state = models.CharField(max_length=8, choices=SourceState.choices, default=SourceState.IDLE)
    run = models.UUIDField(null=True)
    ticket = models.UUIDField(null=True)
    progress = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)  # of the run: new, changed, unchanged, retired …
    message = models.CharField(max_length=300, blank=True)  # why the last run did not end well
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="source_once")]


class PageState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"  # it is there, but shall not be an article: the problem says why
    FAILED = "failed"  # could not be had or read this time; its article stays
    GONE = "gone"  # its article is retired


class SourcePage(WorkspaceModel):
    """A page of a site or a file of a Git folder: the way from an address to its article.

    seen_in: the run that last came across it. links: where the page leads, for the next run that
    finds it unchanged.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="pages")
    address = models.CharField(max_length=1000)
    doc_id = models.CharField(max_length=300, blank=True)  # empty: it is no article
    state = models.CharField(max_length=8, choices=PageState.choices, default=PageState.WAITING)
    seen_in = models.UUIDField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # of what was read
    links = models.JSONField(default=list)
    problem = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "address"], name="source_page_once"),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "source", "state", "depth", "id"], name="source_page_queue"
            ),
            models.Index(fields=["workspace", "source", "seen_in"], name="source_page_seen"),
        ]


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
    action = models.CharField(max_length=10)  # submitted, returned, published
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
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class BulkChange(WorkspaceModel):
    """One action on many articles, in steps. `chosen`: {"ids": [...]} or {"filter": {...}}."""

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
    after = models.UUIDField(null=True)  # the last article that was looked at
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="bulk_recent")]


class Passage(WorkspaceModel):
    """A piece of a revision: `text == revision.text[start:end]`, at most 1,200 characters."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    heading_path = ArrayField(models.CharField(max_length=300), default=list)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="passage_position_once"),
        ]


class Embedding(WorkspaceModel):
    """A passage's vector under one model version; two versions can serve side by side."""

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="+")
    model_version = models.CharField(max_length=80)
    vector = VectorField(dimensions=384)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["passage", "model_version"], name="embedding_once"),
        ]
        indexes = [models.Index(fields=["workspace", "model_version"], name="embedding_scan")]


class VectorState(models.TextChoices):
    BUILDING = "building"
    READY = "ready"  # every passage has its vector
    FAILED = "failed"  # its embedder could not be used; searches keep to the shipped one


class VectorSet(WorkspaceModel):
    """Vectors of an embedder of the workspace's own, beside those of the shipped one.

    As long as the row is there, whoever publishes a passage embeds it for this set too. `files`
    maps the embedder's files to their SHA-256. After `drop_after` the set is not needed any more.
    """

    model_version = models.CharField(max_length=80)  # the embedder's fingerprint
    files = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=VectorState.choices, default=VectorState.BUILDING
    )
    drop_after = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "model_version"], name="vector_set_once"),
        ]


class UploadState(models.TextChoices):
    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


class Upload(WorkspaceModel):
    """A file from the console, kept until the knowledge worker has imported it."""

    name = models.CharField(max_length=200)
    data = models.BinaryField()  # empty once it was read
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=UploadState.choices, default=UploadState.WAITING)
    files = models.PositiveIntegerField(default=1)  # in it, as far as is known
    read = models.PositiveIntegerField(default=0)  # of them
    published = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # one line each, for the person who uploaded
    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="upload_recent")]


class Segment(WorkspaceModel):
    """Up to 65,536 passages of the BM25 index, numbered from 0. See knowledge.segments."""

    passages = models.PositiveIntegerField()
    total_length = models.BigIntegerField()  # in terms, of the living passages
    dead = models.BinaryField()  # uint16 ordinals
    first_id = models.UUIDField()
    last_id = models.UUIDField()
    passage_ids = models.BinaryField()  # 16 bytes each, by ordinal
    lengths = models.BinaryField()  # uint16 each, by ordinal

    class Meta:
        indexes = [models.Index(fields=["workspace"], name="segment_of_workspace")]


class Posting(models.Model):
    """The posting list of one term in one segment.

    Without foreign key constraints: they'd cost more than the row, and only knowledge.segments
    writes here, beside the segment itself.
    """

    pk = models.CompositePrimaryKey("workspace_id", "term", "segment_id")
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    term = models.CharField(max_length=64, db_collation="C")
    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    passages = models.PositiveIntegerField()
    postings = models.BinaryField()  # uint32 each: knowledge.postings.pack
