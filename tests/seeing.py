"""axe over many states of few pages: each state is looked at on a laptop and on a phone.

On the laptop, in the light, by every rule that axe has. On the phone, in the dark, for what
differs there: contrast, the size of what is pressed, and what can be reached by scrolling; and
nothing is wider than the screen. What is wrong is told at the end, all of it.
"""

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Frame, Page, ViewportSize

LAPTOP, PHONE = (
    ViewportSize(width=1400, height=900),
    ViewportSize(width=360, height=740),
)
ALL = {"resultTypes": ["violations"]}
OF_A_PHONE = {**ALL, "runOnly": ["color-contrast", "scrollable-region-focusable", "target-size"]}
RUN = """async (options) => {
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html}`));
}"""


@dataclass
class Looks:
    """`wrong`: what was found, by the name of the state."""

    page: Page
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def at(self, state: str, where: Frame | None = None) -> None:
        """Look at the page, or at a frame of it."""
        seen = where or self.page
        found = [f"laptop: {one}" for one in self._problems(seen, ALL, LAPTOP, "light")]
        found += [f"phone: {one}" for one in self._problems(seen, OF_A_PHONE, PHONE, "dark")]
        wide = seen.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"phone: {wide} px too wide"] if wide > 0 else []
        self.page.set_viewport_size(LAPTOP)
        self.page.emulate_media(color_scheme="light")
        if found:
            self.wrong[state] = found

    def _problems(
        self, seen: Page | Frame, options: dict[str, Any], size: ViewportSize, scheme: Any
    ) -> list[str]:
        self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if not seen.evaluate("'axe' in window"):
            seen.evaluate(AXE_SCRIPT)
        found: list[str] = seen.evaluate(RUN, options)
        return [one[:200] for one in found]
