"""Making the demo world: companies, people, goods and the last four weeks, by the portal's services."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.staticfiles import finders
from django.core.files import File
from django_scopes import scope, scopes_disabled

from apps.accounts.models import User
from apps.catalog import services as catalog
from apps.catalog.models import Ending, Party, Product, ProductImage, Variant
from apps.catalog.rules import is_gtin
from apps.catalog.services import (
    PartyDraft,
    PriceDraft,
    ProductDraft,
    RuleDraft,
    VariantDraft,
)
from apps.common.clock import clock_at
from apps.common.money import Money
from apps.compliance.publishing.services import state_registration
from apps.finance import services as finance
from apps.inventory import services as inventory
from apps.inventory.models import Node
from apps.jobs import deadlines
from apps.journal.actors import Actor, system_actor
from apps.logistics import services as logistics
from apps.markets import selectors as market_reads
from apps.markets import services as markets
from apps.markets.models import Market
from apps.merchants.models import Member, Merchant, Role, Store
from apps.sandbox.demo.deliveries import make_deliveries
from apps.sandbox.demo.goods import SHOPS, Item, Shop
from apps.sandbox.demo.offers import make_event, make_offers
from apps.sandbox.demo.world import Tenant, step
from apps.sandbox.models import SandboxTenant
from apps.sandbox.pump import pump

PASSWORD = "portside-demo"  # noqa: S105 - the published password of the demo logins
STAFF_EMAIL = "staff@demo.example"
DAYS = 28
STEP = timedelta(hours=3)
SEED = 20261125
# Invented numbers in the form of the registers.
_REGISTRATIONS = (
    ("EPR-DE-PKG", "DE", "DE1000000000001"),
    ("EPR-DE-WEEE", "DE", "DE10000001"),
    ("EPR-FR", "FR", "FR100001_01ABCD"),
)


def seed_world(*, now: datetime, days: int = DAYS, report: Callable[[str], None]) -> list[Tenant]:
    """Make the world unless it exists and live through ``days`` up to ``now``; returns its companies.

    The same seed gives the same companies, goods and orders.
    """
    existing = find_tenants()
    if existing:
        return existing
    markets.open_markets()
    markets.load_rule_book(now=now)
    finance.open_fee_rules()
    logistics.load_network(now=now)
    markets.import_newest_rates(now.date())
    _make_person(STAFF_EMAIL, "Platform staff", is_staff=True, is_superuser=True)
    start = now - timedelta(days=days)
    with clock_at(start):
        made = [_make_company(shop, now=start) for shop in SHOPS]
    chance = Random(SEED)  # noqa: S311 - a reproducible world, not a secret
    moment = start
    while moment < now:
        before, moment = moment, min(now, moment + STEP)
        with clock_at(moment):
            for tenant in made:
                step(tenant, now=moment, since=before, chance=chance)
            pump()
            deadlines.sweep(now=moment)
            pump()
        if moment.hour < STEP.seconds // 3600:
            report(f"Lived through {moment:%d %b}")
    with clock_at(now):
        for shop, tenant in zip(SHOPS, made, strict=True):
            _make_offers(shop, tenant, now=now)
            _make_deliveries(shop, tenant, now=now)
        make_event(actor=system_actor("demo"), now=now)
        pump()
    return made


def _make_offers(shop: Shop, tenant: Tenant, *, now: datetime) -> None:
    """Give a company that sells to buyers itself its promotions."""
    if tenant.merchant.default_model == Merchant.Model.CUSTODY:
        return
    user = User.objects.get(email=shop.owner_email)
    with scope(merchant=tenant.merchant):
        actor = Actor("user", user.public_id, user.full_name)
        make_offers(tenant.merchant, shop, actor=actor, now=now)


def _make_deliveries(shop: Shop, tenant: Tenant, *, now: datetime) -> None:
    """Let a company with a warehouse have goods on their way to it."""
    user = User.objects.get(email=shop.owner_email)
    with scope(merchant=tenant.merchant):
        actor = Actor("user", user.public_id, user.full_name)
        make_deliveries(tenant.merchant, actor=actor, now=now)


def find_tenants() -> list[Tenant]:
    """Return the demo companies that exist, in the order of their making."""
    rates = {shop.name: shop.orders_a_day for shop in SHOPS}
    with scopes_disabled():
        gentle = SandboxTenant.objects.filter(pace=SandboxTenant.Pace.GENTLE)
        found = gentle.select_related("merchant").order_by("id")
        return [
            Tenant(
                item.merchant,
                Store.objects.filter(merchant=item.merchant).order_by("id")[0],
                rates.get(item.merchant.name, 1.0),
            )
            for item in found
        ]


def _make_person(email: str, name: str, **flags: bool) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, PASSWORD, full_name=name, language="", **flags)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _make_company(shop: Shop, *, now: datetime) -> Tenant:
    user = _make_person(shop.owner_email, shop.owner_name)
    actor = Actor("user", user.public_id, user.full_name)
    with scopes_disabled():
        merchant = Merchant.objects.create(name=shop.name, default_model=shop.model)
        store = Store.objects.create(merchant=merchant, name=shop.name)
        Member.objects.create(merchant=merchant, user=user, role=Role.OWNER)
        SandboxTenant.objects.create(merchant=merchant, pace=SandboxTenant.Pace.GENTLE)
    with scope(merchant=merchant):
        nodes = [
            inventory.create_node(
                merchant, code=code, name=name, kind=kind, country=country, actor=actor, now=now
            )
            for code, name, kind, country in shop.nodes
        ]
        parties = _name_parties(merchant, shop, actor=actor, now=now)
        for item in shop.items:
            product = _make_product(merchant, shop, item, nodes, actor=actor, now=now)
            catalog.set_facts(product, parties, actor=actor, now=now)
        catalog.save_rule(
            RuleDraft(currency="CNY", ending=Ending.END_90.value),
            merchant=merchant,
            actor=actor,
            now=now,
        )
        for obligation, country, number in _REGISTRATIONS:
            state_registration(merchant, obligation, country, number, actor=actor, now=now)
    return Tenant(merchant, store, shop.orders_a_day)


def _name_parties(merchant: Merchant, shop: Shop, *, actor: Actor, now: datetime) -> dict[str, str]:
    """Name who answers for the company's goods: its factory, and its representative in the EU."""
    drafts = {
        "manufacturer": PartyDraft(
            Party.Kind.MANUFACTURER,
            f"{shop.name} Factory",
            "18 Deng Road, Linyi, Shandong",
            "CN",
            email="quality@demo.example",
        ),
        "eu_responsible": PartyDraft(
            Party.Kind.EU_RESPONSIBLE,
            "Hafen Representative GmbH",
            "Kaistrasse 4, 20457 Hamburg",
            "DE",
            email="compliance@demo.example",
        ),
    }
    return {
        name: catalog.add_party(draft, merchant=merchant, actor=actor, now=now).public_id
        for name, draft in drafts.items()
    }


