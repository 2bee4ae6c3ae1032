"""Compares each compiled catalogue of ``locale/`` with its source (run inside the environment)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from devtools.machine import ROOT

if TYPE_CHECKING:
    from babel.messages.catalog import Message

Texts = dict[tuple[tuple[str, ...], str | None], tuple[str, ...]]


def main(arguments: list[str], folder: Path = ROOT / "locale") -> int:
    """Check that every .mo says what its .po says; with ``--write`` compile those that do not."""
    stale = [path for path in sorted(folder.glob("*/LC_MESSAGES/*.po")) if not is_current(path)]
    for path in stale:
        print(f"{path.parent.parent.name}/{path.name} differs from its compiled .mo")
        if "--write" in arguments:
            compile_source(path)
    if stale and "--write" not in arguments:
        print("Compile with: .venv/bin/python -m devtools.messages --write")
        return 1
    return 0


def is_current(source: Path) -> bool:
    """Tell whether the .mo beside ``source`` has exactly its finished translations."""
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    compiled = source.with_suffix(".mo")
    if not compiled.exists():
        return False
    with source.open("rb") as wanted, compiled.open("rb") as found:
        return _texts(read_po(wanted)) == _texts(read_mo(found))


def compile_source(source: Path) -> None:
    """Write the .mo beside ``source``."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as text, source.with_suffix(".mo").open("wb") as binary:
        write_mo(binary, read_po(text))


def _texts(messages: Iterable[Message]) -> Texts:
    """Return id and context to translations, all as tuples (plurals have more than one)."""
    texts: Texts = {}
    for message in messages:
        translations = _tuple(message.string)
        if message.id and not message.fuzzy and all(translations):
            # Babel reads the context of a compiled message as bytes.
            context = message.context
            text = context.decode() if isinstance(context, bytes) else context
            texts[_tuple(message.id), text or None] = translations
    return texts


def _tuple(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
