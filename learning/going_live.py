"""Nothing that a person publishes takes away golden answers without anybody having seen it.

One rule for every way in which an edit goes live: the editor's form, a draft's publication, a
review, a restored revision, an archived article or one that is brought back, a schedule, and a
change of many articles. Where the workspace requires it (`check_required`) the golden questions
are asked first, and whoever publishes goes on, or confirms what gets lost. Otherwise only a check
that somebody asked for counts.
"""

from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import settings_of
from knowledge.models import Article, Revision
from learning import draft_checks
from learning.draft_checks import Wanted
from learning.models import DraftCheck, GoldenQuestion


def of_revision(article: Article, revision: Revision, *, audience: str = "") -> Wanted:
    """What is checked before this revision answers."""
    return Wanted(
        article_id=article.id,
        doc_id=article.external_id,
        title=revision.title,
        text=revision.text,
        text_format=revision.text_format,
        audience=audience or article.audience,
    )


def of_archiving(article: Article) -> Wanted:
    """What is checked before the article answers nothing any more."""
    return Wanted(article.id, article.external_id, article.title, "", audience=article.audience)


def required(member: Member) -> bool:
    """Whether there is anything to ask before the member publishes. Inside the scope."""
    return settings_of(member.workspace_id).check_required and GoldenQuestion.objects.exists()


def unconfirmed(member: Member, wanted: Wanted, *, confirmed: str) -> DraftCheck | None:
    """The check to look at before this goes live; None if it may.

    confirmed: the id of the check whose outcome the member has seen. A check that is needed and
    not there yet is begun.
    """
    with workspace_scope(member.workspace_id):
        found = draft_checks.last(member.workspace_id, wanted)
        if found is not None and str(found.id) == confirmed:
            return None
        if found is not None and found.lost:
            return found
        if not required(member):
            return None
        if found is not None and found.ended_at is not None and not found.problem:
            return None
        if found is None or (found.ended_at is not None and not confirmed):
            found = draft_checks.start(member, wanted)
    return found


def lost_questions(check: DraftCheck | None) -> list[str]:
    """Ids of the golden questions that lose their answers by it."""
    if check is None:
        return []
    return [one["id"] for one in check.changes if one["kind"] == draft_checks.LOST]
