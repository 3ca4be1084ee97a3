"""What the service learns from, as rows."""

from learning.models.audits import Audit, Verdict, WrongReason
from learning.models.gaps import GapGroup, GapQuestion, GapState, Why
from learning.models.golden import GoldenQuestion
from learning.models.outcomes import ConversationDay, ReviewProgress
from learning.models.runs import RunState, TrainingRun
from learning.models.versions import ModelVersion, SourceKind, TrainingRow, VersionState

__all__ = [
    "Audit", "ConversationDay", "GapGroup", "GapQuestion", "GapState", "GoldenQuestion",
    "ModelVersion", "ReviewProgress", "RunState", "SourceKind", "TrainingRow", "TrainingRun",
    "Verdict", "VersionState", "Why", "WrongReason",
]  # fmt: skip
