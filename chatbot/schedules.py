"""What of the conversations' work comes again."""

from datetime import datetime
from uuid import UUID

from chatbot import attachments, closing
from chatbot.models import Attachment
from outbox.recurring import recurring


@recurring(closing.KIND, queue=closing.QUEUE)
def hour_to_close(workspace_id: UUID, now: datetime) -> str | None:
    """Once an hour, where silence closes conversations."""
    return f"hour:{now:%Y-%m-%dT%H}" if closing.silence_hours() is not None else None


@recurring(attachments.SWEEP, queue=attachments.QUEUE)
def day_to_forget_unsent_files(workspace_id: UUID, now: datetime) -> str | None:
    """Once a day, where there are any."""
    unsent = Attachment.objects.filter(message=None)
    return f"day:{now:%Y-%m-%d}" if unsent.exists() else None
