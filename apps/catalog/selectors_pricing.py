"""Reads of price rules, derived prices and price history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from apps.catalog.models import Listing, ListingPrice, PriceRule, Variant
from apps.catalog.pricing.deriving import Basis, Decision, Derived, Terms, decide, derive
from apps.catalog.pricing.reductions import PricePoint, Reduction, judge_reduction, lowest_price
from apps.common.money import Money
from apps.journal.services import Json
from apps.markets.models import Market
from apps.markets.selectors import DatedRate
from apps.markets.selectors.dated_rates import DayRates
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class RuleBookOfPrices:
    """The price rules that may speak about one product, by product and market key."""

    rules: Mapping[tuple[int | None, int | None], PriceRule]

    def find(self, product_id: int, market_id: int) -> PriceRule | None:
        """Return the closest rule: product and market, product, market, company."""
        for scope in ((product_id, market_id), (product_id, None), (None, market_id), (None, None)):
            if scope in self.rules:
                return self.rules[scope]
        return None


@dataclass(frozen=True, slots=True)
class RulePrice:
    """What a rule makes of a variant's base price in a market today, and whether the price moves."""

    rule: PriceRule
    derived: Derived
    rate: DatedRate
    basis: Basis
    decision: Decision
    current: Money | None

    @property
    def price(self) -> Money:
        """The price that stands: the derived one if it moves, else the current one."""
        if self.decision.moves or self.current is None:
            return self.derived.price
        return self.current

    def as_json(self) -> dict[str, Json]:
        """Return what the price was made of, as it is kept with it."""
        return {
            "rule": self.rule.public_id,
            "mark": self.basis.mark,
            "base_minor": self.basis.base_minor,
            "base_currency": self.basis.base_currency,
            "target": str(self.basis.target),
            "rate": str(self.rate.rate),
            "rate_on": self.rate.fixed_on.isoformat() if self.rate.fixed_on else "",
            "rate_ids": list[Json](self.rate.row_ids),
        }


def list_rules(merchant: Merchant) -> QuerySet[PriceRule]:
    """Return the company's price rules with product and market, the widest first."""
    rules: QuerySet[PriceRule] = PriceRule.objects.filter(merchant=merchant)
    return rules.select_related("product", "market").order_by("product_id", "market__code")


def get_rule(merchant: Merchant, public_id: str) -> PriceRule:
    """Return one rule of the company; raises ``PriceRule.DoesNotExist``."""
    return list_rules(merchant).get(public_id=public_id)


def rules_of(merchant: Merchant, products: Iterable[int]) -> RuleBookOfPrices:
    """Return the rules that may speak about products; one statement."""
    rules = PriceRule.objects.filter(
        Q(product__isnull=True) | Q(product__in=list(products)), merchant=merchant
    )
    return RuleBookOfPrices({(rule.product_id, rule.market_id): rule for rule in rules})


def terms_of(rule: PriceRule) -> Terms:
    """Return a rule's terms as decimals in its currency."""
    return Terms(
        percent=Decimal(rule.percent),
        uplift=_amount(rule.uplift_minor, rule.currency) or Decimal(0),
        ending=rule.ending,
        floor=_amount(rule.floor_minor, rule.currency),
        ceiling=_amount(rule.ceiling_minor, rule.currency),
        hysteresis=Decimal(rule.hysteresis),
    )


def base_price_of(variant: Variant) -> Money | None:
    """Return a variant's base price, or nothing when none is told."""
    if not variant.base_price_minor:
        return None
    return Money.from_minor(variant.base_price_minor, variant.base_price_currency)


