"""What the service learns from, as rows."""

from learning.models.audits import Audit, Verdict, WrongReason
from learning.models.golden import GoldenQuestion
from learning.models.outcomes import ConversationDay, ReviewProgress
from learning.models.runs import RunState, TrainingRun
from learning.models.versions import ModelVersion, SourceKind, TrainingRow, VersionState

__all__ = [
    "Audit", "ConversationDay", "GoldenQuestion", "ModelVersion", "ReviewProgress", "RunState",
    "SourceKind", "TrainingRow", "TrainingRun", "Verdict", "VersionState", "WrongReason",
]  # fmt: skip
