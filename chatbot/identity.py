"""Who a visitor is, by the word of the company's own server: a short-lived signed token.

A JWT (RFC 7519), HS256 and nothing else, made with one of the workspace's identity keys, which
its header names by `kid`. `aud` is the workspace's slug or the widget's key, `exp` at most an
hour ahead, `sub` the company's own name for its user. Only keys of the widget's workspace are
looked at, so a token is worth nothing in another one.

An anonymous visitor who becomes known keeps the conversation. A browser whose visitor was known
as somebody else begins anew: nothing of the earlier one is shown, and its token ends.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from django.utils import timezone

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot import events, mailing
from chatbot.errors import Invalid
from chatbot.identity_keys import PURPOSE
from chatbot.models import Consent, Contact, Conversation, IdentityKey, VisitorToken
from chatbot.sealing import Unreadable, opened
from chatbot.sessions import TOKEN_BYTES, digest
from chatbot.texts import storable

ALGORITHM = "HS256"
MAX_TOKEN = 4_096
LONGEST_S = 3_600
LEEWAY_S = 30  # of the two servers' clocks
BROWSER_LASTS = timedelta(days=30)
MAX_SUBJECT, MAX_NAME = 200, 120


@dataclass(frozen=True)
class Claims:
    """`subject` is the company's own name for its user. `name`, `email` may be empty."""

    subject: str
    name: str
    email: str


@dataclass(frozen=True)
class Identified:
    """`token` is the browser's from now on; None where the one that it has stays good.

    `is_other`: the browser was somebody else's before.
    """

    token: str | None
    is_other: bool


def verify(workspace_id: UUID, widget_key: str, token: str) -> Claims:
    """What the token says. Raises Invalid, always the same, for one that proves nothing."""
    try:
        claims = _decoded(workspace_id, widget_key, token)
    except (jwt.InvalidTokenError, Unreadable, UnicodeError):
        raise _refused() from None
    subject, name, email = (claims.get(field) or "" for field in ("sub", "name", "email"))
    if not all(isinstance(one, str) for one in (subject, name, email)):
        raise _refused()
    if not 1 <= len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise _refused()
    name = " ".join(storable(name).split())[:MAX_NAME]
    return Claims(subject, name, mailing.checked_address(email) if email else "")


def _decoded(workspace_id: UUID, widget_key: str, token: str) -> dict[str, Any]:
    if len(token) > MAX_TOKEN or not token.isascii():
        raise _refused()
    header = jwt.get_unverified_header(token)
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid.isprintable():
        raise _refused()
    with workspace_scope(workspace_id):
        key = IdentityKey.objects.filter(kid=kid[:40], retired_at__isnull=True).first()
        slug = Workspace.objects.values_list("slug", flat=True).get(id=workspace_id)
    if key is None:
        raise _refused()
    claims: dict[str, Any] = jwt.decode(
        token,
        opened(key.sealed, purpose=PURPOSE),
        algorithms=[ALGORITHM],
        audience=[slug, widget_key],
        leeway=LEEWAY_S,
        options={"require": ["exp", "aud", "sub"]},
    )
    if float(claims["exp"]) > time.time() + LONGEST_S + LEEWAY_S:
        raise _refused()
    with workspace_scope(workspace_id):
        IdentityKey.objects.filter(id=key.id).update(used_at=timezone.now())
    return claims


def _refused() -> Invalid:
    return Invalid("This token does not say who the visitor is", code="bad_identity")


def identify(workspace_id: UUID, contact_id: UUID, claims: Claims, *, token: str) -> Identified:
    """The browser with this visitor's token is that person's from now on.

    Locks are taken as everywhere: conversations first, then contacts, and these without their
    keys, which whoever writes to a conversation shares.
    """
    with workspace_scope(workspace_id):
        theirs = Conversation.objects.select_for_update().filter(contact_id=contact_id)
        conversations = list(theirs.order_by("id"))
        before = _held_contact(id=contact_id)
        if before and before.identified_at and before.external_id == claims.subject:
            _vouched(before, claims)
            return Identified(None, is_other=False)
        Contact.objects.get_or_create(workspace_id=workspace_id, external_id=claims.subject)
        person = _held_contact(external_id=claims.subject)
        assert person is not None
        is_other = before is not None and before.identified_at is not None
        if is_other:
            VisitorToken.objects.filter(digest=digest(token)).delete()
        elif before:  # None: another tab was faster, and has brought everything along
            _bring_along(before, person, conversations)
        _vouched(person, claims)
        return Identified(_new_browser(person), is_other=is_other)


def _held_contact(**which: object) -> Contact | None:
    return Contact.objects.select_for_update(no_key=True).filter(**which).first()


def forget(workspace_id: UUID, contact_id: UUID, *, token: str) -> bool:
    """The visitor logged out on the site: this browser's token ends. False if it was nobody's."""
    with workspace_scope(workspace_id):
        contact = Contact.objects.filter(id=contact_id, identified_at__isnull=False)
        if not contact.exists():
            return False
        VisitorToken.objects.filter(digest=digest(token)).delete()
    return True


def _vouched(person: Contact, claims: Claims) -> None:
    person.name = claims.name or person.name
    person.email = claims.email or person.email
    person.identified_at = person.last_seen_at = timezone.now()
    person.save(update_fields=["name", "email", "identified_at", "last_seen_at"])


def _bring_along(before: Contact, person: Contact, conversations: Iterable[Conversation]) -> None:
    """What an anonymous visitor has written becomes the person's; the anonymous one is no more.

    A conversation in which nothing was said goes, so that the person's own last one is shown.
    """
    for conversation in conversations:
        if not conversation.staff_seq:
            conversation.delete()
            continue
        conversation.contact = person
        conversation.save(update_fields=["contact"])
        told = {"contact_id": str(person.id)}
        events.append(conversation, "visitor.identified", {}, visitor=False, staff=told)
    Consent.objects.filter(contact=before).update(contact=person)
    if not Conversation.objects.filter(contact=before).exists():
        before.delete()


def _new_browser(person: Contact) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    VisitorToken.objects.filter(contact=person, ends_at__lt=now).delete()
    VisitorToken.objects.create(
        workspace_id=person.workspace_id,
        contact=person,
        digest=digest(token),
        ends_at=now + BROWSER_LASTS,
    )
    return token
