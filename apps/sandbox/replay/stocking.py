"""Building the replay's company: merchant, store, node, products, listings and stock from the file."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django_scopes import scopes_disabled

from apps.catalog import services as catalog
from apps.catalog.models import Listing, Variant
from apps.catalog.services import PriceDraft, ProductDraft, VariantDraft
from apps.inventory import services as inventory
from apps.inventory.models import Node
from apps.journal.actors import Actor
from apps.logistics import services as logistics
from apps.markets import services as markets
from apps.markets.models import Market
from apps.merchants.models import Merchant, Store
from apps.orders.models import IntakeSetting
from apps.sandbox.models import SandboxTenant
from apps.sandbox.replay.reading import CURRENCY, OrderFile
from apps.sandbox.replay.reference import ORIGIN, WEIGHT_G, heading_for

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Company:
    """The replay's merchant with its store and its one node."""

    merchant: Merchant
    store: Store
    node: Node


def find_or_make_company(file: OrderFile, *, name: str, now: datetime) -> Company:
    """Return the company of this very file (its digest is in the store's name), made once."""
    markets.open_markets()
    logistics.load_network(now=now)
    label = f"{name} {file.digest}"
    with scopes_disabled():
        store = Store.objects.filter(name=label).select_related("merchant").first()
        if store is None:
            merchant = Merchant.objects.create(
                name=name, country="GB", base_currency=CURRENCY, time_zone="Europe/London"
            )
            store = Store.objects.create(merchant=merchant, name=label)
        merchant = store.merchant
        SandboxTenant.objects.get_or_create(
            merchant=merchant, defaults={"pace": SandboxTenant.Pace.INSTANT}
        )
        # A shop whose customers bought the same twice within minutes: nobody is there to ask them.
        IntakeSetting.objects.get_or_create(merchant=merchant, defaults={"duplicate_minutes": 0})
        node, _made = Node.objects.get_or_create(
            merchant=merchant,
            code="LON",
            defaults={"name": "London hub", "kind": Node.Kind.MERCHANT_HUB, "country": "GB"},
        )
    return Company(merchant, store, node)


def stock_company(company: Company, file: OrderFile, *, actor: Actor, now: datetime) -> None:
    """Make every product, listing and unit the file's orders need; a second call adds nothing."""
    _import_rates(file)
    variants = _make_products(company.merchant, file, actor=actor, now=now)
    _list_products(company.merchant, file, variants, actor=actor, now=now)
    wanted: Counter[str] = Counter()
    for rows in file.invoices.values():
        for row in rows:
            wanted[row.sku] += row.quantity
    inventory.receive_stock(
        company.merchant,
        node=company.node,
        quantities={variants[sku]: quantity for sku, quantity in wanted.items()},
        reference=f"replay:{file.digest}",
        actor=actor,
        now=now,
    )


def _import_rates(file: OrderFile) -> None:
    days = {row.placed_at.date() for rows in file.invoices.values() for row in rows}
    markets.import_rates(days)


def _make_products(
    merchant: Merchant, file: OrderFile, *, actor: Actor, now: datetime
) -> dict[str, Variant]:
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    for rows in file.invoices.values():
        for row in rows:
            titles[row.sku][row.title] += 1
    known = _variants(merchant, list(titles))
    missing = [sku for sku in titles if sku not in known]
    for start in range(0, len(missing), _CHUNK):
        drafts = [_draft(sku, titles[sku]) for sku in missing[start : start + _CHUNK]]
        catalog.create_products(drafts, merchant=merchant, actor=actor, now=now)
    return _variants(merchant, list(titles))


def _variants(merchant: Merchant, skus: list[str]) -> dict[str, Variant]:
    found: dict[str, Variant] = {}
    for start in range(0, len(skus), _CHUNK):
        chunk = Variant.objects.filter(merchant=merchant, sku__in=skus[start : start + _CHUNK])
        found.update({item.sku: item for item in chunk.select_related("product")})
    return found


def _draft(sku: str, titles: Counter[str]) -> ProductDraft:
    title = titles.most_common(1)[0][0]
    return ProductDraft(
        title=title.capitalize(),
        variants=(VariantDraft(sku=sku, weight_g=WEIGHT_G),),
        origin_country=ORIGIN,
        hs_code=heading_for(title),
        customs_name=_customs_name(title),
    )


def _customs_name(title: str) -> str:
    """Return the description for customs; one that is too short to say anything is prefixed."""
    name = title.strip().capitalize()[:110]
    return name if len(name) >= 6 else f"Household article {name}"


def _list_products(
    merchant: Merchant,
    file: OrderFile,
    variants: dict[str, Variant],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """List each product in the markets it was sold to, at its highest price (at least one penny)."""
    prices: dict[tuple[str, str], int] = {}
    for rows in file.invoices.values():
        for row in rows:
            key = (row.sku, row.country)
            prices[key] = max(prices.get(key, 1), row.unit_price_minor)
    by_code = {market.code: market for market in Market.objects.all()}
    listed = set(
        Listing.objects.filter(merchant=merchant).values_list("variant__sku", "market__code")
    )
    drafts = [
        PriceDraft(variants[sku], by_code[country], price, currency=CURRENCY)
        for (sku, country), price in prices.items()
        if (sku, country) not in listed
    ]
    for start in range(0, len(drafts), _CHUNK):
        chunk = drafts[start : start + _CHUNK]
        catalog.list_in_markets(chunk, merchant=merchant, actor=actor, now=now)
