"""The portal's own guide: short wordings of about 1,200 subheadings that merchants need."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from apps.compliance.hs.index import Reference

_FILE = Path(__file__).with_name("guide.txt")


@lru_cache(maxsize=1)
def read_guide() -> tuple[tuple[str, str, str], ...]:
    """Return (code of six digits, English wording, Chinese wording) of every line."""
    lines = _FILE.read_text("utf-8").splitlines()
    rows = [tuple(line.split("|")) for line in lines if line and not line.startswith("#")]
    return tuple((code, english, chinese) for code, english, chinese in rows)


def guide_references() -> Iterator[Reference]:
    """Yield every name that the guide gives a subheading, each as a reference of its own."""
    for code, english, chinese in read_guide():
        names = [name.strip() for name in english.split(";")]
        yield Reference(code, names[0], "guide")
        for name in names[1:]:
            yield Reference(code, name, "guide")
        for name in chinese.split():
            yield Reference(code, name, "guide")


def chinese_name(code: str) -> str:
    """Return what the guide calls a subheading in Chinese, or nothing."""
    return _chinese_names().get(code, "")


@lru_cache(maxsize=1)
def _chinese_names() -> dict[str, str]:
    return {code: "、".join(chinese.split()) for code, _english, chinese in read_guide()}


def guide_nomenclature() -> dict[str, str]:
    """Return code → text for use without the official nomenclature: first names only."""
    return {code: english.split(";")[0] for code, english, _chinese in read_guide()}
