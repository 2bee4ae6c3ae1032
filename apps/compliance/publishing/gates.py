"""The gate of a market: small checks, each says what it finds about a product there.

A check is a function of a ``Case`` and its waterfalls, registered with ``@gate``; the order of the
registration is the order of the findings. Further checks register themselves the same way from the
module of their subject (import it in ``apps.compliance.apps``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from apps.catalog.attribute_rules import find_lacking
from apps.catalog.models import Product
from apps.catalog.rules import CustomsFacts, find_missing
from apps.catalog.sentences import MISSING
from apps.compliance.publishing.facts import Case, Finding
from apps.compliance.publishing.obligations import demands_for, list_obligations
from apps.compliance.publishing.waterfall import Waterfall
from apps.markets.landed.result import LandedCostError, MissingRateError
from apps.markets.landed.rows import EU_MEMBERS
from apps.merchants.models import Merchant

# Changes with the meaning of any gate: answers are stored with it.
RULES = "publish/2026-11"
Gate = Callable[[Case, Sequence[Waterfall]], Iterator[Finding]]
_GATES: dict[str, Gate] = {}


def gate(name: str) -> Callable[[Gate], Gate]:
    """Register a check of every market's gate under a name of its own."""

    def register(check: Gate) -> Gate:
        if name in _GATES and _GATES[name] is not check:
            raise ValueError(f"Two gates are called {name}")
        _GATES[name] = check
        return check

    return register


def run_gates(case: Case, waterfalls: Sequence[Waterfall]) -> list[Finding]:
    """Return what all checks find, each code and field once."""
    found: dict[tuple[str, str], Finding] = {}
    for check in _GATES.values():
        for finding in check(case, waterfalls):
            found.setdefault((finding.code, finding.field), finding)
    return list(found.values())


@gate("company")
def check_company(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """A suspended company, an archived product, or a product without anything on offer."""
    if case.merchant.status == Merchant.Status.SUSPENDED:
        yield Finding("suspended")
    if case.product.status == Product.Status.ARCHIVED:
        yield Finding("archived", fix="customs")
    if not case.offers:
        yield Finding("nothing_offered", fix="variants")


@gate("market")
def check_market(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """A market that is closed."""
    if not case.market.is_active:
        yield Finding("market_closed")


@gate("customs")
def check_customs(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """Customs facts that are missing, and a weight of a variant."""
    product = case.product
    for offer in case.offers:
        facts = CustomsFacts(
            product.origin_country,
            product.hs_code,
            product.customs_name,
            offer.variant.weight_g,
        )
        for name in find_missing(facts):
            yield Finding(MISSING, name, fix="variants" if name == "weight_g" else "customs")


@gate("model")
def check_model(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """Selling from an overseas warehouse needs one behind the market's customs border."""
    if case.model == Merchant.Model.OVERSEAS and not case.overseas:
        yield Finding("no_warehouse", parameters={"country": case.market.code})


@gate("price")
def check_price(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """A price for every variant: its own, or by a rule with a base price and a fresh rate."""
    for offer in case.offers:
        if offer.price is not None:
            continue
        variant = offer.variant
        if case.is_custody:
            code = "no_supply_price"
        elif case.has_rule:
            code = "no_rate" if variant.base_price_minor else "no_base_price"
        else:
            code = "no_price"
        yield Finding(code, variant.sku, {"currency": case.market.currency}, fix="price")


@gate("landed_cost")
def check_landed_cost(case: Case, waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """Duty and tax that the rules can answer, the data they demand, and what they warn of."""
    if not case.is_imported:
        return
    for waterfall in waterfalls:
        if waterfall.error is not None:
            yield _unanswered(case, waterfall.error)
        elif waterfall.landing is not None:
            quote = waterfall.landing.quote
            for banner in quote.banners:
                yield Finding(
                    f"rule_{banner.kind}",
                    banner.row_id,
                    {"text": banner.text},
                    (banner.row_id,),
                    is_blocking=False,
                )


def _unanswered(case: Case, error: LandedCostError) -> Finding:
    parameters = {"country": case.market.code, "day": case.on.isoformat()}
    if isinstance(error, MissingRateError):
        return Finding("no_rate", error.currency, {**parameters, "currency": error.currency})
    text = str(error)
    rows = error.row_ids
    if "the tariff rate of heading" in text:
        return Finding("no_tariff_rate", "tariff_rate", parameters, rows, fix="tariff")
    name = text.removeprefix("duty: ").partition(" of heading")[0]
    if text.endswith("is missing") and name.isidentifier():
        return Finding("no_tariff_rate", name, parameters, rows, fix="tariff")
    return Finding("no_rule", "", {**parameters, "why": text}, rows)


@gate("identifiers")
def check_identifiers(case: Case, waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """Data without which the parcel may not leave, as the rules of the day name it."""
    by_sku = {offer.variant.sku: offer.variant for offer in case.offers}
    for waterfall in waterfalls:
        if waterfall.landing is None:
            continue
        variant = by_sku[waterfall.sku]
        known = {"merchant_product_id": variant.sku, "manufacturer_product_id": variant.gtin}
        rows = tuple(row.ident for row in case.book.book.gates)
        for name in waterfall.landing.quote.gates:
            if not known.get(name):
                yield Finding(name, variant.sku, {"sku": variant.sku}, rows, "variants")


@gate("registrations")
def check_registrations(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """Register numbers that must stand before an offer, and duties to know of."""
    if case.is_custody:
        return
    country = case.market.code
    for demand, row in demands_for(country, case.product.hs_code[:6]):
        if demand.is_number and f"{demand.obligation}:{country}" in case.registrations:
            continue
        is_due = row.effective_from <= case.on
        yield Finding(
            "registration" if demand.is_number else "obligation",
            demand.obligation,
            {"country": country, "from": row.effective_from.isoformat(), "duty": row.duty},
            (row.ident,),
            fix="registration" if demand.is_number else "",
            is_blocking=demand.is_blocking and is_due,
        )


@gate("safety")
def check_safety(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """Who answers for a product offered in the EU (Regulation (EU) 2023/988, art. 16 and 19).

    A manufacturer with its addresses; where it sits outside the Union, a responsible person inside.
    """
    row = list_obligations()["GPSR-19"]
    if case.is_custody or case.market.code not in EU_MEMBERS or case.on < row.effective_from:
        return
    if not case.safety.maker_country:
        yield Finding("no_manufacturer", "manufacturer", rows=(row.ident,), fix="facts")
    if case.safety.maker_country not in EU_MEMBERS and not case.safety.has_eu_responsible:
        yield Finding("no_eu_responsible", "eu_responsible", rows=(row.ident,), fix="facts")


@gate("attributes")
def check_attributes(case: Case, _waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """Attributes that the rules of the product's category ask for in this market."""
    safety = case.safety
    for spec in find_lacking(safety.specs, safety.values, case.market.code):
        yield Finding("no_attribute", spec.key, {"label": spec.label}, fix="category")


@gate("margin")
def check_margin(_case: Case, waterfalls: Sequence[Waterfall]) -> Iterator[Finding]:
    """A price at which nothing is kept, and lines that are not known: worth a look, no obstacle."""
    for waterfall in waterfalls:
        if waterfall.keep.minor <= 0:
            yield Finding("loss", waterfall.sku, fix="price", is_blocking=False)
        if "cost" in waterfall.unknown:
            yield Finding("no_cost", waterfall.sku, fix="variants", is_blocking=False)
