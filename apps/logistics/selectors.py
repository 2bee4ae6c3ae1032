"""Reads of the network: the rows of a day, compiled and kept per edition."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from datetime import date
from functools import lru_cache

from apps.logistics.models import CapacityUse, NetworkEdition, NetworkRow
from apps.logistics.network import Network, Versioned, compile_network
from apps.markets.places import is_business_day

_KEPT = 64
_kept: OrderedDict[tuple[str, date], Network] = OrderedDict()
_lock = threading.Lock()


def find_network(on: date) -> Network:
    """Return the network as it stands on a day; an empty one before anything was loaded.

    One statement while no row was decided about since the last call, two more when one was.
    """
    newest = NetworkEdition.objects.order_by("-id").values_list("version", flat=True).first()
    return get_network(newest, on) if newest else Network("")


def get_network(version: str, on: date) -> Network:
    """Return the network of an edition on a day; raises ``NetworkEdition.DoesNotExist``."""
    key = (version, on)
    with _lock:
        known = _kept.get(key)
        if known is not None:
            _kept.move_to_end(key)
            return known
    # Two threads may compile the same edition; both are right.
    network = compile_rows(NetworkEdition.objects.get(version=version), on)
    with _lock:
        _kept[key] = network
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return network


def compile_rows(edition: NetworkEdition, on: date) -> Network:
    """Compile the rows of an edition that apply on a day, the newest version of each (one statement)."""
    until = {(rule, version): last for rule, version, last in edition.rows}
    chosen: dict[str, NetworkRow] = {}
    rows = NetworkRow.objects.filter(
        rule_id__in={rule for rule, _version in until}, effective_from__lte=on
    )
    for row in rows.order_by("rule_id", "version"):
        key = (row.rule_id, row.version)
        if key not in until or (row.effective_to is not None and row.effective_to < on):
            continue
        superseded_from = until[key]
        if superseded_from is None or date.fromisoformat(superseded_from) > on:
            chosen[row.rule_id] = row
    found = [Versioned(f"{row.rule_id}@{row.version}", row.body) for row in chosen.values()]
    return compile_network(found, edition.version)


def read_taken(rules: Collection[str], since: date) -> dict[tuple[str, date], int]:
    """Return how many parcels capacity rules have taken from a day on; no statement without rules."""
    if not rules:
        return {}
    rows = CapacityUse.objects.filter(rule_id__in=sorted(rules), day__gte=since)
    return {(rule, day): taken for rule, day, taken in rows.values_list("rule_id", "day", "taken")}


@lru_cache(maxsize=65_536)
def works_on(country: str, day: date) -> bool:
    """Say whether a country works on a day; where no calendar is known, Monday to Friday."""
    try:
        return is_business_day(country, day)
    except NotImplementedError:
        return day.weekday() < 5
