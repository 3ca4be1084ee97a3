"""What editors of the made-up company did: drafts, reviews, tags, sources, files, questions."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from knowledge import drafts, editing, scheduling, translations, uploads
from knowledge.editing import Draft
from knowledge.models import Article, Source
from knowledge.sources import keeping
from knowledge.sources.keeping import Wanted
from knowledge.sources.settings import GitSettings, SiteSettings
from knowledge.tests import sites
from knowledge.tests.sites import PUBLIC_IP, Answer, html
from knowledge.tests.test_site_sources import run
from learning import draft_checks, golden, golden_runs, playground
from learning.questions import Question
from learning.tests.auditing import work
from tests.cast import Cast
from tests.pictures import asked
from tests.pictures.company import article_of

SITE = "www.tidewheel.example"
TAGS = {
    "how-do-i-pause-my-subscription.md": ("plan", "account"),
    "how-do-i-change-my-plan.md": ("plan", "account"),
    "how-do-i-cancel.md": ("plan",),
    "what-does-a-bike-cost.md": ("plan", "prices"),
    "how-can-i-pay.md": ("prices", "account"),
    "how-do-i-charge-the-battery.md": ("electric",),
    "how-do-i-get-a-puncture-repaired.md": ("repairs",),
    "what-if-i-damage-the-bike.md": ("repairs",),
    "can-i-ride-in-winter.md": ("repairs", "electric"),
}
PAUSE = "how-do-i-pause-my-subscription.md"
GERMAN = """# Wie pausiere ich mein Abo?

Öffnen Sie Ihr Konto und wählen Sie **Tarif**, dann **Pause**. Sie können ein bis drei Monate im
Jahr pausieren. Währenddessen zahlen Sie 4 Euro im Monat und behalten Ihr Rad.
"""
INTERNAL = """# How much goodwill may an agent give?

