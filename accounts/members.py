"""Add members, change their roles, take them out. Every change leaves an audit entry.

Who is allowed to call is checked with accounts.access.member_for(roles=ADMINS) by the surface;
what only owners may do (touch owners) is checked here. A workspace never loses its last owner.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import Invalid, NotAllowed, NotFound
from accounts.models import Member, Role, User
from accounts.scope import workspace_scope
from accounts.workspaces import lock

PASSWORD_BYTES = 12


@dataclass(frozen=True)
class AddedMember:
    """`password` is the initial one of a user made by this call, and is not kept anywhere."""

    member: Member
    password: str | None
    created: bool


def add_member(
    workspace_id: UUID,
    email: str,
    *,
    role: str,
    actor: Member | str,
    name: str = "",
    password: str | None = None,
) -> AddedMember:
    """Make the person a member, and give them a log-in if they have none.

    Somebody who was taken out comes back. The same call again changes nothing. Raises Invalid
    for a bad address or role, for a weak password, and if they are a member in another role.
    """
    email = _checked_email(email)
    _check_role(role, actor=actor)
    with workspace_scope(workspace_id):
        user, initial = _user(email, name=name.strip(), password=password)
        lock(workspace_id)
        member = Member.objects.select_related("user").filter(user=user).first()
        if member and member.is_active:
            if member.role != role:
                said = _("%(email)s is a member already, with the role %(role)s")
                raise Invalid(said % {"email": email, "role": _(member.role)})
            return AddedMember(member, initial, created=False)
        member = member or Member(workspace_id=workspace_id, user=user)
        if member.role == Role.OWNER:
            _require_owner(actor)
        member.role, member.is_active = role, True
        member.display_name = (name.strip() or user.name or email.partition("@")[0])[:80]
        member.save()
        _record(actor, "member.added", member, role=role)
    return AddedMember(member, initial, created=True)


def members(workspace_id: UUID) -> list[Member]:
    """All members, those who were taken out last. Opens the scope itself."""
    with workspace_scope(workspace_id):
        found = Member.objects.select_related("user")
        return list(found.order_by("-is_active", "display_name", "id"))


def change_role(workspace_id: UUID, member_id: UUID, *, role: str, actor: Member | str) -> Member:
    """Raises NotFound, NotAllowed, Invalid; the role they have already is no change."""
    _check_role(role, actor=actor)
    with workspace_scope(workspace_id):
        member = _locked(workspace_id, member_id, actor=actor)
        if member.role == role:
            return member
        _keep_an_owner(member)
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        _record(actor, "member.role_changed", member, before=before, after=role)
    return member


def remove_member(workspace_id: UUID, member_id: UUID, *, actor: Member | str) -> Member:
    """They cannot reach the workspace any more; what they wrote stays. Twice is harmless."""
    with workspace_scope(workspace_id):
        member = _locked(workspace_id, member_id, actor=actor)
        if not member.is_active:
            return member
        _keep_an_owner(member)
        member.is_active = False
        member.save(update_fields=["is_active"])
        _record(actor, "member.removed", member, role=member.role)
    return member


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(_("This is not an e-mail address")) from None
    return email


def _check_role(role: str, *, actor: Member | str) -> None:
    if role not in Role.values:
        raise Invalid(_("A role is one of %(roles)s") % {"roles": ", ".join(Role.values)})
    if role == Role.OWNER:
        _require_owner(actor)


def _require_owner(actor: Member | str) -> None:
    """Commands run on the server and may do what an owner may."""
    if isinstance(actor, Member) and actor.role != Role.OWNER:
        raise NotAllowed("only an owner may change owners")


def _user(email: str, *, name: str, password: str | None) -> tuple[User, str | None]:
    """The user of this address, and the password if they are new."""
    known = User.objects.filter(email=email).first()
    if known:
        return known, None
    if password is not None:
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise Invalid(" ".join(error.messages)) from None
    initial = password or secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        with transaction.atomic():
            return User.objects.create_user(email, initial, name=name[:120]), initial
    except IntegrityError:  # made by another call meanwhile
        return User.objects.get(email=email), None


def _locked(workspace_id: UUID, member_id: UUID, *, actor: Member | str) -> Member:
    lock(workspace_id)
    member = Member.objects.select_related("user").filter(id=member_id).first()
    if member is None:
        raise NotFound("no such member")
    if member.role == Role.OWNER:
        _require_owner(actor)
    return member


def _keep_an_owner(member: Member) -> None:
    if member.role != Role.OWNER or not member.is_active:
        return
    owners = Member.objects.filter(role=Role.OWNER, is_active=True)
    if not owners.exclude(id=member.id).exists():
        raise Invalid(_("A workspace keeps at least one owner"))


def _record(actor: Member | str, action: str, member: Member, **detail: str) -> None:
    audit.record(actor, action, target_kind="member", target_id=member.id, **detail)
