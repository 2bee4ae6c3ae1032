"""Pure rules of receiving: what is tolerated, and what differs from what was announced."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "2026-11"
DEFAULT_PERCENT = 5
DEFAULT_UNITS = 6
MAX_PERCENT = 20
MAX_TOLERATED_UNITS = 100


@dataclass(frozen=True, slots=True)
class Tolerance:
    """By how many units a line may differ: the greater of a share and a number of units.

    5 % or 6 units is what marketplaces grant for amending a shipment in place. What was not
    announced at all has no tolerance.
    """

    percent: int = DEFAULT_PERCENT
    units: int = DEFAULT_UNITS

    def allowance(self, expected: int) -> int:
        """Return the units by which a line of ``expected`` may differ."""
        if expected <= 0:
            return 0
        return max(expected * self.percent // 100, self.units)


@dataclass(frozen=True, slots=True)
class Counts:
    """The quantities of a line; ``received`` are all units that came, in whatever condition.

    ``accepted`` stand on the shelf, ``rejected`` in quarantine; what is left waits (``waiting``).
    """

    expected: int
    received: int = 0
    accepted: int = 0
    damaged: int = 0
    rejected: int = 0

    @property
    def over(self) -> int:
        """Units beyond what was announced."""
        return max(0, self.received - self.expected)

    @property
    def missing(self) -> int:
        """Units that were announced and have not come."""
        return max(0, self.expected - self.received)

    @property
    def waiting(self) -> int:
        """Units that were counted and are neither on a shelf nor set apart."""
        return self.received - self.accepted - self.damaged - self.rejected


def room_left(counts: Counts, tolerance: Tolerance) -> int:
    """Return how many more units may be taken; quarantined ones take no room."""
    most = counts.expected + tolerance.allowance(counts.expected)
    return max(0, most - (counts.received - counts.rejected))


def may_amend(announced: int, wanted: int, tolerance: Tolerance) -> bool:
    """Say whether a line announced with ``announced`` units may become ``wanted`` without a new ASN."""
    return wanted >= 0 and abs(wanted - announced) <= tolerance.allowance(announced)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a line differs, by how many units, and how many are tolerated."""

    kind: str
    units: int
    allowed: int

    @property
    def is_beyond(self) -> bool:
        """Whether somebody must answer it."""
        return self.units > self.allowed


def find_differences(counts: Counts, tolerance: Tolerance) -> list[Difference]:
    """Return how a line that was counted completely differs from what was announced.

    Quarantined units count as rejected, not as over as well.
    """
    allowed = tolerance.allowance(counts.expected)
    quantities = {
        "over": max(0, counts.over - counts.rejected),
        "short": counts.missing,
        "damaged": counts.damaged,
        "rejected": counts.rejected,
    }
    return [Difference(kind, units, allowed) for kind, units in quantities.items() if units]


def split_source(counts: Counts, units: int) -> tuple[int, int]:
    """Return how many of ``units`` that came were announced, and how many were not."""
    announced = min(units, counts.missing)
    return announced, units - announced


def clean_code(code: str) -> str:
    """Return what a scanner sent without its frame: spaces, and ``(00)`` or ``00`` before an SSCC."""
    plain = "".join(code.split())
    if plain.startswith("(00)"):
        return plain[4:]
    if len(plain) == 20 and plain.isascii() and plain.isdigit() and plain.startswith("00"):
        return plain[2:]
    return plain


def same_gtin(left: str, right: str) -> bool:
    """Say whether two GTINs are one: 8, 12, 13 and 14 digits compare with zeros in front (GS1)."""
    if not left or not right or not (left.isascii() and left.isdigit()):
        return False
    return left.rjust(14, "0") == right.rjust(14, "0")
