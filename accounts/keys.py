"""API keys: made, listed, revoked. Only the SHA-256 of a token is kept, so it is shown once.

The one exception is a workspace's initial key, which is derived from DJANGO_SECRET_KEY: the
command that makes a workspace prints the same key each time, and still no token is stored.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts import audit
from accounts.access import digest
from accounts.errors import NotFound
from accounts.models import ApiKey, Member, Role
from accounts.scope import workspace_scope

PREFIX = "fl_"
INITIAL = "initial"
TOKEN_BYTES = 32
SHOWN = 12  # characters of a token that lists may show


@dataclass(frozen=True)
class NewApiKey:
    """A key and its token, which nobody can read again later."""

    key: ApiKey
    token: str


def make_api_key(
    workspace_id: UUID, *, name: str, actor: Member | str, role: str = Role.ADMIN
) -> NewApiKey:
    """A fresh key with a random token."""
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with workspace_scope(workspace_id):
        key = _store(workspace_id, token, name=name, role=role)
        _record_made(key, actor)
    return NewApiKey(key, token)


def initial_api_key(workspace_id: UUID, *, actor: Member | str) -> str | None:
    """The token that belongs to the workspace from the start; None once it was revoked.

    It is stored at the first call. With another DJANGO_SECRET_KEY there is another initial key.
    The caller holds the workspace's row, so that two calls cannot both store it.
    """
    secret = settings.SECRET_KEY.encode()
    code = hmac.digest(secret, b"firstline initial api key " + workspace_id.bytes, "sha256")
    token = PREFIX + base64.urlsafe_b64encode(code).decode().rstrip("=")
    with workspace_scope(workspace_id):
        key = ApiKey.objects.filter(digest=digest(token), workspace_id=workspace_id).first()
        if key is None:
            _record_made(_store(workspace_id, token, name=INITIAL, role=Role.ADMIN), actor)
        elif key.revoked_at:
            return None
    return token


def api_keys(workspace_id: UUID) -> list[ApiKey]:
    """The workspace's keys that work, oldest first."""
    keys = ApiKey.objects.filter(workspace_id=workspace_id, revoked_at__isnull=True)
    return list(keys.order_by("created_at", "digest"))


def revoke_api_key(workspace_id: UUID, key_digest: str, *, actor: Member | str) -> None:
    """The key stops working with its next request. Raises NotFound; twice is harmless."""
    with workspace_scope(workspace_id):
        keys = ApiKey.objects.select_for_update()
        key = keys.filter(workspace_id=workspace_id, digest=key_digest).first()
        if key is None:
            raise NotFound("no such key")
        if key.revoked_at:
            return
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        audit.record(
            actor,
            "api_key.revoked",
            target_kind="api_key",
            target_id=key.prefix,
            name=key.name,
        )


def _store(workspace_id: UUID, token: str, *, name: str, role: str) -> ApiKey:
    return ApiKey.objects.create(
        digest=digest(token),
        workspace_id=workspace_id,
        name=name[:80],
        prefix=token[:SHOWN],
        role=role,
    )


def _record_made(key: ApiKey, actor: Member | str) -> None:
    audit.record(
        actor,
        "api_key.made",
        target_kind="api_key",
        target_id=key.prefix,
        name=key.name,
        role=key.role,
    )
