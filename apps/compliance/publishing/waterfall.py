"""What becomes of a price until the merchant keeps it, line by line. Pure.

price − promotions − duty − tax − border fees − freight − fees of the portal − cost = what is kept.
Amounts are in the market's currency; what leaves is negative. A line whose amount is not known says
so and is not counted: ``keep`` is then what is kept before that line, never a guess.

The worst case is the parcel in which the border takes most of the piece: the piece alone, or together
with a second piece of the same price from another tariff heading, whose charges are shared equally.
Such a parcel may pay duty for two tariff lines, or pass the value up to which no duty is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from apps.common.money import Money
from apps.compliance.publishing.facts import Case, Offer
from apps.compliance.publishing.landing import Landing, MakeSale, land
from apps.finance.rules import OrderFacts, work_out_fees
from apps.fulfillment.routing import quote_parcel
from apps.journal.services import Json
from apps.markets.landed.result import LandedCostError
from apps.markets.landed.sale import Item, Rate, Sale

PRICE, SUPPLY = "price", "supply_price"
DUTY, TAX, BORDER_FEES, FREIGHT, COST = "duty", "tax", "border_fees", "freight", "cost"
_HALF = 2
# Before there is a buyer, the province with the highest tax counts where a country's tax depends on
# it: 15 % in New Brunswick (CA-STD), 20 % in Acre (BR-PRC-50).
_DEAREST_REGION = {"CA": "NB", "BR": "AC"}
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a code, the amount (negative when it leaves) or ``None``, and why.

    ``note`` is a code that says who collects, who pays, or why the amount is not known; ``rows`` are
    the rules that gave it.
    """

    code: str
    amount: Money | None
    note: str = ""
    rows: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return the line as it is stored and as the API writes it."""
        return {
            "code": self.code,
            "amount_minor": None if self.amount is None else self.amount.minor,
            "note": self.note,
            "rows": list[Json](self.rows),
        }


@dataclass(frozen=True, slots=True)
class Worst:
    """What is kept in the parcel in which the border takes most, and which parcel that is.

    ``case`` is ``alone`` or ``basket``; ``unknown`` means that the basket cannot be worked out, and
    ``reason`` why.
    """

    case: str
    keep: Money | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """What becomes of one variant's price in one market."""

    sku: str
    price: Money
    lines: tuple[Line, ...]
    keep_base: Money | None
    worst: Worst
    buyer_total: Money | None = None
    landing: Landing | None = field(default=None, compare=False)
    error: LandedCostError | None = field(default=None, compare=False)

    @property
    def keep(self) -> Money:
        """What is kept after every known line."""
        known = sum(line.amount.minor for line in self.lines if line.amount is not None)
        return Money.from_minor(self.price.minor + known, self.price.currency)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Codes of the lines whose amount is not known."""
        return tuple(line.code for line in self.lines if line.amount is None)

    @property
    def is_complete(self) -> bool:
        """Whether every line is known."""
        return not self.unknown

    @property
    def margin(self) -> Decimal:
        """What is kept as a share of the price."""
        return self.keep.amount / self.price.amount

    def as_json(self) -> dict[str, Json]:
        """Return the waterfall as it is stored."""
        return {
            "sku": self.sku,
            "currency": self.price.currency,
            "price_minor": self.price.minor,
            "lines": [line.as_json() for line in self.lines],
            "keep_minor": self.keep.minor,
            "unknown": list[Json](self.unknown),
            "worst_case": self.worst.case,
            "worst_keep_minor": None if self.worst.keep is None else self.worst.keep.minor,
        }


def build_waterfall(case: Case, offer: Offer) -> Waterfall | None:
    """Return what becomes of an offer's price; nothing without a price."""
    if offer.price is None:
        return None
    price, sku = offer.price, offer.variant.sku
    if case.is_custody:
        made = Waterfall(sku, price, (_cost(case, offer),), None, Worst("alone", None))
        return replace(made, keep_base=_in_base(case, made), worst=Worst("alone", made.keep))
    landing, error = _land(case, offer, price) if case.is_imported else (None, None)
    lines = (
        *_border(case, landing, error),
        _freight(case, offer),
        *_fees(case, price),
        _cost(case, offer),
    )
    made = Waterfall(
        sku,
        price,
        lines,
        None,
        Worst("alone", None),
        buyer_total=_buyer_total(price, landing),
        landing=landing,
        error=error,
    )
    return replace(made, keep_base=_in_base(case, made), worst=_worst(case, offer, made))


def _land(case: Case, offer: Offer, price: Money) -> tuple[Landing | None, LandedCostError | None]:
    product = offer.variant.product
    if not product.hs_code or not product.origin_country:
        return None, None
    make = _sale_of(case, offer, (product.hs_code[:6],))
    try:
        included = case.market.is_price_with_tax
        return land(case.book.book, make, price, is_included=included), None
    except LandedCostError as error:
        return None, error


