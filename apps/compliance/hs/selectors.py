"""Reads of HS assistance: the library in force."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from apps.compliance.hs.library import Library, build_library
from apps.compliance.models import HsImport, HsRow

_building = Lock()


def find_active_load(source: str) -> HsImport | None:
    """Return the load of a source that is in force."""
    loads = HsImport.objects.filter(source=source, status=HsImport.Status.ACTIVE)
    return loads.order_by("-id").first()


def get_library() -> Library:
    """Return the library of the loads in force; one statement once it is built.

    It is built once per process and set of loads: seconds with the whole nomenclature, a fraction
    of one with the own guide alone.
    """
    active = HsImport.objects.filter(status=HsImport.Status.ACTIVE)
    loads = tuple(active.order_by("source", "id").values_list("pk", "source", "content_digest"))
    with _building:
        return _build(loads)


@lru_cache(maxsize=1)
def _build(loads: tuple[tuple[int, str, str], ...]) -> Library:
    content = {
        source: list(HsRow.objects.filter(load_id=key).order_by("id").values_list("code", "text"))
        for key, source, _digest in loads
    }
    return build_library(content)
