"""The secrets with which a company's server signs who its visitors are: made, listed, retired.

Several serve at once: make a new one, change the server, retire the old one. A secret is shown
when it is made and never again; the database holds it encrypted.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import lock
from chatbot.errors import Invalid
from chatbot.models import IdentityKey
from chatbot.sealing import seal

PURPOSE = "identity"
SECRET_BYTES = 48  # 64 characters
MOST_ACTIVE = 5


@dataclass(frozen=True)
class NewIdentityKey:
    kid: str
    secret: str


def make(workspace_id: UUID, *, actor: Member) -> NewIdentityKey:
    """Raises Invalid where enough are in use."""
    made = NewIdentityKey(f"ik_{secrets.token_hex(6)}", secrets.token_urlsafe(SECRET_BYTES))
    with workspace_scope(workspace_id):
        lock(workspace_id)
        if IdentityKey.objects.filter(retired_at__isnull=True).count() >= MOST_ACTIVE:
            raise Invalid(_("At most %(most)s keys at once: retire one.") % {"most": MOST_ACTIVE})
        IdentityKey.objects.create(
            workspace_id=workspace_id,
            kid=made.kid,
            sealed=seal(made.secret, purpose=PURPOSE),
            made_by=actor,
        )
        audit.record(actor, "identity_key.made", target_kind="identity_key", target_id=made.kid)
    return made


def retire(workspace_id: UUID, kid: str, *, actor: Member) -> None:
    """It vouches for nobody any more, at once. Twice, or an unknown one: nothing happens."""
    with workspace_scope(workspace_id):
        rows = IdentityKey.objects.filter(kid=kid, retired_at__isnull=True)
        if rows.update(retired_at=timezone.now()):
            audit.record(actor, "identity_key.retired", target_kind="identity_key", target_id=kid)


def keys(workspace_id: UUID) -> list[IdentityKey]:
    """Those in use first, then the retired ones, each newest first."""
    with workspace_scope(workspace_id):
        found = list(IdentityKey.objects.select_related("made_by").order_by("-made_at")[:50])
    return sorted(found, key=lambda key: key.retired_at is not None)