def _sale_of(case: Case, offer: Offer, headings: tuple[str, ...]) -> MakeSale:
    """Return the sale of one piece per heading, all at the same declared value."""
    currency = case.market.currency
    found = {code: case.rates.find(code, currency) for code in case.book.currencies - {currency}}
    fx = {code: Rate(sale=rate.rate, other=_ONE) for code, rate in found.items() if rate}
    origin, tariff = offer.variant.product.origin_country, case.tariff
    facts: Mapping[str, Decimal | bool | str] = tariff.facts if tariff is not None else {}
    rate = tariff.rate if tariff is not None else None
    weight = offer.variant.weight_g * len(headings)

    def make(declared: Decimal) -> Sale:
        items = tuple(
            Item(declared, 1, heading, origin, tariff_rate=rate, facts=facts)
            for heading in headings
        )
        return Sale(
            destination=case.market.code,
            sold_on=case.on,
            currency=currency,
            items=items,
            region=_DEAREST_REGION.get(case.market.code, ""),
            ship_from=case.ships_from,
            weight_g=weight,
            fx=fx,
        )

    return make


def _border(case: Case, landing: Landing | None, error: LandedCostError | None) -> tuple[Line, ...]:
    if not case.is_imported:
        return (Line(DUTY, None, "stock_import"), Line(TAX, None, "local_tax"))
    if landing is None:
        why = "no_rule" if error is not None else "no_facts"
        return (Line(DUTY, None, why), Line(TAX, None, why))
    rows, collector = landing.quote.row_ids, landing.quote.collector
    nothing = Money.from_minor(0, landing.quote.currency)
    if not landing.is_included:
        return (
            Line(DUTY, nothing, "buyer_pays", rows),
            Line(TAX, nothing, "buyer_pays", rows),
        )
    lines = [
        Line(DUTY, -landing.duty, "", rows),
        Line(TAX, -landing.tax, f"collector:{collector}", rows),
    ]
    if landing.fees.minor:
        lines.append(Line(BORDER_FEES, -landing.fees, "", rows))
    return tuple(lines)


def _freight(case: Case, offer: Offer) -> Line:
    """Return the price of the label, as fulfilment works it out today, for a parcel of one piece."""
    origin, destination = case.ships_from, case.market.code
    if not offer.variant.weight_g:
        return Line(FREIGHT, None, "no_weight")
    if not origin:
        return Line(FREIGHT, None, "no_place")
    currency = case.market.currency
    found = {code: case.rates.find(code, currency) for code in case.network.currencies - {currency}}
    quoted = quote_parcel(
        case.network,
        origin=origin,
        destination=destination,
        weight_g=offer.variant.weight_g,
        currency=currency,
        rates={code: rate.rate for code, rate in found.items() if rate is not None},
    )
    if quoted is None:
        return Line(FREIGHT, None, "no_tariff")
    postage, card = quoted
    if postage is None:
        return Line(FREIGHT, None, "no_rate", (card,))
    return Line(FREIGHT, -postage, f"from:{origin}", (card,))


def _fees(case: Case, price: Money) -> list[Line]:
    order = OrderFacts("", price.currency, price.minor, 0, 0)
    return [
        Line(
            fee.used.kind,
            Money.from_minor(-fee.amount_minor, price.currency),
            f"rate:{fee.used.rate.normalize():f}",
            (fee.used.code,),
        )
        for fee in work_out_fees(order, case.fees)
    ]


def _cost(case: Case, offer: Offer) -> Line:
    variant = offer.variant
    if not variant.cost_minor:
        return Line(COST, None, "not_told")
    cost = Money.from_minor(variant.cost_minor, variant.cost_currency)
    local = case.rates.convert(cost, case.market.currency)
    return Line(COST, None, "no_rate") if local is None else Line(COST, -local)


def _buyer_total(price: Money, landing: Landing | None) -> Money | None:
    if landing is None:
        return None
    return price if landing.is_included else price + landing.charges


def _in_base(case: Case, made: Waterfall) -> Money | None:
    return case.rates.convert(made.keep, case.merchant.base_currency)


def _worst(case: Case, offer: Offer, made: Waterfall) -> Worst:
    landing = made.landing
    if landing is None and case.is_imported:
        return Worst("unknown", None)
    if landing is None or not landing.is_included:
        return Worst("alone", made.keep)
    own = offer.variant.product.hs_code[:6]
    make = _sale_of(case, offer, (own, other_heading(own)))
    try:
        both = land(case.book.book, make, made.price, pieces=_HALF, is_included=True)
    except LandedCostError as error:
        return Worst("unknown", None, str(error))
    share = -(-both.charges.minor // _HALF)
    more = share - landing.charges.minor
    if more <= 0:
        return Worst("alone", made.keep)
    return Worst("basket", Money.from_minor(made.keep.minor - more, made.price.currency))


def other_heading(hs6: str) -> str:
    """Return another subheading of the same heading: ``940511`` gives ``940590``."""
    return f"{hs6[:4]}{'10' if hs6[4:6] == '90' else '90'}"
