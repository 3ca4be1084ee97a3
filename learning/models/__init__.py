"""What the service learns from, as rows."""

from learning.models.audits import Audit, Verdict, WrongReason
from learning.models.confirmed import ConfirmedAnswer
from learning.models.digests import Digest, DigestGroup, DigestMail, DigestSubscription
from learning.models.gaps import GapGroup, GapQuestion, GapState, Why
from learning.models.golden import GoldenQuestion, GoldenRun, GoldenState
from learning.models.outcomes import ConversationDay, ReviewProgress
from learning.models.rehearsals import DraftCheck, PlaygroundRun
from learning.models.replays import ReplayChange, ReplayRun
from learning.models.runs import RunState, TrainingRun
from learning.models.versions import ModelVersion, SourceKind, TrainingRow, VersionState

__all__ = [
    "Audit", "ConfirmedAnswer", "ConversationDay", "Digest", "DigestGroup", "DigestMail",
    "DigestSubscription", "DraftCheck", "GapGroup", "GapQuestion", "GapState", "GoldenQuestion",
    "GoldenRun", "GoldenState", "ModelVersion", "PlaygroundRun", "ReplayChange", "ReplayRun",
    "ReviewProgress", "RunState", "SourceKind", "TrainingRow", "TrainingRun", "Verdict",
    "VersionState", "Why", "WrongReason",
]  # fmt: skip
