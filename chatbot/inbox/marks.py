"""What each agent has read of a conversation. A mark only ever grows."""

from uuid import UUID

from django.db import connection

from accounts.ids import uuid7
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import Conversation, ReadMark

_READ = """
INSERT INTO chatbot_readmark (id, workspace_id, member_id, conversation_id, staff_seq)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (conversation_id, member_id)
DO UPDATE SET staff_seq = greatest(chatbot_readmark.staff_seq, excluded.staff_seq)
"""


def read(member: Member, conversation_id: UUID, staff_seq: int) -> None:
    """The member has seen the events up to this number."""
    with workspace_scope(member.workspace_id):
        if not Conversation.objects.filter(id=conversation_id).exists():
            return  # erased meanwhile
        who = [uuid7(), member.workspace_id, member.id]
        with connection.cursor() as cursor:
            cursor.execute(_READ, [*who, conversation_id, staff_seq])


def forget(conversation: Conversation, member_id: UUID) -> None:
    """The conversation is as new for this member. In the caller's transaction."""
    ReadMark.objects.filter(conversation=conversation, member_id=member_id).delete()
