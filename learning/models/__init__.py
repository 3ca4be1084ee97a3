"""What the service learns from, as rows."""

from learning.models.audits import Audit, Verdict, WrongReason

__all__ = ["Audit", "Verdict", "WrongReason"]
