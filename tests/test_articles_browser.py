"""The work on articles in a real browser: pictures, tags, drafts, many at once, what changed."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from knowledge import editing
from knowledge.editing import Draft
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = pytest.mark.django_db(transaction=True)
DROP = """
([field, name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "x.png", { type: "image/png" }));
  const init = { bubbles: true, cancelable: true };
  const event = name === "paste"
    ? new ClipboardEvent(name, { ...init, clipboardData: data })
    : new DragEvent(name, { ...init, dataTransfer: data });
  document.querySelector(field).dispatchEvent(event);
}
"""


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 120), colour).save(out, format="PNG")
    return out.getvalue()


def fits(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 1280, "height": 800})


def test_pictures_are_picked_pasted_and_dropped_into_the_text(
    web: Live, new_page: NewPage, cast: Cast, tmp_path: Path
) -> None:
    (tmp_path / "key.png").write_bytes(png())
    page = opened(new_page, web, cast.alice, "articles/new/")
    page.get_by_label("Title").fill("Keys")
    page.get_by_label("Text", exact=True).fill("What I typed.")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a picture").click()
    chooser.value.set_files(tmp_path / "key.png")
    page.get_by_role("button", name="Add it").click()  # not without a description
    expect(page.get_by_label("Description")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Description").fill("A [red] key")
    accessible(page)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("The picture is in the text.")).to_be_visible()
    text = page.get_by_label("Text", exact=True)
    assert text.input_value().startswith("What I typed.\n\n![A \\[red\\] key](/help/acme/pictures/")
    for number, (name, colour) in enumerate([("paste", "blue"), ("drop", "green")], start=2):
        page.evaluate(DROP, ["#id_text", name, list(png(colour))])
        page.get_by_label("It only decorates").check()
        page.get_by_label("It only decorates").press("Tab")
        page.keyboard.press("Enter")  # the button, by keyboard
        expect(page.get_by_role("dialog")).to_be_hidden()
        assert text.input_value().count("/help/acme/pictures/") == number
    page.get_by_role("button", name="Preview").click()
    shown = page.locator("#preview img")
    expect(shown).to_have_count(3)
    for number in range(3):
        expect(shown.nth(number)).to_have_js_property("naturalWidth", 320)
    assert shown.first.get_attribute("alt") == "A [red] key"


def test_a_picture_that_is_refused_is_said_and_the_text_stays(
    web: Live, new_page: NewPage, cast: Cast, page_errors: list[str]
) -> None:
    page = opened(new_page, web, cast.alice, "articles/new/")
    text = page.get_by_label("Text", exact=True)
    text.fill("What I typed.")
    page.evaluate(DROP, ["#id_text", "paste", list(b"<svg/>")])
    page.get_by_label("Description").fill("Nothing")
    page.get_by_label("Description").press("Enter")
    expect(page.get_by_text("This is no picture that can be shown")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    assert text.input_value() == "What I typed."
    assert [one for one in page_errors if "400" not in one] == []
    page_errors.clear()


def test_a_draft_with_tags_is_reviewed_and_its_changes_are_readable(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    base = Draft("Keys", "A lost key costs ten.", tags=("billing",))
    editing.save(cast.alice, "keys", base, base=0)
    page = opened(new_page, web, cast.alice, "articles/?q=keys")
    page.get_by_role("link", name="Keys", exact=True).click()
    page.get_by_role("textbox", name="Tags").fill("keys, bi")
    page.locator("#tag-suggestions").get_by_role("button", name="billing").click()
    assert page.get_by_role("textbox", name="Tags").input_value() == "keys, billing, "
    page.get_by_label("Text", exact=True).fill("A lost key costs twelve euros.")
    page.get_by_label("Note for the review").fill("New price")
    page.get_by_role("button", name="Save and send for review").click()
    expect(page.get_by_text("The draft waits for its review.")).to_be_visible()
    accessible(page)
    fits(page)
    page.get_by_role("link", name="Revisions").click()
    expect(page.locator("ins")).to_contain_text("twelve euros")
    expect(page.locator("del")).to_contain_text("ten")
    accessible(page)
    fits(page)
    page.get_by_role("link", name="Back to the article").click()
    page.get_by_role("button", name="Publish this draft").click()
    expect(page.get_by_text("indexing", exact=True)).to_be_visible()
    page.get_by_role("link", name="Translations").click()
    accessible(page)
    fits(page)


def test_all_of_a_page_are_checked_and_changed_after_a_confirmation(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    for number in range(3):
        editing.save_draft(cast.alice, f"a{number}", Draft(f"Key {number}", "A key."), base=0)
    page = opened(new_page, web, cast.alice, "articles/")
    fits(page)
    page.get_by_label("Search").fill("key")
    expect(page).to_have_url(f"{web.url}/console/acme/articles/?q=key&state=&audience=&lang=&tag=")
    page.get_by_label("Check all of this page").check()  # leaving the search keeps what is checked
    page.get_by_label("Key 1").uncheck()
    accessible(page)
    page.get_by_label("With several articles:").select_option("tag")
    page.get_by_role("button", name="Those checked").click()
    expect(page.get_by_text("This concerns 2 articles.")).to_be_visible()
    accessible(page)
    page.get_by_label("Tag", exact=True).fill("Late fees")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("2 articles changed")).to_be_visible()
    page.get_by_role("link", name="To the articles").click()
    expect(page.locator("td .badge", has_text="late fees")).to_have_count(2)
    page.get_by_role("link", name="Tags", exact=True).click()
    accessible(page)
    fits(page)
