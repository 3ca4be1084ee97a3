"""What is indexed: passages, their vectors, and the lists of words."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from pgvector.django import HalfVectorField, VectorField

from accounts.models import Member, Workspace, WorkspaceModel
from knowledge.models.articles import Article, Revision


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
        indexes = [models.Index(fields=["workspace"], name="passage_of_workspace")]


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


class NearSet(WorkspaceModel):
    """The vectors of one model version lie in the graph too. See knowledge.near.

    As long as the row is there, whoever writes a vector writes it there as well. `ready`: all of
    them lie there, so that a search may ask the graph instead of reading every vector.
    """

    model_version = models.CharField(max_length=80)
    ready = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "model_version"], name="near_set_once"),
        ]


class NearVector(models.Model):
    """A vector of a large workspace at half precision, in a graph (HNSW) of near ones.

    The table is cut by workspace, and each part has its graph. Without foreign key constraints,
    as Posting.
    """

    pk = models.CompositePrimaryKey("workspace_id", "passage_id", "model_version")
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    passage = models.ForeignKey(
        Passage, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    model_version = models.CharField(max_length=80)
    vector = HalfVectorField(dimensions=384)


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
