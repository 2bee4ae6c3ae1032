"""Every page in both languages, light and dark, wide and narrow: usable by everybody, nothing broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page

from tests.e2e.browser import Watch, new_context, settle
from tests.e2e.conftest import OpenContext
from tests.e2e.portal import Portal
from tests.e2e.routes import ANSWERS, ELSEWHERE, STATES, VISITS, Visit, list_readable

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
FULL = [("en", "light", 1440), ("zh-hans", "dark", 390)]
LOOKS = [
    (language, theme, width)
    for language in ("en", "zh-hans")
    for theme in ("light", "dark")
    for width in (1440, 390)
]
EVERYTHING = VISITS | STATES
CASES = [(look, name) for look in FULL for name in EVERYTHING] + [
    (look, name)
    for look in LOOKS
    if look not in FULL
    for name, visit in VISITS.items()
    if visit.is_main
]


class Wardrobe:
    """One open page per person and look, used again by the next visit."""

    def __init__(self, portal: Portal, browser: Browser, watch: Watch) -> None:
        """Start with none."""
        self.portal, self.browser, self.watch = portal, browser, watch
        self.pages: dict[tuple[object, ...], Page] = {}

    def page_for(self, who: str, language: str, theme: str, width: int) -> Page:
        """Return the page of a person in a look."""
        key = (who, language, theme, width)
        if key not in self.pages:
            facts = self.portal.facts
            context = new_context(
                self.browser,
                self.portal.address,
                session=facts.get(f"{who}-{language}-{theme}") or facts.get(who, ""),
                language=language,
                theme=theme,
                width=width,
            )
            self.watch.follow(context)
            self.pages[key] = context.new_page()
        return self.pages[key]


@pytest.fixture(scope="module")
def wardrobe(portal: Portal, chromium: Browser, watch: Watch) -> Wardrobe:
    """The pages the visits share."""
    return Wardrobe(portal, chromium, watch)


def address_of(portal: Portal, visit: Visit, language: str = "en", theme: str = "light") -> str:
    """Return the path with the facts of the world in it."""
    own = {name: portal.facts[f"{name}-{language}-{theme}"] for name in ("passkey", "token")}
    return visit.path.format_map(portal.facts | own)


def is_at(url: str, path: str) -> bool:
    """Tell whether the page is the one asked for, not one it was led away to."""
    # A reset link is taken out of the address before the form is shown.
    return urlsplit(url).path == urlsplit(path).path or url.endswith("-set-password/")


def find_violations(page: Page) -> list[str]:
    """Return what axe-core finds: rule, help and the first places."""
    page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{item['id']}: {item['help']} at {json.dumps([node['target'] for node in item['nodes'][:4]])}"
        for item in found
    ]


def find_overflow(page: Page) -> list[str]:
    """Return what makes the page wider than the window, if anything does."""
    return list(
        page.evaluate(
            """() => {
              const wide = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= wide) return [];
              return [...document.querySelectorAll("body *")]
                .filter((part) => part.getBoundingClientRect().right > wide + 1)
                .slice(0, 5)
                .map((part) => `${part.tagName}.${part.className} ${part.getBoundingClientRect().right}`)
                .concat("wider than the window");
            }"""
        )
    )


def test_every_page_is_visited():
    known = set(VISITS) | set(ANSWERS) | set(ELSEWHERE)

    assert set(list_readable()) - known == set()
    assert known - set(list_readable()) == set()


def _name_of(part: object) -> str:
    return "-".join(map(str, part)) if isinstance(part, tuple) else str(part)


@pytest.mark.parametrize(("look", "name"), CASES, ids=_name_of)
def test_a_page_is_usable(portal, wardrobe, watch, look, name):
    language, theme, width = look
    visit = EVERYTHING[name]
    page = wardrobe.page_for(visit.who, language, theme, width)
    watch.expected.add(visit.status)

    answer = page.goto(address_of(portal, visit, language, theme))
    settle(page)

    assert answer is not None
    assert answer.status == visit.status
    assert is_at(page.url, address_of(portal, visit, language, theme))
    assert page.evaluate("document.documentElement.lang") == language
    assert page.locator("h1").count() == 1
    assert find_violations(page) == []
    assert find_overflow(page) == []


def test_the_second_step(portal, open_as, watch):
    page = open_as("nobody").new_page()
    page.goto("/accounts/login/")
    page.locator("#id_login").fill("guarded-en-light@demo.example")
    page.locator("#id_password").fill("portside-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/2fa/authenticate/**")

    assert find_violations(page) == []


class Reader(HTMLParser):
    """The title, the links and the pictures of a page."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.title, self.links, self._in_title = "", list[str](), False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep addresses that the page leads to or draws."""
        facts = dict(attrs)
        self._in_title = tag == "title" and not self.title
        names = ("href", "src", "data-go")
        self.links += [value for name in names if (value := facts.get(name))]

    def handle_data(self, data: str) -> None:
        """Keep the title."""
        if self._in_title:
            self.title += data
            self._in_title = False


@dataclass(frozen=True)
class Fetched:
    """One page as its reader got it, without drawing it."""

    name: str
    reader: APIRequestContext
    url: str
    content: Reader


def fetch_pages(portal: Portal, open_as: OpenContext, language: str) -> Iterator[Fetched]:
    """Yield every page, fetched by the person it is for."""
    people = {visit.who for visit in EVERYTHING.values()}
    readers = {who: open_as(who, language=language).request for who in people}
    for name, visit in EVERYTHING.items():
        path = address_of(portal, visit, language)
        answer = readers[visit.who].get(path)
        assert answer.status == visit.status, (name, path, answer.status)
        assert is_at(answer.url, path), (name, answer.url)
        yield Fetched(name, readers[visit.who], answer.url, Reader(answer.text()))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_titles_tell_pages_apart(portal, open_as, language):
    titles: dict[str, list[str]] = {}
    for page in fetch_pages(portal, open_as, language):
        if page.name in VISITS:
            titles.setdefault(page.content.title.strip(), []).append(page.name)

    assert {title: names for title, names in titles.items() if len(names) > 1} == {}
    assert all(title.endswith(" · Portside") for title in titles)


def test_no_link_is_dead(portal, open_as):
    seen: set[str] = set()
    dead: list[str] = []
    for page in fetch_pages(portal, open_as, "en"):
        for link in page.content.links:
            target = urldefrag(urljoin(page.url, link)).url
            if target in seen or target == page.url or not target.startswith(portal.address):
                continue
            seen.add(target)
            if (status := page.reader.get(target).status) >= 400:
                dead.append(f"{status} {target} on {page.name}")

    assert dead == []
    assert len(seen) > 100


@pytest.mark.parametrize("name", ANSWERS)
def test_data_is_answered(portal, open_as, name):
    context = open_as("guarded" if name.startswith("mfa_download") else "owner")

    path = ANSWERS[name].format_map(portal.facts)

    answer = context.request.get(path)

    is_page = answer.body().lstrip().lower().startswith(b"<!doctype html>")
    assert (answer.status, is_page, answer.url) == (200, False, portal.address + path)
    assert answer.body()
