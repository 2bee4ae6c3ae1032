"""A market's price from a base price, a rule and a rate, and whether it moves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from apps.catalog.pricing.endings import round_price
from apps.common.money import Money

FIRST, BASE, RULE, FX, FX_SMALL, SAME = "first", "base", "rule", "fx", "fx_small", "same"
EXPLICIT, MIGRATED = "explicit", "migrated"
# Changes by the exchange rate alone below this share do not move a price.
DEFAULT_HYSTERESIS = Decimal("0.01")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Terms:
    """A price rule: first the percentage of the base price, then the fixed uplift.

    ``percent`` is signed (20 makes 120 %); ``uplift``, ``floor`` and ``ceiling`` are in the base
    currency. ``hysteresis`` is a share (0.01).
    """

    percent: Decimal = Decimal(0)
    uplift: Decimal = Decimal(0)
    ending: str = "99"
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    hysteresis: Decimal = DEFAULT_HYSTERESIS

    @property
    def mark(self) -> str:
        """What tells these terms from others, whatever the hysteresis."""
        parts = (self.percent, self.uplift, self.ending, self.floor, self.ceiling)
        return "|".join(_plain(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived price in the market's currency, and the exact amount before it was rounded."""

    price: Money
    target: Decimal


@dataclass(frozen=True, slots=True)
class Basis:
    """What a price that follows a rule was made of when it last moved."""

    base_minor: int
    base_currency: str
    mark: str
    target: Decimal


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the price moves, and why or why not."""

    moves: bool
    reason: str


def derive(base: Money, rate: Decimal, currency: str, terms: Terms) -> Derived:
    """Return the price of a base price in ``currency`` at ``rate`` (one base in ``currency``).

    All amounts of the rule are converted at the same rate. The price has the rule's ending and lies
    between floor and ceiling.
    """
    target = (base.amount * (_HUNDRED + terms.percent) / _HUNDRED + terms.uplift) * rate
    price = round_price(
        target,
        terms.ending,
        currency,
        floor=None if terms.floor is None else terms.floor * rate,
        ceiling=None if terms.ceiling is None else terms.ceiling * rate,
    )
    return Derived(Money.rounded(price, currency), target)


def decide(
    derived: Derived, basis: Basis, *, current: Money | None, known: Basis | None, terms: Terms
) -> Decision:
    """Say whether a price moves to what was derived.

    ``current`` is the price now and ``known`` what it was made of; without them it is the first one.
    A new base price or new terms always move it. The exchange rate alone moves it only when the exact
    amount is away from the one the price was made of by the rule's hysteresis or more: the distance
    is measured from the last move, so that small steps add up.
    """
    if current is None or known is None or current.currency != derived.price.currency:
        return Decision(moves=True, reason=FIRST)
    if (known.base_minor, known.base_currency) != (basis.base_minor, basis.base_currency):
        return Decision(moves=True, reason=BASE)
    if known.mark != basis.mark:
        return Decision(moves=True, reason=RULE)
    if derived.price == current:
        return Decision(moves=False, reason=SAME)
    if known.target and abs(derived.target / known.target - 1) < terms.hysteresis:
        return Decision(moves=False, reason=FX_SMALL)
    return Decision(moves=True, reason=FX)


def _plain(part: Decimal | str | None) -> str:
    if part is None:
        return ""
    return f"{part.normalize():f}" if isinstance(part, Decimal) else part
