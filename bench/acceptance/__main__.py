"""Command line: ``python -m bench.acceptance SUITE FILE...`` (``dev.py accept`` calls it)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

from bench.acceptance.runner import known_suites, load_suite, load_summary, score


def main(arguments: list[str]) -> int:
    """Return 0 when all cases pass or the suite's targets are met, 1 if not, 2 for a wrong call."""
    if len(arguments) < 2:
        print("usage: python3 dev.py accept SUITE FILE...", file=sys.stderr)
        return 2
    name, files = arguments[0], [Path(argument) for argument in arguments[1:]]
    if name not in known_suites():
        print(f"No suite {name!r}. Known: {', '.join(known_suites())}.", file=sys.stderr)
        return 2
    if missing := [str(file) for file in files if not file.is_file()]:
        print(f"No such file: {', '.join(missing)}", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.dev")
    django.setup()
    return score(name, load_suite(name), files, load_summary(name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
