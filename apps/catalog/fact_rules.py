"""Pure rules of safety facts: which of them belong together, and which a market of the EU asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

_UN = re.compile(r"^UN\d{4}$")
ION = frozenset({"ion_alone", "ion_packed", "ion_contained"})
METAL = frozenset({"metal_alone", "metal_packed", "metal_contained"})
BATTERIES = ION | METAL | {"none", "other", ""}
# UN number and packing instruction: IATA Dangerous Goods Regulations, section 3.9 and 5.9.
TRANSPORT: Mapping[str, tuple[str, str]] = {
    "ion_alone": ("UN3480", "PI 965"),
    "ion_packed": ("UN3481", "PI 966"),
    "ion_contained": ("UN3481", "PI 967"),
    "metal_alone": ("UN3090", "PI 968"),
    "metal_packed": ("UN3091", "PI 969"),
    "metal_contained": ("UN3091", "PI 970"),
}
# The classes and divisions of the UN Model Regulations, chapter 2.0.1.
HAZARD_CLASSES = (
    *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6"),
    *("2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2"),
    *("6.1", "6.2", "7", "8", "9"),
)
PACKING_GROUPS = ("I", "II", "III")
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SafetyFacts:
    """What is told about battery and danger; watt-hours and grams of lithium are per battery."""

    battery: str = ""
    battery_wh: Decimal | None = None
    battery_lithium_g: Decimal | None = None
    battery_count: int = 0
    dangerous: str = ""
    un_number: str = ""
    hazard_class: str = ""
    packing_group: str = ""
    is_limited_quantity: bool = False


def find_unfit(facts: SafetyFacts) -> Iterator[tuple[str, str]]:
    """Yield (field, code) for every fact that does not fit the others."""
    yield from _battery(facts)
    yield from _danger(facts)


def _battery(facts: SafetyFacts) -> Iterator[tuple[str, str]]:
    if facts.battery not in BATTERIES:
        yield "battery", "unknown_battery"
        return
    if facts.battery in ION and not facts.battery_wh:
        yield "battery_wh", "needs_wh"
    if facts.battery not in ION and facts.battery_wh is not None:
        yield "battery_wh", "no_ion"
    if facts.battery in METAL and not facts.battery_lithium_g:
        yield "battery_lithium_g", "needs_lithium"
    if facts.battery not in METAL and facts.battery_lithium_g is not None:
        yield "battery_lithium_g", "no_metal"
    if facts.battery in ION | METAL | {"other"} and facts.battery_count < 1:
        yield "battery_count", "needs_count"
    if facts.battery in {"none", ""} and facts.battery_count:
        yield "battery_count", "no_battery"


def _danger(facts: SafetyFacts) -> Iterator[tuple[str, str]]:
    if facts.dangerous not in {"", "no", "yes"}:
        yield "dangerous", "unknown_danger"
    elif facts.dangerous == "yes":
        if not _UN.match(facts.un_number):
            yield "un_number", "needs_un"
        if facts.hazard_class not in HAZARD_CLASSES:
            yield "hazard_class", "needs_class"
        if facts.packing_group and facts.packing_group not in PACKING_GROUPS:
            yield "packing_group", "unknown_group"
    else:
        for name in ("un_number", "hazard_class", "packing_group", "is_limited_quantity"):
            if getattr(facts, name):
                yield name, "not_dangerous"


def clean_un_number(text: str) -> str:
    """Return ``UN1950`` for ``1950``, ``un 1950`` or ``UN1950``; other text as it is, trimmed."""
    packed = re.sub(r"[\s-]", "", text).upper()
    return f"UN{packed}" if re.fullmatch(r"[0-9]{4}", packed) else packed


def document_state(status: str, valid_until: date | None, today: date) -> str:
    """Return ``withdrawn``, ``expired``, ``ending`` (within 30 days) or ``current``."""
    if status == "withdrawn":
        return "withdrawn"
    if valid_until is None:
        return "current"
    if valid_until < today:
        return "expired"
    return "ending" if valid_until - today <= SOON else "current"
