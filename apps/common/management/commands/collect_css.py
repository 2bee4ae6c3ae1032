"""Join and minify the style sheet's layers; needs nothing but Python."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SOURCES = Path(settings.BASE_DIR) / "static" / "css" / "src"
TARGET = Path(settings.BASE_DIR) / "static" / "css" / "app.css"
_TOKENS = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")


def minify(source: str) -> str:
    """Return CSS without comments and without white space that carries no meaning.

    Strings are kept as they are. Spaces before ``:`` and around ``+`` and ``-`` stay, because
    descendant selectors and ``calc()`` need them.
    """
    without_comments = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    pieces = _TOKENS.split(without_comments)
    for index in range(0, len(pieces), 2):
        text = re.sub(r"\s+", " ", pieces[index])
        text = re.sub(r" ?([{};,>]) ?", r"\1", text)
        text = re.sub(r": ", ":", text)
        pieces[index] = text.replace(";}", "}").replace(" !important", "!important")
    return "".join(pieces).strip() + "\n"


def build() -> str:
    """Return the whole style sheet; font paths are moved up one folder with it."""
    joined = "\n".join(path.read_text("utf-8") for path in sorted(SOURCES.glob("*.css")))
    return minify(joined.replace("../../fonts/", "../fonts/"))


class Command(BaseCommand):
    """Write static/css/app.css from static/css/src/*.css."""

    requires_system_checks = []  # it must also run while the project does not import
    help = "Join and minify static/css/src into static/css/app.css"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer a check without writing."""
        parser.add_argument("--check", action="store_true", help="fail if the file is stale")

    def handle(self, *args: object, **options: object) -> None:
        """Write the file, or compare it."""
        built = build()
        if options["check"]:
            if not TARGET.exists() or TARGET.read_text("utf-8") != built:
                raise CommandError("static/css/app.css is stale: run manage.py collect_css")
            return
        TARGET.write_text(built, "utf-8")
        self.stdout.write(f"{TARGET.name}: {len(built.encode())} bytes")
