"""Which turns are drawn for an audit: a set share of those that tier 1 weighed.

Answered or not makes no difference, so what is learned from the drawn turns holds for all. Chance
is a keyed hash of the turn's id: a retry draws the same, and nobody outside can tell beforehand.
"""

import hashlib
import hmac
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from accounts.models import WorkspaceSettings
from chatbot.models import Receipt
from outbox.queue import enqueue

SALT = "chatbot.sampling.audit"
BITS = 256


def audit_share() -> float:
    """The share of the scope's workspace, else the server's."""
    chosen = WorkspaceSettings.objects.values_list("audit_share", flat=True).first()
    return float(settings.AUDIT_SHARE_DEFAULT if chosen is None else chosen)


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    """As django.utils.crypto.salted_hmac makes it, once instead of for each of many turns."""
    return hashlib.sha256(SALT.encode() + secret.encode()).digest()


def chance(turn_id: UUID) -> float:
    """Uniform in [0, 1), always the same for a turn."""
    digest = hmac.digest(_key(settings.SECRET_KEY), str(turn_id).encode(), "sha256")
    return (int.from_bytes(digest) >> (BITS - 53)) / 2**53  # what a float can hold exactly


def draw_for_audit(receipt: Receipt) -> bool:
    """Ask for an audit of a drawn turn, in the transaction of its receipt.

    Only a decision that has a text can be judged right or wrong: what no threshold would let
    through (nothing found, no words, models away, a greeting) is not weighed. What was asked back,
    declined or handed to a person has the text that a lower threshold would have shown instead.
    """
    weighed = receipt.text and receipt.features
    share = audit_share() if weighed else 0.0
    if chance(receipt.turn_id) >= share:
        return False
    enqueue(
        "draw_audit",
        workspace_id=receipt.workspace_id,
        payload={"receipt_id": str(receipt.id), "share": share},
        queue="knowledge",
        dedup_key=str(receipt.id),
    )
    return True
