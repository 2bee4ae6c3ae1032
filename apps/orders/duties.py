"""What the border takes of orders that travel together or apart: the landed cost of both ways.

Values are what the buyer paid for the items; the same values count on both sides, so the difference
is what joining or splitting changes: flat duties a tariff line, thresholds of a consignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from apps.common.money import Money
from apps.journal.actors import Actor
from apps.journal.services import Json
from apps.markets.landed.result import LandedCostError, Quote
from apps.markets.landed.sale import Item, Sale
from apps.markets.selectors.rule_books import rates_for, rules_for
from apps.markets.services.quotes import quote_landed_cost
from apps.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Bundle:
    """Lines that travel as one consignment, with the shipping fee the buyer paid for them."""

    order: Order
    lines: Sequence[OrderLine]
    shipping_minor: int


@dataclass(frozen=True, slots=True)
class Border:
    """What the border takes of consignments, how many tariff lines they declare, and by which rows."""

    duty: Money
    charges: Money
    tariff_lines: int
    row_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DutyComparison:
    """Together or apart: ``saved`` is what travelling together saves, negative where it costs more.

    ``why_not`` says why it cannot be worked out; then there are no amounts.
    """

    together: Border | None
    apart: Border | None
    why_not: str = ""

    @property
    def saved(self) -> Money | None:
        """What travelling together saves in duty, tax and fees."""
        if self.together is None or self.apart is None:
            return None
        return Money.from_minor(
            self.apart.charges.minor - self.together.charges.minor, self.apart.charges.currency
        )

    @property
    def better(self) -> str:
        """Which way is cheaper: ``together``, ``apart``, ``same``, or nothing where unknown."""
        saved = self.saved
        if saved is None:
            return ""
        return "together" if saved.minor > 0 else "apart" if saved.minor < 0 else "same"


def compare_duties(bundles: Sequence[Bundle], *, on: date) -> DutyComparison:
    """Return what the border takes of the bundles as one consignment and as several.

    The bundles have one destination and currency. Nothing is stored; ``keep_quotes`` does that.
    """
    try:
        together = _border([quote_sale(_sale(bundles, on))])
        apart = _border([quote_sale(_sale([bundle], on)) for bundle in bundles])
    except LandedCostError as error:
        return DutyComparison(None, None, str(error))
    except ValueError as error:
        # An order of gifts has no value that could be declared.
        return DutyComparison(None, None, str(error))
    return DutyComparison(together, apart)


def keep_quotes(
    bundles: Sequence[Bundle], comparison: DutyComparison, *, actor: Actor, now: datetime
) -> dict[str, Json]:
    """Store the quotes of both ways with the rows that made them; returns their ids for the record."""
    if comparison.together is None:
        return {"why_not": comparison.why_not}
    tenant = bundles[0].order.merchant_id
    ways = {"together": [_sale(bundles, now.date())]}
    ways["apart"] = [_sale([bundle], now.date()) for bundle in bundles]
    quotes: dict[str, Json] = {
        way: [
            quote_landed_cost(sale, tenant_id=tenant, actor=actor, now=now).public_id
            for sale in sales
        ]
        for way, sales in ways.items()
    }
    return {"better": comparison.better, "rows": [*comparison.together.row_ids], **quotes}


def quote_sale(sale: Sale) -> Quote:
    """Return the landed cost of a sale by the rows of its day, with the stored rates."""
    dated = rules_for(sale.destination, sale.sold_on)
    known = rates_for(dated, sale.currency, sale.sold_on)
    return dated.book.quote(replace(sale, fx={**known, **sale.fx}))


def _border(quotes: Sequence[Quote]) -> Border:
    currency = quotes[0].currency
    duty = sum((quote.duty for quote in quotes), Decimal(0))
    charges = sum((quote.total_charges for quote in quotes), Decimal(0))
    lines = sum(
        int(step.base) for quote in quotes for step in quote.steps if step.what == "duty a piece"
    )
    rows = dict.fromkeys(row for quote in quotes for row in quote.row_ids)
    return Border(
        Money.rounded(duty, currency), Money.rounded(charges, currency), lines, tuple(rows)
    )


def _sale(bundles: Sequence[Bundle], on: date) -> Sale:
    order = bundles[0].order
    lines = [line for bundle in bundles for line in bundle.lines]
    shipping = sum(bundle.shipping_minor for bundle in bundles)
    return Sale(
        destination=order.ship_to_country,
        sold_on=on,
        currency=order.currency,
        items=tuple(_item(line, order.currency) for line in lines),
        shipping=Money.from_minor(shipping, order.currency).amount,
        ship_from=lines[0].node.country,
        weight_g=sum(line.unit_weight_g * line.quantity for line in lines) or None,
    )


def _item(line: OrderLine, currency: str) -> Item:
    paid = Money.from_minor(line.total_minor, currency).amount
    return Item(
        paid / line.quantity,
        line.quantity,
        line.hs_code[:6],
        line.origin_country,
        description=line.customs_name,
    )
