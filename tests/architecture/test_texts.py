"""Every text the code writes is in the catalogue, and the log has words for every event."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from apps.merchants.web.labels import EVENT_GROUPS, EVENT_LABELS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "apps").rglob("*.py"))
_TRANSLATES = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}


def _texts(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        text = node.args[1 if node.func.id.startswith("pgettext") else 0]
        if node.func.id in _TRANSLATES | {"pgettext", "pgettext_lazy"}:
            assert isinstance(text, ast.Constant), f"{source}:{node.lineno} has no fixed text"
            yield str(text.value)


def _known() -> set[str]:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    return {text for key in ids for text in (key if isinstance(key, tuple) else (key,))}


def test_the_catalogue_knows_every_text_of_the_code() -> None:
    # What stands inside an f-string is never found by makemessages.
    used = {text for source in SOURCES for text in _texts(source)}
    assert used - _known() == set()


@pytest.mark.parametrize(
    "app", ["merchants", "orders", "fulfillment", "inbound", "jobs", "partners"]
)
def test_the_activity_log_has_words_for_every_event(app: str) -> None:
    names = vars(importlib.import_module(f"apps.{app}.events"))
    events = {
        name
        for key, name in names.items()
        if key.isupper() and isinstance(name, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", name)
    }
    events.discard("webhook.test")  # sent to the receiver, never recorded
    assert events - set(EVENT_LABELS) == set()


def test_every_filter_of_the_activity_log_finds_something() -> None:
    prefixes = {event.partition(".")[0] for event in EVENT_LABELS}
    assert {group for group, _label in EVENT_GROUPS} - prefixes == set()
