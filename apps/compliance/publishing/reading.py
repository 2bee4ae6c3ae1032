"""Everything about one product and many markets, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from apps.catalog.category_selectors import list_specs
from apps.catalog.fact_selectors import get_facts
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.selectors_pricing import (
    RuleBookOfPrices,
    currencies_of,
    price_by_rule,
    rules_of,
)
from apps.common.money import Money
from apps.compliance.publishing.facts import Case, Offer, Safety, Tariff
from apps.compliance.publishing.records import PublishAnswer, Registration, TariffRate
from apps.finance.rules import FeeRate
from apps.finance.selectors.fee_rules import find_rates_of
from apps.inventory.models import Node
from apps.inventory.selectors import list_nodes
from apps.logistics.network import Network
from apps.logistics.selectors import find_network
from apps.markets.models import Market
from apps.markets.selectors.dated_rates import DayRates, load_day_rates
from apps.markets.selectors.many_books import books_for
from apps.markets.selectors.rule_books import DatedBook
from apps.merchants.models import Merchant

OWN, RULE, KEEP = "own", "rule", "keep"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a product is to be sold in a market.

    ``pricing`` is ``own`` (``price_minor`` for every variant, in the market's currency), ``rule``, or
    ``keep``: the listing's own price if it has one, else by the rule. ``prices`` are own prices of
    single variants by key, whatever ``pricing`` says of the others. Without a model it is the
    listing's, else the company's.
    """

    pricing: str = KEEP
    price_minor: int = 0
    model: str = ""
    prices: Mapping[int, int] = field(default_factory=dict)


_AS_IT_IS = Wanted()


