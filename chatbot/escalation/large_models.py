"""A workspace's own large models: add, change, order, remove. Every change is in the audit log.

A workspace may name the vendors' own hosts, and those that the operator allows: else its admins
could have this server call whatever it can reach. A key goes in and never comes out again.

Invalid     what is given cannot be used; the message says why, for people
NotFound    no such row in this workspace
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext

from accounts import audit
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import lock
from chatbot import sealing
from chatbot.escalation.connections import SEALED_FOR
from chatbot.escalation.vendors import LOCAL, VENDORS
from chatbot.local_models import store
from chatbot.models import LargeModel

MOST = 8
LONGEST_KEY = 500
MOST_PRICE = 10_000.0
FIELDS = (
    "vendor", "base_url", "model", "price_input_per_mtok", "price_output_per_mtok", "enabled",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an admin fills in. key: None leaves the one that is kept."""

    vendor: str
    model: str
    base_url: str = ""
    key: str | None = None
    price_input_per_mtok: float | None = None
    price_output_per_mtok: float | None = None
    enabled: bool = True


def listed(workspace_id: UUID) -> Sequence[LargeModel]:
    """In the order in which they are asked."""
    with workspace_scope(workspace_id):
        return list(LargeModel.objects.order_by("position", "id"))


def add(actor: Member, wanted: Wanted) -> LargeModel:
    """At the end of the chain."""
    _check(wanted, has_key=False)
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        rows = list(LargeModel.objects.order_by("position", "id"))
        if len(rows) >= MOST:
            raise Invalid(gettext("There can be at most %(most)s large models") % {"most": MOST})
        row = LargeModel(workspace_id=actor.workspace_id, position=len(rows))
        _fill(row, wanted)
        row.save()
        audit.record(
            actor, "large_model.added", target_kind="large_model", target_id=row.id,
            before={}, after=_told(row),
        )  # fmt: skip
    return row


def change(actor: Member, row_id: UUID, wanted: Wanted) -> LargeModel:
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        row = _row(row_id)
        moved = (row.vendor, row.base_url) != (wanted.vendor, _address(wanted))
        _check(wanted, has_key=bool(row.sealed_key) and not moved)
        before = _told(row)
        if moved:  # a key is for the place that it was given for
            row.sealed_key = row.key_ends = ""
        _fill(row, wanted)
        row.save()
        audit.record(
            actor, "large_model.changed", target_kind="large_model", target_id=row.id,
            before=before, after=_told(row) | {"new_key": bool(wanted.key)},
        )  # fmt: skip
    return row


def remove(actor: Member, row_id: UUID) -> None:
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        row = _row(row_id)
        before = _told(row)
        row.delete()
        _number(list(LargeModel.objects.order_by("position", "id")))
        audit.record(
            actor, "large_model.removed", target_kind="large_model", target_id=row_id,
            before=before, after={},
        )  # fmt: skip


def move(actor: Member, row_id: UUID, *, up: bool) -> None:
    """One place up or down; at the end nothing happens."""
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        _row(row_id)
        rows = list(LargeModel.objects.order_by("position", "id"))
        at = next(number for number, row in enumerate(rows) if row.id == row_id)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(rows):
            return
        before = [row.model for row in rows]
        rows[at], rows[to] = rows[to], rows[at]
        _number(rows)
        audit.record(
            actor, "large_model.moved", target_kind="large_model", target_id=row_id,
            before={"order": before}, after={"order": [row.model for row in rows]},
        )  # fmt: skip


def _number(rows: Sequence[LargeModel]) -> None:
    for number, row in enumerate(rows):
        LargeModel.objects.filter(id=row.id).update(position=number)


def _row(row_id: UUID) -> LargeModel:
    row = LargeModel.objects.filter(id=row_id).first()
    if row is None:
        raise NotFound("no such large model")
    return row


def _fill(row: LargeModel, wanted: Wanted) -> None:
    row.vendor, row.model = wanted.vendor, wanted.model.strip()
    row.base_url = _address(wanted)
    row.price_input_per_mtok = wanted.price_input_per_mtok
    row.price_output_per_mtok = wanted.price_output_per_mtok
    row.enabled = wanted.enabled
    row.checked_at, row.check_result = None, ""
    if wanted.key:
        key = wanted.key.strip()
        row.sealed_key = sealing.seal(key, purpose=SEALED_FOR)
        row.key_ends = key[-4:] if len(key) >= 12 else ""


def _told(row: LargeModel) -> dict[str, object]:
    """Without the key."""
    return {name: getattr(row, name) for name in FIELDS}


def _address(wanted: Wanted) -> str:
    address = wanted.base_url.strip().rstrip("/")
    return "" if wanted.vendor in VENDORS and address == VENDORS[wanted.vendor].address else address


def _check(wanted: Wanted, *, has_key: bool) -> None:
    vendor = VENDORS.get(wanted.vendor)
    if vendor is None:
        raise Invalid(gettext("This provider is not known"))
    if not wanted.model.strip() or len(wanted.model) > 120:
        raise Invalid(gettext("The model needs a name of at most 120 characters"))
    if vendor.needs_key and not has_key and not (wanted.key or "").strip():
        raise Invalid(gettext("The provider asks for a key"))
    if len(wanted.key or "") > LONGEST_KEY or not (wanted.key or "").isascii():
        raise Invalid(gettext("This is not a key"))
    for price in (wanted.price_input_per_mtok, wanted.price_output_per_mtok):
        if price is not None and not 0 <= price <= MOST_PRICE:
            raise Invalid(gettext("A price lies between 0 and 10,000 dollars a million tokens"))
    if wanted.vendor == LOCAL:
        _check_in_house(wanted)
    else:
        _check_address(_address(wanted), vendor.hosts, needed=not vendor.address)


def _check_in_house(wanted: Wanted) -> None:
    if wanted.base_url.strip() or (wanted.key or "").strip():
        raise Invalid(gettext("A model in the house has no address and no key"))
    known = store.names()
    if wanted.model.strip() not in known:
        raise Invalid(
            gettext("The operator has added no such model. There are: %(names)s")
            % {"names": ", ".join(known) or gettext("none")}
        )


def _check_address(address: str, hosts: Sequence[str], *, needed: bool) -> None:
    if not address:
        if needed:
            raise Invalid(gettext("This provider needs the address of your server"))
        return
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Invalid(gettext("This is not an address")) from None
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query:
        raise Invalid(gettext("This is not an address"))
    if _is_vendors(host, hosts) and parts.scheme == "https" and port in {None, 443}:
        return
    own = urlsplit(settings.LLM_BASE_URL).netloc.rpartition("@")[2].lower()
    if parts.netloc.lower() not in {own, *settings.LLM_ALLOWED_HOSTS}:
        raise Invalid(
            gettext("The operator of this service does not allow this host: see LLM_ALLOWED_HOSTS")
        )


def _is_vendors(host: str, hosts: Sequence[str]) -> bool:
    return any(host.endswith(one) if one.startswith(".") else host == one for one in hosts)
