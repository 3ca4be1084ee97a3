"""The inbox beside 100,000 conversations: pages and counts go through indexes in every view."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from accounts.scope import workspace_scope
from chatbot.inbox import finding, listing
from chatbot.inbox.listing import MOST_COUNTED, VIEWS, Filters, Wanted
from chatbot.models import Conversation
from chatbot.tests.test_inbox import visit
from tests.cast import Cast

COUNT = 100_000
FILL = """
INSERT INTO chatbot_conversation (id, workspace_id, channel, contact_id, owner, owner_member_id,
    status, snoozed_until, queued_at, staff_seq, visitor_seq, visitor_wrote_seq, language,
    created_at, changed_at, last_message_at, context)
SELECT gen_random_uuid(), %(workspace)s, 'widget', %(contact)s,
    CASE n %% 20 WHEN 0 THEN 'queue' WHEN 1 THEN 'member' WHEN 2 THEN 'member' ELSE 'bot' END,
    CASE WHEN n %% 20 IN (1, 2) THEN %(member)s::uuid END,
    CASE WHEN n %% 20 = 2 THEN 'snoozed' WHEN n %% 20 > 9 THEN 'resolved' ELSE 'open' END,
    CASE WHEN n %% 20 = 2 THEN now() END, CASE WHEN n %% 20 = 0 THEN now() END,
    0, 0, 0, 'en', now(), now(), now() - n * interval '1 minute',
    '{}'
FROM generate_series(1, %(count)s) n
"""

SAID = """
INSERT INTO chatbot_searchentry (id, workspace_id, conversation_id, event_id, author, at, vector)
SELECT gen_random_uuid(), %(workspace)s, %(conversation)s, gen_random_uuid(), 'visitor',
    now() - n * interval '1 minute', chatbot_search_vector(%(workspace)s, 'parcel ' || n)
FROM generate_series(1, 20000) n
"""

pytestmark = pytest.mark.django_db(transaction=True)


def analyze(table: str) -> None:
    """The owner makes statistics, of what is committed."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")


@pytest.fixture
def many(cast: Cast) -> Cast:
    with workspace_scope(cast.workspace.id), connection.cursor() as cursor:
        given: dict[str, Any] = {
            "workspace": cast.workspace.id,
            "contact": cast.vera.contact_id,
            "member": cast.bob.id,
            "count": COUNT,
        }
        cursor.execute(FILL, given)
    analyze("chatbot_conversation")
    return cast


def plan(rows: "QuerySet[Conversation, Any]") -> str:
    return str(rows.explain())


def test_no_view_reads_the_whole_table(many: Cast) -> None:
    with workspace_scope(many.workspace.id):
        for name, chosen in VIEWS.items():
            rows = chosen(Conversation.objects.all(), many.bob)
            field = listing.moment_of(name)
            page = plan(rows.order_by(f"-{field}", "-id")[:41])
            assert "Seq Scan" not in page, (name, page)
            assert "Index" in page, (name, page)
            if name != "waiting":
                assert "Sort" not in page, (name, page)
            assert "Seq Scan" not in plan(listing.counted(rows, field)), name


def test_pages_and_counts_of_100_000_are_whole(many: Cast) -> None:
    for wanted in (
        Wanted("open"),
        Wanted("open", Filters(agent=str(many.bob.id)), oldest_first=True),
        Wanted("resolved"),
        Wanted("mine"),
    ):
        page = listing.page(many.bob, wanted)
        assert len(page["rows"]) == listing.PER_PAGE and page["more"]
        assert page["counts"]["open"] == MOST_COUNTED + 1


def test_rare_words_go_through_the_index_and_the_walls_hold(cast: Cast) -> None:
    """The app role reads this table behind a policy, and yet uses the index, in its own rows."""
    conversation_id: UUID = visit(cast, "one")
    with workspace_scope(cast.workspace.id), connection.cursor() as cursor:
        given: dict[str, Any] = {"workspace": cast.workspace.id, "conversation": conversation_id}
        cursor.execute(SAID, given)
    analyze("chatbot_searchentry")

    def scans() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_stat_get_xact_numscans('words_said'::regclass),"
                " pg_stat_get_xact_numscans('chatbot_searchentry'::regclass)"
            )
            by_index, whole = cursor.fetchone()
            return by_index, whole

    with workspace_scope(cast.workspace.id):
        before = scans()
        assert len(finding._entries(finding.parse("17321"), finding.NEWEST)) == 1
        after = scans()
    assert (after[0] - before[0], after[1] - before[1]) == (1, 0)
    with workspace_scope(cast.other.workspace.id):
        assert finding._entries(finding.parse("17321"), finding.NEWEST) == []
    with connection.cursor() as cursor:  # without a scope
        nowhere = "SELECT count(*) FROM chatbot_search('parcel'::tsquery, now(), %s, 9)"
        cursor.execute(nowhere, [UUID(int=0)])
        assert cursor.fetchone() == (0,)
