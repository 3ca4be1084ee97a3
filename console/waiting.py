"""What waits for an editor, for the first look of a day. Counts stop early and are cheap.

Only what is there is listed, the most pressing first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import Workspace
from accounts.scope import workspace_scope
from knowledge.listing import Chosen, filtered
from knowledge.models import Source
from learning.gap_listing import VIEWS
from learning.models import GapGroup, GoldenQuestion, GoldenState

MOST = 99
Words = Callable[[int], str]


@dataclass(frozen=True)
class Waiting:
    """`number` is MOST at most; `more` says that there are more."""

    number: int
    more: bool
    words: str
    url: str


def waiting(workspace: Workspace) -> list[Waiting]:
    """Reviews, texts that could not be indexed, troubled sources, lost answers, open gaps."""
    with workspace_scope(workspace.id):
        found = [
            _of(workspace, rows, words, page, query)
            for rows, words, page, query in _kinds(workspace.id)
        ]
    return [one for one in found if one.number]


def _kinds(workspace_id: UUID) -> list[tuple["QuerySet[Any]", Words, str, str]]:
    golden = GoldenQuestion.objects.filter(workspace_id=workspace_id)
    wrong, unanswered = GoldenState.WRONG.value, GoldenState.UNANSWERED.value
    return [
        (filtered(workspace_id, Chosen(state="review")), _reviews, "articles", "state=review"),
        (filtered(workspace_id, Chosen(state="failed")), _failed, "articles", "state=failed"),
        (Source.objects.exclude(message=""), _sources, "sources", ""),
        (golden.filter(state=wrong), _wrong, "golden", f"state={wrong}"),
        (golden.filter(state=unanswered), _unanswered, "golden", f"state={unanswered}"),
        (GapGroup.objects.filter(VIEWS["open"], workspace_id=workspace_id), _gaps, "gaps", ""),
    ]  # fmt: skip


def _of(
    workspace: Workspace, rows: "QuerySet[Any]", words: Words, page: str, query: str
) -> Waiting:
    count = len(rows.order_by().values_list("id")[: MOST + 1])
    url = reverse(f"console-{page}", args=[workspace.slug])
    number = min(count, MOST)
    return Waiting(number, count > MOST, words(number), f"{url}?{query}" if query else url)


def _reviews(number: int) -> str:
    return ngettext("draft waits for its review", "drafts wait for their review", number)


def _failed(number: int) -> str:
    return ngettext("article could not be indexed", "articles could not be indexed", number)


def _sources(number: int) -> str:
    return ngettext("source could not be read", "sources could not be read", number)


def _wrong(number: int) -> str:
    return ngettext(
        "golden question is answered wrongly", "golden questions are answered wrongly", number
    )


def _unanswered(number: int) -> str:
    return ngettext("golden question is not answered", "golden questions are not answered", number)


def _gaps(number: int) -> str:
    return ngettext("gap without an article", "gaps without an article", number)
