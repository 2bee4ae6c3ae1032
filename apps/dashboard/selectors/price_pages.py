"""What the pages of price rules and of price history show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from apps.accounts.selectors import get_names
from apps.catalog.models import Listing, ListingPrice, PriceRule, Variant
from apps.catalog.selectors_pricing import RulePrice, list_rules, price_by_rule
from apps.catalog.sentences import explain_price_reason
from apps.catalog.services import RuleDraft
from apps.common.formatting import current_locale
from apps.common.money import Money
from apps.markets.models import Market
from apps.markets.selectors.dated_rates import load_day_rates
from apps.merchants.models import Merchant

ALL = "all"
EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """A market (or all of them) with the rule of its own and the one that counts there."""

    code: str
    name: str
    currency: str
    own: PriceRule | None
    counts: PriceRule | None


@dataclass(frozen=True, slots=True)
class Example:
    """What a rule makes of one variant's base price in a market today."""

    market: Market
    base: Money
    rate: Decimal
    rate_on: date | None
    exact: Decimal
    price: Money


@dataclass(frozen=True, slots=True)
class PastPrice:
    """One price of the history: since when, how much, why, and who."""

    from_at: datetime
    price: Money
    why: str
    who: str
    is_by_rule: bool
    base: Money | None
    rate: str
    rate_on: str


def list_scopes(merchant: Merchant, markets: Sequence[Market]) -> list[ScopeRow]:
    """Return a row for all markets, then one per market by code; one statement."""
    rules = {rule.market_id: rule for rule in list_rules(merchant).filter(product__isnull=True)}
    company = rules.get(None)
    names = current_locale().territories
    rows = [ScopeRow(ALL, "", "", company, company)]
    for market in markets:
        own = rules.get(market.pk)
        name = str(names.get(market.code, market.code))
        rows.append(ScopeRow(market.code, name, market.currency, own, own or company))
    return rows


def list_product_rules(merchant: Merchant) -> list[PriceRule]:
    """Return the rules of single products; one statement."""
    return list(list_rules(merchant).filter(product__isnull=False)[:200])


def find_example_variant(merchant: Merchant, sku: str) -> Variant | None:
    """Return the variant an example is about: the one that was asked for, else the newest priced one."""
    own = Variant.objects.filter(merchant=merchant, is_active=True, base_price_minor__gt=0)
    named = own.filter(sku=sku).first() if sku else None
    found: Variant | None = named or own.order_by("-pk").first()
    return found


def work_out(
    draft: RuleDraft, variant: Variant, markets: Sequence[Market], *, merchant: Merchant, on: date
) -> list[Example]:
    """Return what a rule that is not saved makes of a variant's base price; one statement.

    Markets without a fresh rate are left out.
    """
    rule = PriceRule(
        merchant=merchant,
        percent=draft.percent,
        uplift_minor=draft.uplift_minor,
        floor_minor=draft.floor_minor,
        ceiling_minor=draft.ceiling_minor,
        currency=draft.currency,
        ending=draft.ending,
        hysteresis=draft.hysteresis,
    )
    chosen = markets[:EXAMPLES]
    currencies = {market.currency for market in chosen}
    rates = load_day_rates({*currencies, draft.currency, variant.base_price_currency}, on)
    found = ((market, price_by_rule(variant, market, rule, rates)) for market in chosen)
    return [_example(market, item) for market, item in found if item is not None]


def _example(market: Market, item: RulePrice) -> Example:
    return Example(
        market=market,
        base=Money.from_minor(item.basis.base_minor, item.basis.base_currency),
        rate=item.rate.rate,
        rate_on=item.rate.fixed_on,
        exact=item.derived.target.quantize(Decimal("0.0001")),
        price=item.derived.price,
    )


def told_prices(rows: Sequence[ListingPrice]) -> list[PastPrice]:
    """Return rows of the history as they are shown; one statement for the names."""
    names = get_names(_user(row.actor) for row in rows)
    return [_told(row, names.get(_user(row.actor), "")) for row in rows]


def _user(actor: str) -> str:
    kind, _colon, ident = actor.partition(":")
    return ident if kind == "user" else ""


def _told(row: ListingPrice, who: str) -> PastPrice:
    basis = row.basis
    base = None
    if basis.get("base_minor"):
        base = Money.from_minor(int(basis["base_minor"]), str(basis["base_currency"]))
    return PastPrice(
        from_at=row.from_at,
        price=Money.from_minor(row.price_minor, row.currency),
        why=explain_price_reason(row.reason),
        who=who,
        is_by_rule=row.source == Listing.PriceSource.RULE,
        base=base,
        rate=f"{Decimal(str(basis['rate'])):.6f}".rstrip("0").rstrip(".") if base else "",
        rate_on=str(basis.get("rate_on", "")),
    )
