"""What is photographed. A new screen is a line in SCREENS, or a function with `@screen`.

A function gets the studio and the story, brings its page into the state to be shown, and keeps it
under its own name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import Conversation
from config.env import BASE_DIR
from learning.models import GapGroup
from learning.tests.auditing import work
from tests.cast import Cast
from tests.hostpage import HostPage
from tests.pictures import editing
from tests.pictures.company import SLUG, article_of
from tests.pictures.editing import Edited
from tests.pictures.shots import LAPTOP, PHONE, Studio

CONSOLE = f"/console/{SLUG}/"


@dataclass(frozen=True)
class Story:
    """What the service holds, and a shop's page with the widget on it."""

    cast: Cast
    edited: Edited
    shop: HostPage

    @property
    def admin(self) -> Member:
        return self.cast.alice

    @property
    def editor(self) -> Member:
        return self.cast.charlie


Take = Callable[[Studio, Story], None]
SCREENS: dict[str, Take] = {}


def screen(name: str) -> Callable[[Take], Take]:
    def register(take: Take) -> Take:
        SCREENS[name] = take
        return take

    return register


def plain(name: str, path: str, *, width: int = LAPTOP) -> None:
    """A page of the console as an administrator finds it."""

    @screen(name)
    def take(studio: Studio, story: Story) -> None:
        with studio.page(story.admin, CONSOLE + path, width=width) as page:
            studio.keep(page, name)


plain("overview", "")
plain("articles", "articles/")
plain("articles-phone", "articles/", width=PHONE)
plain("tags", "articles/tags/")
plain("sources", "sources/")
plain("source-new-site", "sources/new/site/")
plain("source-new-git", "sources/new/git/")
plain("uploads", "uploads/")
plain("golden", "golden/")
plain("golden-new", "golden/new/")
plain("gaps", "gaps/")
plain("gaps-phone", "gaps/", width=PHONE)
plain("digest", "digest/")
plain("checks", "checks/")
plain("outcomes-phone", "outcomes/?days=28", width=PHONE)
plain("conversations", "outcomes/conversations/?days=28&tier=3")
plain("dial", "dial/")
plain("models", "models/")
plain("settings", "settings/")
plain("settings-hours", "settings/hours/")
plain("settings-data", "settings/data/")
plain("settings-widget", "settings/widget/")
plain("settings-large-models", "settings/large-models/")
plain("settings-queues", "settings/queues/")
plain("settings-desk", "settings/desk/")
plain("settings-visitors", "settings/visitors/")
plain("settings-identity", "settings/identity/")
plain("desk-report", "desk-report/?days=28")
plain("members", "settings/members/")
plain("keys", "settings/keys/")
plain("audit", "settings/audit/")


@screen("article")
def article(studio: Studio, story: Story) -> None:
    found = article_of(story.cast.workspace.id, editing.PAUSE)
    with studio.page(story.editor, f"{CONSOLE}articles/{found.id}/") as page:
        studio.keep(page, "article")


@screen("article-preview")
def preview(studio: Studio, story: Story) -> None:
    """The lower half: the buttons, and the preview that they open."""
    found = article_of(story.cast.workspace.id, "what-does-a-bike-cost.md")
    with studio.page(story.editor, f"{CONSOLE}articles/{found.id}/") as page:
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("#preview table")).to_be_visible()
        _scroll_to(page, "#preview")
        studio.keep(page, "article-preview")


@screen("article-picture")
def picture(studio: Studio, story: Story) -> None:
    """The dialog that asks for a description."""
    found = article_of(story.cast.workspace.id, editing.PAUSE)
    with studio.page(story.editor, f"{CONSOLE}articles/{found.id}/") as page:
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Add a picture").click()
        chooser.value.set_files(BASE_DIR / "docs/pictures/widget.png")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_label("Description").fill("The page Plan with the button Pause")
        studio.keep(page, "article-picture")


@screen("article-review")
def review(studio: Studio, story: Story) -> None:
    with studio.page(story.admin, f"{CONSOLE}articles/{story.edited.reviewed}/") as page:
        studio.keep(page, "article-review")


@screen("article-changes")
def changes(studio: Studio, story: Story) -> None:
    path = f"{CONSOLE}articles/{story.edited.reviewed}/revisions/"
    with studio.page(story.admin, path) as page:
        studio.keep(page, "article-changes")


