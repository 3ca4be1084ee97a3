"""Which large models a workspace asks, in order: its own, else the one of the settings.

The rows are kept by chatbot.escalation.large_models. A key is opened here, for the call, and is a
secret: it is in no repr and no log line.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from chatbot import sealing
from chatbot.escalation.vendors import LOCAL, VENDORS, Vendor
from chatbot.models import LargeModel

log = logging.getLogger(__name__)
SEALED_FOR = "large model key"
NO_KEY = "not-set"  # servers on one's own machine want none, the clients want a string


@dataclass(frozen=True)
class Connection:
    """Where and how a large model is called. Prices: US dollars a million tokens; None: listed."""

    vendor_name: str
    base_url: str
    model: str
    api_key: str = field(repr=False)
    price_input: float | None = None
    price_output: float | None = None

    @property
    def vendor(self) -> Vendor:
        return VENDORS[self.vendor_name]

    @property
    def stays(self) -> bool:
        """Whether it runs in the house: nothing leaves, and no server is reached."""
        return self.vendor.protocol == LOCAL

    @property
    def destination(self) -> str:
        """The address without user, password and query."""
        parts = urlsplit(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"[:300]


def connections(workspace_id: UUID) -> tuple[Connection, ...]:
    """In the order in which they are asked; none where no large model may be. Needs the scope."""
    rows = LargeModel.objects.filter(workspace_id=workspace_id).order_by("position", "id")
    own = list(rows)
    if not own:
        return tuple(one for one in (_of_settings(),) if one)
    found = (of_row(row) for row in own if row.enabled)
    return tuple(one for one in found if one)


def leaves(chain: Sequence[Connection]) -> bool:
    """Whether a question may go to somebody else's server by this chain."""
    return not all(one.stays for one in chain)


def of_row(row: LargeModel) -> Connection | None:
    """None where its key cannot be opened any more: another DJANGO_SECRET_KEY sealed it."""
    try:
        key = sealing.opened(row.sealed_key, purpose=SEALED_FOR) if row.sealed_key else NO_KEY
    except sealing.Unreadable:
        log.error("key unreadable", extra={"event": "model_key_unreadable", "id": row.id})
        return None
    return Connection(
        vendor_name=row.vendor,
        base_url=row.base_url or VENDORS[row.vendor].address,
        model=row.model,
        api_key=key,
        price_input=row.price_input_per_mtok,
        price_output=row.price_output_per_mtok,
    )


def _of_settings() -> Connection | None:
    name = settings.LLM_PROVIDER
    if not settings.LLM_MODEL:
        return None
    if name not in VENDORS:
        log.error("unknown provider", extra={"event": "provider_unknown", "kind": name})
        return None
    priced = bool(settings.LLM_PRICE_INPUT_PER_MTOK or settings.LLM_PRICE_OUTPUT_PER_MTOK)
    return Connection(
        vendor_name=name,
        base_url=settings.LLM_BASE_URL or VENDORS[name].address,
        model=settings.LLM_MODEL,
        api_key=settings.LLM_API_KEY or NO_KEY,
        price_input=settings.LLM_PRICE_INPUT_PER_MTOK if priced else None,
        price_output=settings.LLM_PRICE_OUTPUT_PER_MTOK if priced else None,
    )
