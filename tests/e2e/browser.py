"""Chromium for the tests: contexts with a look, and a watch on everything that goes wrong in them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    sync_playwright,
)

WIDTHS = {1440: 900, 390: 844}
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Chromium writes this line for every answer from 400 on; the watch looks at the answers themselves.
_ANSWER_LINE = "Failed to load resource"


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start the machine's Chromium; without one the tests fail, they are never skipped."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, "There is no Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What must not happen in a browser: script errors, policy violations, broken answers."""

    problems: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        is_answer = message.text.startswith(_ANSWER_LINE)
        if message.type in {"error", "warning"} and not is_answer:
            self.problems.append(f"console: {message.text} ({message.page and message.page.url})")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"answer: {response.status} {response.url}")

    def check(self) -> None:
        """Fail when anything went wrong since the last check."""
        problems, self.problems = self.problems, []
        self.expected = set()
        assert problems == [], "\n".join(map(str, problems))


def new_context(
    browser: Browser,
    address: str,
    *,
    session: str = "",
    language: str = "en",
    theme: str = "light",
    width: int = 1440,
    has_scripts: bool = True,
) -> BrowserContext:
    """Open a browser of somebody: signed in with ``session``, with a language, theme and width."""
    is_phone = width < 700
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": WIDTHS[width]},
        is_mobile=is_phone,
        has_touch=is_phone,
        locale="zh-CN" if language == "zh-hans" else "en-GB",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        java_script_enabled=has_scripts,
        accept_downloads=True,
    )
    cookies = {"sessionid": session, "django_language": language, "theme": theme}
    context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies.items() if value]
    )
    context.set_default_timeout(20_000)
    return context


def settle(page: Page) -> None:
    """Wait until fonts are drawn and nothing moves, so that measures and pictures are always the same."""
    page.evaluate("document.fonts.ready.then(() => true)")
    page.evaluate(
        "Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => true)"
    )