@screen("article-schedule")
def schedule(studio: Studio, story: Story) -> None:
    with studio.page(story.admin, f"{CONSOLE}articles/{story.edited.scheduled}/") as page:
        _scroll_to(page, "#schedule-head")
        studio.keep(page, "article-schedule")


@screen("article-translations")
def translations(studio: Studio, story: Story) -> None:
    found = article_of(story.cast.workspace.id, editing.PAUSE)
    with studio.page(story.editor, f"{CONSOLE}articles/{found.id}/translations/") as page:
        studio.keep(page, "article-translations")


@screen("bulk")
def bulk(studio: Studio, story: Story) -> None:
    with studio.page(story.editor, f"{CONSOLE}articles/?tag=plan") as page:
        page.get_by_label("With several articles:").select_option("tag")
        page.get_by_role("button", name="All that match").click()
        expect(page.get_by_text("This concerns")).to_be_visible()
        studio.keep(page, "bulk")


@screen("draft-check")
def draft_check(studio: Studio, story: Story) -> None:
    """A text without the sentence that a golden question expects."""
    found = article_of(story.cast.workspace.id, editing.PAUSE)
    with studio.page(story.editor, f"{CONSOLE}articles/{found.id}/") as page:
        page.get_by_label("Text", exact=True).fill(story.edited.changed)
        with page.expect_response("**/check/"):
            page.get_by_role("button", name="Check before publishing").click()
        work(story.cast.workspace.id)
        expect(page.get_by_text("gets lost:")).to_be_visible()
        _scroll_to(page, "#check")
        studio.keep(page, "draft-check")


@screen("playground")
def playground(studio: Studio, story: Story) -> None:
    with studio.page(story.editor, f"{CONSOLE}playground/{story.edited.tried}/") as page:
        page.locator(".outcomes").first.evaluate("one => one.scrollIntoView()")
        studio.keep(page, "playground")


@screen("source")
def source(studio: Studio, story: Story) -> None:
    with studio.page(story.editor, f"{CONSOLE}sources/{story.edited.site}/") as page:
        studio.keep(page, "source")


@screen("gap")
def gap(studio: Studio, story: Story) -> None:
    """The topic that got its article half-way, after its questions were asked again."""
    workspace_id = story.cast.workspace.id
    with workspace_scope(workspace_id):
        group = GapGroup.objects.filter(central__text__contains="train").first()
    assert group is not None
    with studio.page(story.editor, f"{CONSOLE}gaps/{group.id}/") as page:
        work(workspace_id)
        page.reload()
        studio.keep(page, "gap")


@screen("outcomes")
def outcomes(studio: Studio, story: Story) -> None:
    """The plots; the figures above them are on the phone's picture."""
    with studio.page(story.admin, f"{CONSOLE}outcomes/?days=28") as page:
        page.locator("svg.plot").first.evaluate("one => one.scrollIntoView({block: 'center'})")
        studio.keep(page, "outcomes")


@screen("conversation")
def conversation(studio: Studio, story: Story) -> None:
    with workspace_scope(story.cast.workspace.id):
        rows = Conversation.objects.filter(handoffs__isnull=False, messages__author="member")
        found = rows.order_by("-last_message_at").first()
    assert found is not None
    path = f"{CONSOLE}outcomes/conversations/{found.id}/"
    with studio.page(story.admin, path) as page:
        studio.keep(page, "conversation")


@screen("check")
def check(studio: Studio, story: Story) -> None:
    with studio.page(story.cast.bob, f"{CONSOLE}checks/") as page:
        page.get_by_role("button", name="Check answers").click()
        studio.keep(page, "check")


def _scroll_to(page: Page, selector: str) -> None:
    page.locator(selector).first.evaluate("one => one.scrollIntoView({block: 'center'})")


def desk(name: str, *, width: int = LAPTOP) -> None:
    """The newest conversation, opened, with what stands beside it."""

    @screen(name)
    def take(studio: Studio, story: Story) -> None:
        with studio.page(story.admin, f"/desk/{SLUG}/?view=open", width=width) as page:
            with page.expect_response("**/assist/"):
                page.locator("#items .item").first.click()
            work(story.cast.workspace.id)
            expect(page.get_by_text("The summary is being made")).to_have_count(0)
            studio.keep(page, name)


desk("desk")
desk("desk-phone", width=PHONE)