def _make_product(
    merchant: Merchant, shop: Shop, item: Item, nodes: list[Node], *, actor: Actor, now: datetime
) -> Product:
    length, width, height = item.size_mm
    drafts = tuple(
        VariantDraft(
            sku=f"{item.sku}-{number:02}",
            option=option,
            weight_g=item.weight_g,
            length_mm=length,
            width_mm=width,
            height_mm=height,
            cost_minor=item.cost_minor + 300 * (number - 1),
            gtin=_own_number(f"{item.sku}-{number:02}"),
            base_price_minor=_base_price(item, now),
        )
        for number, option in enumerate(item.options, 1)
    )
    draft = ProductDraft(
        title=item.title,
        variants=drafts,
        brand=shop.name,
        origin_country="CN",
        hs_code=item.hs_code,
        customs_name=item.customs_name,
    )
    product = catalog.create_product(draft, merchant=merchant, actor=actor, now=now)
    _draw(product, item)
    variants = list(Variant.objects.filter(product=product).select_related("product"))
    prices = [
        PriceDraft(variant, market, _price(item, market, now), model=shop.model)
        for variant in variants
        for market in Market.objects.filter(code__in=shop.markets)
    ]
    catalog.list_in_markets(prices, merchant=merchant, actor=actor, now=now)
    for node in nodes:
        inventory.receive_stock(
            merchant,
            node=node,
            quantities={variant: 120 + 7 * (variant.pk % 11) for variant in variants},
            reference=f"demo:{product.public_id}:{node.code}",
            actor=actor,
            now=now,
        )
    return product


def _own_number(sku: str) -> str:
    """Return a number of the range GS1 keeps for a company's own use (prefix 20), always the same."""
    digits = f"20{zlib.crc32(sku.encode()) % 10**10:010}"
    return next(f"{digits}{check}" for check in range(10) if is_gtin(f"{digits}{check}"))


def _base_price(item: Item, now: datetime) -> int:
    dollars = Money.from_minor(item.price_usd_minor, "USD")
    own = market_reads.convert(dollars, "CNY", now.date())
    return own.minor if own is not None else 0


def _draw(product: Product, item: Item) -> None:
    path = finders.find(f"img/{item.drawing}.svg") if item.drawing else None
    if path:
        with open(path, "rb") as drawing:
            product.image.save(f"{item.drawing}.svg", File(drawing))
        ProductImage.objects.create(
            merchant_id=product.merchant_id, product=product, position=0, file=product.image.name
        )


def _price(item: Item, market: Market, now: datetime) -> int:
    """Return the market's price: the dollar price at the day's rate, ending in .90 or whole units."""
    dollars = Money.from_minor(item.price_usd_minor, "USD")
    local = market_reads.convert(dollars, market.currency, now.date()) or dollars
    whole = int(local.amount)
    pretty = Decimal(whole) if whole >= 200 else Decimal(whole) + Decimal("0.90")
    return Money.rounded(pretty, market.currency).minor