Up to 20 euros in a case, without asking. Write the reason into a note.
"""
FAQ = """question,answer
Do you sell used bikes?,"Yes, every spring. Subscribers are told by e-mail a week before."
Is there a bell on the bike?,Every bike has a bell and a light.
Can I paint my bike?,
"""
TRIED = "What do I pay while my subscription is paused?"


@dataclass(frozen=True)
class Edited:
    """What the pictures lead to."""

    reviewed: UUID
    scheduled: UUID
    site: UUID
    tried: UUID
    changed: str  # the text that a check finds fault with


def edit(cast: Cast) -> Edited:
    """Everything that editors did, in an order that makes sense."""
    for doc_id, names in TAGS.items():
        for name in names:
            editing.label(cast.alice, article_of(cast.workspace.id, doc_id).id, name, on=True)
    _translate(cast)
    _question(cast)
    site = _read_sources(cast)
    _upload(cast)
    return Edited(
        reviewed=_review(cast),
        scheduled=_schedule(cast),
        site=site.id,
        tried=_try(cast),
        changed=_lose_an_answer(cast),
    )


def _revised(cast: Cast, doc_id: str, old: str, new: str) -> tuple[Article, Draft, int]:
    """The article, its text with one passage changed, and the number of its newest revision."""
    article = article_of(cast.workspace.id, doc_id)
    with workspace_scope(cast.workspace.id):
        newest = article.revisions.latest("number")
    assert old in newest.text, doc_id
    draft = Draft(newest.title, newest.text.replace(old, new))
    return article, draft, newest.number


def _translate(cast: Cast) -> None:
    original = article_of(cast.workspace.id, PAUSE)
    german = Draft("Wie pausiere ich mein Abo?", GERMAN, lang="de", tags=("plan",))
    saved = editing.save(cast.charlie, "wie-pausiere-ich", german, base=0)
    translations.link(cast.charlie, original.id, saved.article.id)
    internal = Draft("How much goodwill may an agent give?", INTERNAL, audience="internal")
    editing.save(cast.alice, "goodwill", internal, base=0)
    work(cast.workspace.id)


def _review(cast: Cast) -> UUID:
    """A draft by ines that mara sent back once and that waits again."""
    change = ("15 euros.", "18 euros, or 9 euros if you live in Hamburg.")
    article, draft, base = _revised(cast, "how-do-i-cancel.md", *change)
    saved = editing.save_draft(cast.charlie, article.external_id, draft, base=base)
    drafts.submit(cast.charlie, article.id, note="New prices from the first of the month.")
    note = "Please say since when."
    drafts.send_back(cast.alice, article.id, note=note, seen=saved.revision.number)
    better = Draft(draft.title, draft.text.replace("or 9 euros", "since January, or 9 euros"))
    editing.save_draft(cast.charlie, article.external_id, better, base=saved.revision.number)
    drafts.submit(cast.charlie, article.id, note="Said it.")
    return article.id


def _schedule(cast: Cast) -> UUID:
    change = ("from 10 to 16 o'clock", "from 10 to 18 o'clock")
    article, draft, base = _revised(cast, "when-are-the-shops-open.md", *change)
    editing.save_draft(cast.charlie, article.external_id, draft, base=base)
    monday = timezone.now() + timedelta(days=7 - timezone.now().weekday())
    at = monday.replace(hour=6, minute=0, second=0, microsecond=0)
    scheduling.schedule(cast.alice, article.id, "publish", at)
    return article.id


def _question(cast: Cast) -> None:
    """Golden questions, asked once."""
    found = [
        Question(key, text, doc_id=doc_id, answers=(answer,))
        for key, text, doc_id, answer in asked.GOLDEN
    ]
    found += [Question(key, text, answerable=False) for key, text in asked.GOLDEN_NOTHING]
    golden.keep(cast.workspace.id, found, actor=cast.charlie)
    golden_runs.start(cast.workspace.id, by=cast.charlie)
    work(cast.workspace.id)


def _read_sources(cast: Cast) -> Source:
    """The company's site, and a repository that nobody reads at the moment."""
    address = "https://git.tidewheel.example/manuals.git"
    git = keeping.add(cast.alice, Wanted("git", "Manuals", address, GitSettings(folder="docs")))
    keeping.pause(cast.alice, git.id)
    wanted = Wanted("site", "Web site", f"http://{SITE}/help/", SiteSettings(inside="/help/"), 24)
    with sites.served() as site:
        site.names[SITE] = [PUBLIC_IP]
        site.pages = {
            "/help/": html("Help", "Everything about our shops", "/help/hamburg", "/help/kiel",
                           "/help/map", "/help/old", "/help/price-list"),
            "/help/hamburg": html("The shop in Hamburg", "You find us at Fischmarkt 12"),
            "/help/kiel": html("The shop in Kiel", "You find us at Holtenauer Weg 8"),
            "/help/map": html("Map", "A map of all shops", head='<meta name="robots" '
                              'content="noindex">'),
            "/help/price-list": Answer(b"%PDF nothing", kind="application/pdf"),
        }  # fmt: skip
        return run(cast, keeping.add(cast.alice, wanted), site)


def _upload(cast: Cast) -> None:
    """Three files, one of which is broken and one of which has a row without an answer."""
    files = (
        ("faq.csv", FAQ.encode()),
        ("insurance.pdf", b"%PDF-1.7 but not really"),
        ("lights.md", b"# Which lights does the bike have?\n\nTwo, fed by a dynamo."),
    )
    for name, data in files:
        uploads.accept(cast.charlie, name, data)
    work(cast.workspace.id)


def _try(cast: Cast) -> UUID:
    run_id = playground.ask(cast.charlie, playground.Try(TRIED)).id
    work(cast.workspace.id)
    return run_id


def _lose_an_answer(cast: Cast) -> str:
    """The text about pauses without the sentence that a golden question expects."""
    change = ("While you pause, you pay 4 euros a month and keep your bike.", "You keep your bike.")
    article, draft, _base = _revised(cast, PAUSE, *change)
    wanted = draft_checks.Wanted(article.id, article.external_id, draft.title, draft.text)
    draft_checks.start(cast.charlie, wanted)
    work(cast.workspace.id)
    return draft.text
