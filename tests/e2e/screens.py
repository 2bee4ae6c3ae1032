"""Draws the pictures of the README, or the main pages in every look for a reviewer's eyes.

``python -m tests.e2e.screens docs/images`` writes three pictures; with ``--looks`` every picture is
written in both languages, light and dark, wide and narrow.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.e2e.browser import WIDTHS, new_context, open_browser, settle
from tests.e2e.portal import Portal, open_portal

PAGES = {
    "home": "/",
    "orders": "/orders/",
    "order": "/orders/{order}/",
    "products": "/products/",
    "product": "/products/{product}/",
    "settings": "/settings/",
}
DAYS = 56
README = ("home", "orders", "order")


def draw(portal: Portal, browser: Browser, name: str, look: tuple[str, str, int], to: Path) -> None:
    """Write one page of the owner in one look."""
    language, theme, width = look
    session = portal.facts[f"owner-{language}-{theme}"]
    context = new_context(
        browser, portal.address, session=session, language=language, theme=theme, width=width
    )
    page = context.new_page()
    page.goto(PAGES[name].format_map(portal.facts))
    settle(page)
    page.screenshot(path=to, full_page=width < 700)
    context.close()


def main(folder: Path, *, every_look: bool) -> None:
    """Open a portal with the demo world and draw it."""
    folder.mkdir(parents=True, exist_ok=True)
    looks = list(itertools.product(("en", "zh-hans"), ("light", "dark"), WIDTHS))
    with (
        tempfile.TemporaryDirectory() as home,
        open_portal(Path(home), days=DAYS) as portal,
        open_browser() as browser,
    ):
        if not every_look:
            for name in README:
                draw(portal, browser, name, ("en", "light", 1440), folder / f"{name}.png")
            return
        for name, look in itertools.product(PAGES, looks):
            language, theme, width = look
            draw(portal, browser, name, look, folder / f"{name}-{language}-{theme}-{width}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), every_look="--looks" in sys.argv)
