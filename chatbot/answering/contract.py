"""What tier 1 is asked, and what it decides."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from knowledge.unpublished import Unpublished

ANSWER, CLARIFY, DECLINE, ESCALATE, SMALLTALK, HANDOFF = (
    "answer",
    "clarify",
    "decline",
    "escalate",
    "smalltalk",
    "handoff",
)
BEING_CHECKED = "being_checked"  # a reason: answered at once, and a large model checks it
BY_HEADING = "sections "  # begins the models' version of what no model of ours has read
COMPACT_OFF = "compact_off"  # a reason: tier 1 is switched off, and finds evidence alone


@dataclass(frozen=True)
class Section:
    """A part of an article; its passages have another id in each revision."""

    article_id: str
    heading_path: tuple[str, ...]


@dataclass(frozen=True)
class AnswerRequest:
    """`history`: (role, text) with roles visitor and bot, oldest first, without the question.

    `read`: how many passages to read; None leaves it to the ranker. `clarify`: the bot may ask
    back. `decline`: it may say that a question is outside of what it helps with. `chosen`,
    `rejected`: sections of which the visitor said that they are meant, and not. `compact`: tier 1
    may answer; else it finds evidence alone. `checked_risk`: at this one it answers provisionally,
    if a large model checks it. `tone`, `people`: for fixed phrases. `draft`: a text
    that counts as published, when an editor rehearses a question; never with a visitor's.
    """

    workspace_id: UUID
    question: str
    history: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    audiences: tuple[str, ...] = ("public",)
    risk: float | None = None
    read: int | None = None
    conversation_id: UUID | None = None  # keeps to one version while a share is tried
    clarify: bool = False
    decline: bool = False
    chosen: Section | None = None
    rejected: tuple[Section, ...] = ()
    compact: bool = True
    checked_risk: float | None = None
    tone: str = "friendly"
    people: bool = True
    draft: Unpublished | None = None


@dataclass(frozen=True)
class Citation:
    number: int
    article_id: str
    title: str
    heading: str
    url: str
    quote: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Option:
    """One reading of a question, to be offered by its heading; `label` is plain text."""

    label: str
    passage_id: str
    section: Section

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Evidence:
    """A passage that was found. Offsets are code points of the revision's text.

    `answer_start`, `answer_end` and `relevance` are None where it was ranked but not read.
    """

    passage_id: str
    revision_id: str
    article_id: str
    doc_id: str
    title: str
    heading_path: tuple[str, ...]
    url: str
    start: int
    end: int
    text: str
    fused: float
    relevance: float | None = None
    margin: float | None = None
    answer_start: int | None = None
    answer_end: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Found:
    """How retrieval found a passage: in each view its cosine and BM25, None outside its best."""

    dense: tuple[float | None, ...]
    lexical: tuple[float | None, ...]


@dataclass(frozen=True)
class Decision:
    """`kind` is one of answer, clarify, decline, escalate, smalltalk, handoff; `text` is Markdown.

    `text` and `citations` of anything but an answer or small talk are what tier 1 would have
    answered. `options`: what a clarifying question offers, two or three.
    `by_heading`: found by words and headings alone, without the models; `features` are then those
    of models/sections. `ranked`: what the rankers saw of each row of evidence, in its order;
    `found`: how retrieval found it. `intent`: what the question was understood as, how likely.
    """

    kind: str
    reason: str
    confidence: float
    text: str = ""
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    threshold: float | None = None
    risk: float | None = None
    certified: bool = False  # the threshold rests on the workspace's own audits
    features: Mapping[str, float] = field(default_factory=dict)
    ranked: tuple[Mapping[str, float], ...] = ()
    found: tuple[Found, ...] = ()
    intent: str = ""
    intent_probability: float = 0.0
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    models_version: str = ""
    options: tuple[Option, ...] = ()
    provisional: bool = False  # an escalation that could be answered at once, and checked
    by_heading: bool = False
    version_id: str = ""  # the workspace's model version; empty for the shipped models
    cpu_s: float = 0.0  # of all threads, where it was measured
    cached_id: str = ""  # the kept answer of the large model that is given again
