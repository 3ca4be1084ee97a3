"""What somebody typed into a form of an article's page that was refused: shown again, once.

It lies in the session, since a note is too long for an address.
"""

from uuid import UUID

from django.http import HttpRequest

from knowledge.drafts import LONGEST_NOTE

NAMES = ("note", "at", "action")


def keep(request: HttpRequest, article_id: UUID, **more: str) -> None:
    given = {name: request.POST.get(name, "")[:LONGEST_NOTE] for name in NAMES} | more
    if any(given.values()):
        request.session[_place(article_id)] = given


def given_back(request: HttpRequest, article_id: UUID) -> dict[str, str]:
    """Empty where nothing was refused."""
    found: dict[str, str] = request.session.pop(_place(article_id), {})
    return found


def _place(article_id: UUID) -> str:
    return f"typed {article_id}"