def price_by_rule(
    variant: Variant,
    market: Market,
    rule: PriceRule,
    rates: DayRates,
    *,
    listing: Listing | None = None,
) -> RulePrice | None:
    """Return what a rule makes of a variant's price in a market; nothing without base price or rate.

    The rule's amounts are turned into the base currency first, so that one rate moves them all.
    ``listing`` is the one whose price may stay: it must follow a rule already.
    """
    base = base_price_of(variant)
    if base is None:
        return None
    rate = rates.find(base.currency, market.currency)
    into_base = rates.find(rule.currency, base.currency)
    if rate is None or into_base is None:
        return None
    own = terms_of(rule)
    terms = Terms(
        percent=own.percent,
        uplift=own.uplift * into_base.rate,
        ending=own.ending,
        floor=_times(own.floor, into_base.rate),
        ceiling=_times(own.ceiling, into_base.rate),
        hysteresis=own.hysteresis,
    )
    derived = derive(base, rate.rate, market.currency, terms)
    mark = f"{own.mark}|{rule.currency}"
    basis = Basis(variant.base_price_minor, base.currency, mark, derived.target)
    current, known = _now(listing)
    decision = decide(derived, basis, current=current, known=known, terms=terms)
    return RulePrice(rule, derived, rate, basis, decision, current)


def currencies_of(variants: Iterable[Variant], rules: RuleBookOfPrices) -> set[str]:
    """Return the currencies that deriving the variants' prices needs, but for the markets' own."""
    found = {variant.base_price_currency for variant in variants if variant.base_price_minor}
    return found | {rule.currency for rule in rules.rules.values()}


def list_prices(listing: Listing) -> QuerySet[ListingPrice]:
    """Return every price a listing has had, the newest first."""
    prices: QuerySet[ListingPrice] = ListingPrice.objects.filter(listing=listing)
    return prices.order_by("-from_at", "-pk")


def get_listing(merchant: Merchant, public_id: str) -> Listing:
    """Return one listing with market and variant; raises ``Listing.DoesNotExist``."""
    own = Listing.objects.select_related("market", "variant__product").filter(merchant=merchant)
    listing: Listing = own.get(public_id=public_id)
    return listing


def find_listing_currencies(merchant: Merchant, public_ids: Collection[str]) -> dict[str, str]:
    """Return the currency of each of the merchant's listings by outward id; one statement."""
    own = Listing.objects.filter(merchant=merchant, public_id__in=public_ids)
    return dict(own.values_list("public_id", "currency"))


def find_lowest(listing: Listing, *, now: datetime) -> int | None:
    """Return the lowest price of a listing in the last 30 days, today's included; one statement."""
    own = ListingPrice.objects.filter(listing=listing, currency=listing.currency)
    points = [PricePoint(at, minor) for at, minor in own.values_list("from_at", "price_minor")]
    return lowest_price(points, until=now)


def find_reductions(listings: Sequence[Listing], *, now: datetime) -> dict[int, Reduction]:
    """Return listing key → what may be struck through beside its price; one statement."""
    points: dict[int, list[PricePoint]] = {}
    currencies = {listing.pk: listing.currency for listing in listings}
    rows = ListingPrice.objects.filter(listing__in=list(currencies)) if currencies else ()
    for row in rows:
        if row.currency == currencies[row.listing_id]:
            points.setdefault(row.listing_id, []).append(PricePoint(row.from_at, row.price_minor))
    return {
        listing.pk: judge_reduction(points.get(listing.pk, ()), now=now, market=listing.market.code)
        for listing in listings
    }


def list_following(merchant: Merchant) -> QuerySet[Listing]:
    """Return the company's listings whose price follows a rule, of variants that are offered."""
    found: QuerySet[Listing] = Listing.objects.filter(
        merchant=merchant, price_source=Listing.PriceSource.RULE, variant__is_active=True
    )
    return found.select_related("market", "variant__product")


def _now(listing: Listing | None) -> tuple[Money | None, Basis | None]:
    if listing is None or listing.price_source != Listing.PriceSource.RULE:
        return None, None
    kept = listing.price_basis
    current = Money.from_minor(listing.price_minor, listing.currency)
    if not kept:
        return current, None
    known = Basis(
        int(kept["base_minor"]),
        str(kept["base_currency"]),
        str(kept["mark"]),
        Decimal(kept["target"]),
    )
    return current, known


def _amount(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Money.from_minor(minor, currency).amount


def _times(amount: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if amount is None else amount * factor
