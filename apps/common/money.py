"""Money: an exact amount in one currency, rounded in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.core import get_global
from babel.numbers import get_currency_precision


class CurrencyMismatchError(TypeError):
    """Amounts of different currencies met in one operation."""


@lru_cache(maxsize=512)
def precision(currency: str) -> int:
    """Return the number of minor-unit digits of an ISO 4217 code (CLDR): USD 2, JPY 0, KWD 3."""
    if currency not in get_global("all_currencies"):
        raise ValueError(f"Unknown currency {currency!r}")
    return get_currency_precision(currency)


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round ``amount`` half up to the currency's minor unit: the only rounding of money."""
    return amount.quantize(Decimal(1).scaleb(-precision(currency)), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency with exactly its minor-unit digits.

    Built from a ``Decimal`` that already fits (``Money(Decimal("1.50"), "USD")``), from minor
    units, or by rounding; a float is refused.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse floats and amounts finer than the minor unit."""
        if not isinstance(self.amount, Decimal):
            raise TypeError("Money takes a Decimal")
        if round_amount(self.amount, self.currency) != self.amount:
            raise ValueError(f"{self.amount} has more digits than {self.currency} allows")

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """Return money for a whole number of minor units (cents)."""
        return cls(Decimal(minor).scaleb(-precision(currency)), currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> Money:
        """Return money for any decimal, rounded half up."""
        return cls(round_amount(amount, currency), currency)

    @property
    def minor(self) -> int:
        """The amount in whole minor units."""
        return int(self.amount.scaleb(precision(self.currency)))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        """Add money of the same currency."""
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract money of the same currency."""
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        """Return the opposite amount."""
        return Money(-self.amount, self.currency)

    def times(self, factor: Decimal | int) -> Money:
        """Multiply by an exact factor and round half up."""
        return Money.rounded(self.amount * factor, self.currency)


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split ``total_minor`` in proportion to ``weights`` so that the parts sum exactly.

    Largest remainder first; ties go to the earlier part. All-zero weights split evenly.
    """
    if not weights:
        return []
    base = list(weights) if sum(weights) else [1] * len(weights)
    whole = sum(base)
    sign = -1 if total_minor < 0 else 1
    shares = [abs(total_minor) * weight // whole for weight in base]
    remainders = [abs(total_minor) * weight % whole for weight in base]
    left = abs(total_minor) - sum(shares)
    for index in sorted(range(len(base)), key=lambda i: (-remainders[i], i))[:left]:
        shares[index] += 1
    return [sign * share for share in shares]


def total(parts: Iterable[Money], currency: str) -> Money:
    """Sum money of one currency; an empty sum is zero of ``currency``."""
    result = Money.from_minor(0, currency)
    for part in parts:
        result += part
    return result
