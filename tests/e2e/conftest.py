"""One portal for all browser tests, one Chromium per module, a watch over every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.browser import Watch, new_context, open_browser
from tests.e2e.portal import Portal, open_portal

OpenContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The running portal with its demo world."""
    with open_portal(tmp_path_factory.mktemp("portal")) as running:
        yield running


# Per module, not per session: while Playwright runs, Django refuses its database in this thread, and
# tests of other folders may come in between.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium."""
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def watch() -> Watch:
    """What went wrong in the browser; each test ends with a look at it."""
    return Watch()


@pytest.fixture(autouse=True)
def _nothing_goes_wrong(watch: Watch) -> Iterator[None]:
    yield
    watch.check()


@pytest.fixture
def open_as(portal: Portal, chromium: Browser, watch: Watch) -> Iterator[OpenContext]:
    """Open a browser of one person: ``open_as("owner", language="en", theme="light")``."""
    opened: list[BrowserContext] = []

    def open_one(
        who: str, *, language: str = "en", theme: str = "light", **options: object
    ) -> BrowserContext:
        session = portal.facts.get(f"{who}-{language}-{theme}") or portal.facts.get(who, "")
        context = new_context(
            chromium, portal.address, session=session, language=language, theme=theme, **options
        )
        watch.follow(context)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
