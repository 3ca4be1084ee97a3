"""The risk in force and the threshold that keeps it: the workspace's own, else the shipped one."""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot.answering.contract import AnswerRequest
from chatbot.models import ServedThresholds
from inference.calibration import Calibration


@dataclass(frozen=True)
class Dial:
    """threshold: None where no confidence keeps the risk. certified: from the own audits."""

    risk: float
    threshold: float | None
    certified: bool


def dial(request: AnswerRequest, calibration: Calibration, *, version: str) -> Dial:
    """Two short queries. The risk is the request's, else the workspace's, else the server's.

    version: of what is calibrated, which keys the workspace's own thresholds.
    """
    with workspace_scope(request.workspace_id):
        chosen = WorkspaceSettings.objects.values_list("risk", flat=True).first()
        rows = ServedThresholds.objects.filter(models_version=version)
        own = rows.values_list("thresholds", flat=True).first() or {}
    risk = request.risk
    if risk is None:
        risk = float(settings.RISK_DEFAULT if chosen is None else chosen)
    level = calibration.level(risk)
    if level is not None and str(level) in own:
        return Dial(risk, own[str(level)], certified=True)
    return Dial(risk, calibration.threshold(risk), certified=False)
