"""Answer receipts: why a reply said what it said."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot.api.errors import ErrorOut
from chatbot.api.keys import RECEIPT_READERS, principal
from chatbot.api.schemas import ReceiptOut
from chatbot.models import Receipt

router = Router(tags=["receipts"])
REFUSED = frozenset({401, 403, 404, 422, 429})


@router.get(
    "/messages/{uuid:message_id}/receipt",
    response={200: ReceiptOut, REFUSED: ErrorOut},
    operation_id="get_receipt",
)
def show(request: HttpRequest, message_id: UUID) -> ReceiptOut:
    """The receipt of a reply. What visitors and agents wrote has none (404)."""
    who = principal(request, RECEIPT_READERS)
    with workspace_scope(who.workspace_id):
        row = Receipt.objects.filter(message_id=message_id).order_by("-created_at").first()
    if row is None:
        raise NotFound("no receipt")
    return ReceiptOut.of(row)
