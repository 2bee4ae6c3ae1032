"""What of a price the border takes: duty, tax and fees inside the price or on top of it. Pure.

Where prices include tax (``Market.is_price_with_tax``) the price is all the buyer ever pays, so duty,
tax and fees come out of it: the declared value is the largest one that with its charges is not more
than the price. Where a threshold lies so that no value fits (below it too little is charged, above it
too much), the dearer side counts. Elsewhere the buyer pays on top, and the declared value is the price.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from apps.common.money import Money
from apps.markets.landed.book import Book
from apps.markets.landed.result import Quote
from apps.markets.landed.sale import Sale

MakeSale = Callable[[Decimal], Sale]
# One minor unit more of a piece's value cannot cost more than this; what does is a threshold.
_LARGEST_STEP = 5


@dataclass(frozen=True, slots=True)
class Landing:
    """The declared value of one piece, and the quote of the parcel it is in."""

    declared: Money
    quote: Quote
    is_included: bool

    @property
    def duty(self) -> Money:
        """The duty of the parcel."""
        return Money.rounded(self.quote.duty, self.quote.currency)

    @property
    def tax(self) -> Money:
        """The tax of the parcel."""
        return Money.rounded(self.quote.tax, self.quote.currency)

    @property
    def fees(self) -> Money:
        """Further fees of the parcel."""
        return Money.rounded(self.quote.fees, self.quote.currency)

    @property
    def charges(self) -> Money:
        """All of them."""
        return Money.rounded(self.quote.total_charges, self.quote.currency)


def land(
    book: Book, make_sale: MakeSale, price: Money, *, pieces: int = 1, is_included: bool
) -> Landing:
    """Return what the border takes of a parcel of ``pieces``, each sold at ``price``.

    ``make_sale`` returns the sale of the whole parcel for a declared value of one piece. Raises what
    ``Book.quote`` raises.
    """
    if not is_included:
        return Landing(price, book.quote(make_sale(price.amount)), is_included=False)
    limit = price.minor * pieces
    quotes: dict[int, Quote] = {}

    def paid(minor: int) -> int:
        quote = book.quote(make_sale(Money.from_minor(minor, price.currency).amount))
        quotes[minor] = quote
        return minor * pieces + Money.rounded(quote.total_charges, price.currency).minor

    declared = _largest(paid, limit, price.minor)
    return Landing(Money.from_minor(declared, price.currency), quotes[declared], is_included=True)


def _largest(paid: Callable[[int], int], limit: int, highest: int) -> int:
    """Return the largest value from 1 whose sum is within the limit, or 1 when none is.

    When the sum jumps over the limit between two values, the value above the jump is returned.

    The search follows the straight line between the two ends, so that an ordinary percentage takes
    four steps; where the line misleads (a threshold lies between) it halves.
    """
    low, low_paid, high = 0, 0, highest
    high_paid = paid(highest)
    if high_paid <= limit:
        return highest
    turn = 0
    while high - low > 1:
        span = high_paid - low_paid
        straight = low + (limit - low_paid) * (high - low) // span if span > 0 else 0
        middle = straight + turn % 2 if turn < 4 else (low + high) // 2
        middle = min(max(middle, low + 1), high - 1)
        sum_paid = paid(middle)
        if sum_paid <= limit:
            low, low_paid = middle, sum_paid
        else:
            high, high_paid = middle, sum_paid
        turn += 1
    if not low:
        paid(1)
        return 1
    is_jump = high_paid - low_paid > _LARGEST_STEP * (limit // highest)
    return high if is_jump else low
