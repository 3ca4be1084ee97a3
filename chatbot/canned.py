"""Canned replies: texts with variables, inserted by their name.

An administrator's are the whole workspace's; everybody with a desk may have own ones. A variable
that nobody knows is refused when the text is saved, not when a visitor would read it.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import ADMINS
from accounts.errors import NotAllowed, NotFound
from accounts.ids import uuid7
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.errors import Invalid
from chatbot.models import CannedReply, Contact, Conversation
from chatbot.texts import MAX_TEXT, storable

LONGEST_NAME = 40
PAGE = 50
OFFERED = 8
MOST = 500  # of one owner
_NAME = re.compile(r"[\w-]+")
_VARIABLE = re.compile(r"\{([^{}\n]*)\}")
VARIABLES = ("visitor.name", "visitor.email", "agent.name", "workspace.name")


@dataclass(frozen=True)
class Written:
    """What somebody typed into the form."""

    name: str
    text: str
    shared: bool


@dataclass(frozen=True)
class Offered:
    """With its variables filled in for one conversation and agent."""

    name: str
    text: str
    own: bool


def save(member: Member, written: Written, *, canned_id: UUID | None = None) -> CannedReply:
    """New, or in place of one. Raises Invalid with words for the form, NotFound, NotAllowed."""
    name, text = _checked(written)
    _may(member, shared=written.shared)
    owner = None if written.shared else member
    with workspace_scope(member.workspace_id):
        of_owner = CannedReply.objects.filter(member=owner)
        row = of_owner.filter(id=canned_id).first() if canned_id else None
        if canned_id and row is None:
            raise NotFound("no such canned reply")
        if of_owner.filter(name=name).exclude(id=row.id if row else uuid7()).exists():
            raise Invalid(_("There is one of this name already."))
        if row is None and of_owner.count() >= MOST:
            raise Invalid(_("There are too many of them. Delete some first."))
        row = row or CannedReply(workspace_id=member.workspace_id, member=owner)
        if (row.name, row.text) != (name, text):
            row.name, row.text = name, text
            row.save()
            _record(member, "canned.saved", row)
    return row


def delete(member: Member, canned_id: UUID, *, shared: bool) -> None:
    """Twice is harmless. Raises NotAllowed."""
    _may(member, shared=shared)
    with workspace_scope(member.workspace_id):
        owner = None if shared else member
        row = CannedReply.objects.filter(id=canned_id, member=owner).first()
        if row is not None:
            _record(member, "canned.deleted", row)
            row.delete()


def listed(member: Member, *, shared: bool, after: str = "") -> tuple[list[CannedReply], bool]:
    """By name, 50 after this one, and whether there are more."""
    with workspace_scope(member.workspace_id):
        rows = CannedReply.objects.filter(member=None if shared else member, name__gt=after)
        found = list(rows.order_by("name")[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def offered(member: Member, conversation_id: UUID, words: str) -> list[Offered]:
    """Up to eight whose name begins with the words, then those that hold them; own ones first.

    Raises NotFound for a conversation of elsewhere.
    """
    with workspace_scope(member.workspace_id):
        conversation = (
            Conversation.objects.select_related("contact").filter(id=conversation_id).first()
        )
        if conversation is None:
            raise NotFound("no such conversation")
        rows = CannedReply.objects.filter(Q(member=None) | Q(member=member))
        words = storable(words).casefold()[:LONGEST_NAME]
        found = _first(rows.filter(name__startswith=words))
        if words and len(found) < OFFERED:
            more = Q(name__contains=words) | Q(text__icontains=words)
            found += _first(rows.filter(more).exclude(id__in=[row.id for row in found]))
        return [
            Offered(
                row.name, fill(row.text, member, conversation.contact), row.member_id is not None
            )
            for row in found[:OFFERED]
        ]


def fill(text: str, member: Member, contact: Contact) -> str:
    """A name that is not known is left out, with the space before it."""
    values = {
        "visitor.name": contact.name,
        "visitor.email": contact.email,
        "agent.name": member.display_name,
        "workspace.name": member.workspace.name,
    }
    spaced = re.compile(r"( ?)" + _VARIABLE.pattern)

    def said(match: re.Match[str]) -> str:
        value = values.get(match[2].strip(), "")
        return match[1] + value if value else ""

    return spaced.sub(said, text)


def _first(rows: QuerySet[CannedReply]) -> list[CannedReply]:
    found = list(rows.order_by("name", "id")[: OFFERED * 2])
    return sorted(found, key=lambda row: row.member_id is None)[:OFFERED]


def _checked(written: Written) -> tuple[str, str]:
    name = storable(written.name).strip().removeprefix("/").casefold()
    text = storable(written.text).replace("\r\n", "\n").strip()
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise Invalid(_("A name is letters, digits and hyphens, at most 40 of them."))
    if not text or len(text) > MAX_TEXT:
        raise Invalid(_("A text has 1 to %(most)d characters.") % {"most": MAX_TEXT})
    for variable in _VARIABLE.findall(text):
        if variable.strip() not in VARIABLES:
            known = ", ".join("{" + one + "}" for one in VARIABLES)
            raise Invalid(
                _("Nobody knows the variable {%(name)s}. There are: %(known)s")
                % {"name": variable, "known": known}
            )
    return name, text


def _may(member: Member, *, shared: bool) -> None:
    if shared and member.role not in ADMINS:
        raise NotAllowed("administrators manage the workspace's canned replies")


def _record(member: Member, action: str, row: CannedReply) -> None:
    audit.record(
        member, action, target_kind="canned_reply", target_id=row.id, name=row.name,
        shared=row.member_id is None,
    )  # fmt: skip
