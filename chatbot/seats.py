"""Who sits at a desk: whose socket was there within the last 45 seconds."""

from datetime import timedelta

from django.utils import timezone

from accounts.access import AGENTS
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import ColleagueQuestion, DeskSeen, QuestionState

HERE_S = 45  # three of the desk's polls
NOTED_EVERY_S = 10


def take(member: Member) -> None:
    """The member's desk is connected now. Written every ten seconds at most."""
    now = timezone.now()
    with workspace_scope(member.workspace_id):
        recent = DeskSeen.objects.filter(
            member=member, seen_at__gt=now - timedelta(seconds=NOTED_EVERY_S)
        )
        if not recent.exists():
            DeskSeen.objects.update_or_create(
                member=member, defaults={"workspace_id": member.workspace_id, "seen_at": now}
            )


def free_for_a_question() -> Member | None:
    """Who is there and was asked nothing that waits; of several, whose desk was seen last.

    Needs the scope.
    """
    since = timezone.now() - timedelta(seconds=HERE_S)
    busy = ColleagueQuestion.objects.filter(state=QuestionState.OPEN).values("asked_of")
    found = (
        DeskSeen.objects.filter(seen_at__gte=since, member__is_active=True, member__role__in=AGENTS)
        .exclude(member__in=busy)
        .select_related("member")
        .order_by("-seen_at", "id")
        .first()
    )
    return found.member if found else None
