"""Join the scripts every page needs into one file; needs nothing but Python."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

FOLDER = Path(settings.BASE_DIR) / "static" / "js"
TARGET = FOLDER / "app.bundle.js"
ENTRY = "app.js"
_IMPORT = re.compile(r'^import (?:\{ ([\w, ]+) \} from )?"\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)


def build() -> str:
    """Return the entry and what it imports, each module in a scope of its own.

    Only the forms our modules use are understood: named imports of local files at the top, and
    exported declarations. Dynamic ``import()`` stays as it is.
    """
    done: list[str] = []
    parts: list[str] = []
    _add(ENTRY, done, parts)
    return "/* Joined by manage.py collect_js; edit the modules beside it. */\n" + "".join(parts)


def _add(name: str, done: list[str], parts: list[str]) -> None:
    if name in done:
        return
    done.append(name)
    source = (FOLDER / name).read_text("utf-8")
    for _names, needed in _IMPORT.findall(source):
        _add(needed, done, parts)
    body = _IMPORT.sub(_as_lookup, source)
    exported = ", ".join(_EXPORT.findall(body))
    body = re.sub(r"^export ", "", body, flags=re.MULTILINE)
    body = re.sub(r"^/\*.*?\*/\n", "", body, flags=re.MULTILINE)
    body = re.sub(r"^\s+|^//.*\n", "", body, flags=re.MULTILINE)
    parts.append(f"const {_scope(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n")


def _as_lookup(match: re.Match[str]) -> str:
    names, module = match.groups()
    return f"const {{ {names} }} = {_scope(module)};\n" if names else ""


def _scope(name: str) -> str:
    return "module_" + re.sub(r"\W", "_", name.removesuffix(".js"))


class Command(BaseCommand):
    """Write static/js/app.bundle.js from the modules beside it."""

    requires_system_checks = []  # it must also run while the project does not import
    help = "Join the modules of static/js that every page needs into app.bundle.js"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer a check without writing."""
        parser.add_argument("--check", action="store_true", help="fail if the file is stale")

    def handle(self, *args: object, **options: object) -> None:
        """Write the file, or compare it."""
        built = build()
        if options["check"]:
            if not TARGET.exists() or TARGET.read_text("utf-8") != built:
                raise CommandError("static/js/app.bundle.js is stale: run manage.py collect_js")
            return
        TARGET.write_text(built, "utf-8")
        self.stdout.write(f"{TARGET.name}: {len(built.encode())} bytes")
