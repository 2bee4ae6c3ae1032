"""Compiled translations are those of their source."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import messages

_PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "Order"
msgstr "订单"

msgctxt "verb"
msgid "Order"
msgstr "下单"

msgid "%(n)s order"
msgid_plural "%(n)s orders"
msgstr[0] "%(n)s 个订单"

#, fuzzy
msgid "Ship"
msgstr "船"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source whose compiled file is current."""
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(_PO)
    messages.compile_source(path)
    return path


def test_a_compiled_source_is_current(source: Path, tmp_path: Path) -> None:
    assert messages.main([], tmp_path) == 0


def test_a_changed_translation_is_not_current(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source.write_text(_PO.replace("下单", "订购"))

    assert messages.main([], tmp_path) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "zh_Hans/django.po differs from its compiled .mo"


def test_a_missing_compiled_file_is_not_current(source: Path, tmp_path: Path) -> None:
    source.with_suffix(".mo").unlink()

    assert messages.main([], tmp_path) == 1


def test_write_makes_it_current(source: Path, tmp_path: Path) -> None:
    source.write_text(_PO.replace("订单", "单"))

    assert messages.main(["--write"], tmp_path) == 0
    assert messages.main([], tmp_path) == 0
