"""Where articles come from: sources, their pages, and uploaded files."""

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


class UploadState(models.TextChoices):
    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  # by a member; what was imported before stays


class Upload(WorkspaceModel):
    """A file from the console, kept until the knowledge worker has imported it.

    progress: {file, row}, up to where it was imported. replaces: pairs of an earlier table of this
    name that are not in it any more are archived, `retired` of them. drafted: wait for a review.
    """

    name = models.CharField(max_length=200)
    data = models.BinaryField()  # empty once it was read
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=UploadState.choices, default=UploadState.WAITING)
    files = models.PositiveIntegerField(default=1)  # in it, as far as is known
    read = models.PositiveIntegerField(default=0)  # of them
    published = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    drafted = models.PositiveIntegerField(default=0)
    retired = models.PositiveIntegerField(default=0)
    replaces = models.BooleanField(default=False)
    progress = models.JSONField(default=dict)
    problems = models.JSONField(default=list)  # one line each, see knowledge.reasons
    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)  # the reading that is under way or was last
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="upload_recent")]