def read_cases(
    product: Product,
    markets: Sequence[Market],
    *,
    merchant: Merchant,
    on: date,
    wanted: Mapping[str, Wanted] | None = None,
) -> list[Case]:
    """Return a case for each market, in their order.

    ``product`` comes from ``catalog.selectors.get_product`` (variants and listings are there already);
    then eleven statements at most for any number of markets and variants. ``wanted`` is by market code.
    """
    shared = _read_shared(product, markets, merchant=merchant, on=on)
    asked = wanted or {}
    return [_case(shared, market, asked.get(market.code, _AS_IT_IS)) for market in markets]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all markets of one product have in common, read once."""

    merchant: Merchant
    product: Product
    on: date
    variants: tuple[Variant, ...]
    listings: Mapping[tuple[int, int], Listing]
    rules: RuleBookOfPrices
    books: Mapping[str, DatedBook]
    rates: DayRates
    fees: Mapping[int, Sequence[FeeRate]]
    nodes: tuple[Node, ...]
    network: Network
    tariffs: Mapping[str, Tariff]
    registrations: frozenset[str]
    safety: Safety


def _read_shared(
    product: Product, markets: Sequence[Market], *, merchant: Merchant, on: date
) -> _Shared:
    variants = tuple(variant for variant in product.variants.all() if variant.is_active)
    for variant in variants:
        variant.product = product
    rules = rules_of(merchant, [product.pk])
    books = books_for([market.code for market in markets], on)
    network = find_network(on)
    currencies = currencies_of(variants, rules) | {market.currency for market in markets}
    currencies |= {variant.cost_currency for variant in variants}
    currencies |= {code for book in books.values() for code in book.currencies}
    return _Shared(
        merchant=merchant,
        product=product,
        on=on,
        variants=variants,
        listings={
            (listing.variant_id, listing.market_id): listing
            for variant in variants
            for listing in variant.listings.all()
        },
        rules=rules,
        books=books,
        rates=load_day_rates({*currencies, merchant.base_currency, *network.currencies}, on),
        fees=find_rates_of([market.pk for market in markets], on),
        nodes=tuple(list_nodes(merchant)),
        network=network,
        tariffs=tariffs_of(product),
        registrations=registrations_of(merchant),
        safety=safety_of(product),
    )


def _case(shared: _Shared, market: Market, wish: Wanted) -> Case:
    here = {
        variant.pk: shared.listings[variant.pk, market.pk]
        for variant in shared.variants
        if (variant.pk, market.pk) in shared.listings
    }
    model = wish.model or _model_of(here.values(), shared.merchant)
    pricing = _Pricing(market, model, wish, shared.rules, shared.rates)
    return Case(
        merchant=shared.merchant,
        product=shared.product,
        market=market,
        model=model,
        on=shared.on,
        offers=tuple(pricing.offer(item, here.get(item.pk)) for item in shared.variants),
        book=shared.books[market.code],
        rates=shared.rates,
        fees=tuple(shared.fees[market.pk]),
        nodes=shared.nodes,
        network=shared.network,
        tariff=shared.tariffs.get(market.code),
        registrations=shared.registrations,
        has_rule=shared.rules.find(shared.product.pk, market.pk) is not None,
        safety=shared.safety,
    )


@dataclass(frozen=True, slots=True)
class _Pricing:
    market: Market
    model: str
    wish: Wanted
    rules: RuleBookOfPrices
    rates: DayRates

    def offer(self, variant: Variant, listing: Listing | None) -> Offer:
        """Return the variant with the price that is wanted for it here."""
        is_custody = self.model == Merchant.Model.CUSTODY
        if listing is not None and (listing.model == Merchant.Model.CUSTODY) != is_custody:
            # A supply price is no retail price and the other way round.
            listing = None
        own = self.wish.prices.get(variant.pk)
        if own is not None or self.wish.pricing == OWN:
            minor = self.wish.price_minor if own is None else own
            price = Money.from_minor(minor, self.market.currency)
            return Offer(variant, price, Listing.PriceSource.EXPLICIT.value, listing=listing)
        is_own = listing is not None and listing.price_source == Listing.PriceSource.EXPLICIT
        if listing is not None and is_own and self.wish.pricing == KEEP:
            return _as_listed(variant, listing)
        rule = None if is_custody else self.rules.find(variant.product_id, self.market.pk)
        source = Listing.PriceSource.RULE.value
        if rule is not None:
            found = price_by_rule(variant, self.market, rule, self.rates, listing=listing)
            if found is not None:
                return Offer(variant, found.price, source, found, listing)
        if listing is not None and (is_custody or self.wish.pricing == KEEP):
            return _as_listed(variant, listing)
        return Offer(variant, None, source, listing=listing)


def _as_listed(variant: Variant, listing: Listing) -> Offer:
    price = Money.from_minor(listing.price_minor, listing.currency)
    return Offer(variant, price, listing.price_source, listing=listing)


def _model_of(listings: Collection[Listing], merchant: Merchant) -> str:
    return next((listing.model for listing in listings), merchant.default_model)


def tariffs_of(product: Product) -> dict[str, Tariff]:
    """Return country → the duty rate that the merchant stated; one statement."""
    return {
        row.country: Tariff(
            Decimal(row.rate), {name: Decimal(text) for name, text in row.facts.items()}
        )
        for row in TariffRate.objects.filter(merchant=product.merchant_id, product=product)
    }


def registrations_of(merchant: Merchant) -> frozenset[str]:
    """Return the company's registrations as ``obligation:country``; one statement."""
    rows = Registration.objects.filter(merchant=merchant)
    return frozenset(f"{name}:{code}" for name, code in rows.values_list("obligation", "country"))


def safety_of(product: Product) -> Safety:
    """Return who answers for the product and what its category asks; one statement, two with one.

    A responsible person in the EU that the merchant took out of use answers for nothing any more.
    """
    facts = get_facts(product)
    responsible = facts.eu_responsible
    return Safety(
        maker_country=facts.manufacturer.country if facts.manufacturer else "",
        has_eu_responsible=responsible is not None and responsible.is_active,
        specs=tuple(list_specs(product.category_ref)) if product.category_ref_id else (),
        values=facts.attributes,
    )


def usual_markets(merchant: Merchant) -> list[str]:
    """Return the codes of the markets of the company's latest publishing; two statements."""
    own = PublishAnswer.objects.filter(merchant=merchant)
    newest = own.order_by("-id").values_list("product_id", flat=True).first()
    if newest is None:
        return []
    codes = own.filter(product=newest).values_list("market__code", flat=True)
    return sorted(set(codes))
