"""The risk in force and the threshold that keeps it: the workspace's own, else the shipped one."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot.answering.contract import AnswerRequest
from chatbot.models import ServedThresholds
from inference.calibration import Calibration


@dataclass(frozen=True)
class Dial:
    """threshold: None where no confidence keeps the risk. certified: from the own audits. checked:
    the threshold at the risk of answers that are checked afterwards, None where there is none."""

    risk: float
    threshold: float | None
    certified: bool
    checked: float | None = None


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
    threshold, certified = _at(risk, own, calibration)
    checked = request.checked_risk
    return Dial(
        risk, threshold, certified, None if checked is None else _at(checked, own, calibration)[0]
    )


def _at(
    risk: float, own: Mapping[str, float | None], calibration: Calibration
) -> tuple[float | None, bool]:
    """The threshold, and whether it is from the workspace's own audits."""
    level = calibration.level(risk)
    if level is not None and str(level) in own:
        return own[str(level)], True
    return calibration.threshold(risk), False
