"""Compares each compiled catalogue of ``locale/`` with its source (run inside the environment)."""

from __future__ import annotations

import sys
from pathlib import Path

from devtools.machine import ROOT


def main(arguments: list[str]) -> int:
    """Check that every .mo says what its .po says; with ``--write`` compile those that do not."""
    from babel.messages.mofile import read_mo, write_mo
    from babel.messages.pofile import read_po

    stale: list[Path] = []
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalog = read_po(file)
        wanted = {(m.id, m.context): m.string for m in catalog if m.id and m.string and not m.fuzzy}
        wanted = {key: text for key, text in wanted.items() if any(text)}
        compiled = source.with_suffix(".mo")
        found: dict[object, object] = {}
        if compiled.exists():
            with compiled.open("rb") as file:
                found = {(m.id, m.context): m.string for m in read_mo(file) if m.id}
        if found == wanted:
            continue
        stale.append(source)
        if "--write" in arguments:
            with compiled.open("wb") as file:
                write_mo(file, catalog)
    for path in stale:
        print(f"{path.relative_to(ROOT)} differs from its compiled .mo")
    if stale and "--write" not in arguments:
        print("Compile with: .venv/bin/python -m devtools.messages --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
