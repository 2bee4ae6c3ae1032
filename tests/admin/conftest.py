"""A world with a row of every kind, and staff in front of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django_scopes import scope, scopes_disabled

from apps.accounts.models import User
from apps.catalog import services as catalog
from apps.catalog.models import Category, CategoryMapping, Product, ProductFacts, Variant
from apps.catalog.services import RuleDraft
from apps.common.clock import utc_now
from apps.compliance import services as compliance
from apps.compliance.models import HsImport
from apps.compliance.publishing import services as publishing
from apps.compliance.publishing.reading import Wanted
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import CarrierCode, LegStatistic, Parcel, TrackingEvent
from apps.fulfillment.states import TrackingStatus
from apps.imports.models import ImportRun
from apps.inbound import services as inbound
from apps.inbound.requests import CartonDraft, Scan, Shelving
from apps.inventory import hot
from apps.inventory import services as inventory
from apps.inventory.models import StockBalance
from apps.jobs.models import JobRow
from apps.journal.actors import system_actor
from apps.journal.models import ChainAnchor, ChainHead, JournalEntry, Receipt
from apps.logistics import services as logistics
from apps.markets import services as markets
from apps.markets.adapters.ecb.parser import Fixing
from apps.markets.models import FxRate, Market
from apps.merchants import services as merchants
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import Order
from apps.partners.models import PartnerApp, WebhookDelivery
from apps.promotions import services as promotions
from tests.catalog.conftest import load_tree
from tests.factories.accounts import UserFactory
from tests.factories.carriers import make_booking
from tests.factories.catalog import DocumentFactory, PartyFactory, ProductFactory, make_image
from tests.factories.dry_runs import propose, run_dry
from tests.factories.finance import settled_order
from tests.factories.fulfillment import make_parcel
from tests.factories.inbound import SSCCS, make_inbound
from tests.factories.jobs import JobFactory
from tests.factories.merchants import MemberFactory
from tests.factories.orders import make_order
from tests.factories.partners import make_endpoint, make_key
from tests.factories.promotions import (
    make_campaign,
    make_entry,
    make_listing,
    make_promotion,
)
from tests.factories.rules import make_sale

_ACTOR = system_actor("tests")


@pytest.fixture
def staff(db) -> User:
    """A superuser of the platform."""
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def browser(client: Client, staff: User) -> Client:
    """The superuser's browser."""
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def clerk(db) -> Callable[..., Client]:
    """Make a browser of staff who hold only the permissions named."""

    def make(*codenames: str) -> Client:
        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def held(merchant: Merchant, actor, now) -> Order:
    """An order on hold."""
    order = make_order(merchant, now=now)
    with scope(merchant=merchant):
        orders.place_hold(order, kind="address", reason="No house number", actor=actor, now=now)
    order.refresh_from_db()
    return order


@pytest.fixture
def dead(db, now) -> Receipt:
    """A dead letter."""
    entry = JournalEntry.objects.create(
        event="order.placed",
        subject_type="order",
        subject_id="ord_DEAD",
        actor="system:tests",
        occurred_at=now,
        state=JournalEntry.State.DEAD,
    )
    return Receipt.objects.create(
        entry=entry, receiver="compliance.checks", state=Receipt.State.DEAD, attempts=8, error="x"
    )


@pytest.fixture
def world(merchant: Merchant, held: Order, dead: Receipt, actor, now) -> Merchant:
    """A merchant that has a row of every kind."""
    owner = MemberFactory(merchant=merchant)
    settled_order(merchant, "delivered", now=now)
    parcel: Parcel = make_parcel(merchant, now=now)
    job = JobFactory(tenant_id=merchant.pk)
    JobRow.objects.create(job=job, row_number=1, is_ok=False, code="x", message="no")
    Group.objects.create(name="Operators")
    FxRate.objects.create(base="EUR", quote="CNY", rate=8, valid_on=now.date(), source="t")
    markets.store_fixing(Fixing(now.date(), {"CNY": Decimal(12)}), now=now)
    markets.load_rule_book(now=now)
    logistics.take_capacity("capacity.line", now.date(), 1, limit=9)
    run_dry(propose(now), now=now)
    markets.quote_landed_cost(make_sale(), tenant_id=merchant.pk, actor=actor, now=now)
    _loose_rows(merchant)
    document = DocumentFactory(product__merchant=merchant)
    listing = make_listing(merchant)
    make_entry(make_campaign(now=now, markets=[listing.market]), listing, now=now)
    make_promotion(merchant, now=now)
    make_order(merchant, now=now)  # takes the promotion, so that there is a redemption
    floor = {"variant": listing.variant, "market": listing.market, "floor_minor": 2000}
    with scope(merchant=merchant):
        promotions.set_floor(merchant, **floor, actor=actor, now=now)
    make_key(merchant)
    make_booking(merchant, now=now)
    endpoint, _secret = make_endpoint(merchant)
    with scope(merchant=merchant):
        merchants.invite_member(
            merchant, email="new@example.com", role="finance", by=owner, now=now
        )
        compliance.run_order_checks(held, now=now)
        sold = Variant.objects.get(pk=held.lines.get().variant_id)
        hot.heat_balances(merchant, variants=[sold], actor=actor, now=now)
        _publish(merchant, actor, now)
        _stocked(merchant, actor, now)
        _delivered(merchant, actor, now)
        _tracked(parcel, now)
        WebhookDelivery.objects.create(
            merchant=merchant,
            endpoint=endpoint,
            entry_id="jrn_X",
            event="order.placed",
            body="{}",
            created_at=now,
        )
    _apart(merchant, document.product)
    return merchant


def _apart(merchant: Merchant, product: Product) -> None:
    """Rows that no service of these tests makes: facts, a mapping of categories, an app."""
    with scopes_disabled():
        ProductFacts.objects.create(product=product, merchant=merchant, battery="none")
        CategoryMapping.objects.create(
            merchant=merchant,
            own_name="My lamps",
            own_key="my lamps",
            category=Category.objects.get(code="900011"),
            origin=CategoryMapping.Origin.CHOSEN,
        )
        PartnerApp.objects.create(
            merchant=merchant,
            name="ERP",
            client_type="confidential",
            authorization_grant_type="client-credentials",
        )


def _stocked(merchant: Merchant, actor, now) -> None:
    """Stock moved by hand, held by a cart, kept back and set aside."""
    cold = StockBalance.objects.filter(is_hot=False, available__gt=9)
    balance = cold.select_related("variant", "node").order_by("pk")[0]
    variant = balance.variant
    inventory.adjust_stock(
        merchant,
        changes=[inventory.Change(variant, balance.node, 1)],
        reason="damage",
        source="available",
        target="damaged",
        reference="case-1",
        actor=actor,
        now=now,
    )
    cart = inventory.Cart("cart-1", "DE", (inventory.CartLine(variant.sku, 1),))
    inventory.reserve_cart(cart, merchant=merchant, actor=actor, now=now)
    inventory.receive_lot(
        merchant,
        node=balance.node,
        variant=variant,
        code="L-1",
        expires_on=now.date() + timedelta(days=30),
        quantity=1,
        reference="lot-1",
        actor=actor,
        now=now,
    )
    inventory.keep_back(merchant, 1, variant=variant, actor=actor, now=now)
    drafts = [inventory.AllocationDraft("DE", "", "manual", 1)]
    inventory.allocate_stock(merchant, variant, drafts, actor=actor, now=now)


def _delivered(merchant: Merchant, actor, now) -> None:
    """A delivery in a carton that was amended, counted short, and put away."""
    variant = Variant.objects.filter(merchant=merchant).select_related("merchant").latest("pk")
    carton = CartonDraft(SSCCS[0], ((variant.sku, "", 20),))
    shipment = make_inbound(variant, 20, status="submitted", now=now, cartons=(carton,))
    who = {"actor": actor, "now": now}
    inbound.amend_line(shipment, position=1, quantity=24, reason="Recount", **who)
    inbound.accept_inbound(shipment, **who)
    inbound.book_appointment(shipment, at=now + timedelta(days=1), **who)
    inbound.arrive(shipment, **who)
    inbound.receive(shipment, [Scan(SSCCS[0])], reference="gun-1", **who)
    inbound.finish_receiving(shipment, **who)
    inbound.put_away(shipment, [Shelving(1, 5)], reference="shelf-1", **who)


def _loose_rows(merchant: Merchant) -> None:
    """Rows that stand for themselves: the chain, an HS list, a picture, the tree, a sheet."""
    ChainHead.objects.create(tenant_id=merchant.pk, chain_number=1, hash="0" * 64)
    ChainAnchor.objects.create(
        tenant_id=merchant.pk, anchored_on=utc_now().date(), chain_number=1, hash="0" * 64
    )
    HsImport.objects.create(
        source="vague",
        status="active",
        file_name="terms.csv",
        content_digest="0" * 64,
        row_count=0,
        imported_at=utc_now(),
    )
    make_image(ProductFactory(merchant=merchant))
    load_tree()
    PartyFactory(merchant=merchant)
    ImportRun(
        merchant=merchant, kind="stock", file_name="count.csv", digest="0" * 64, row_count=1
    ).save()


def _publish(merchant: Merchant, actor, now) -> None:
    """A rule, a register number, a duty rate, and an answer that keeps a listing off sale."""
    product = Product.objects.filter(merchant=merchant).select_related("merchant").first()
    catalog.save_rule(RuleDraft(currency="CNY"), merchant=merchant, actor=actor, now=now)
    publishing.state_registration(merchant, "EPR-DE-WEEE", "DE", "DE1", actor=actor, now=now)
    publishing.state_tariff_rate(
        product, "US", Decimal("0.1"), facts={}, source="", actor=actor, now=now
    )
    germany = Market.objects.get(code="DE")
    publishing.publish_in_market(product, germany, Wanted("own", 4700), actor=actor, now=now)


def _tracked(parcel: Parcel, now) -> None:
    TrackingEvent.objects.create(
        merchant=parcel.merchant,
        parcel=parcel,
        code="IT",
        status=TrackingStatus.values[0],
        occurred_at=now,
        recorded_at=now,
        source="tests",
        dedupe_key="d" * 64,
        raw={"recipient": "Jonas Weber"},
    )
    fulfillment.hand_over(parcel.shipment, actor=_ACTOR, now=now)
    fulfillment.open_case(parcel, kind="lost", note="Jonas Weber called", actor=_ACTOR, now=now)
    LegStatistic.objects.create(
        group="lane:CN-DE/line",
        leg="export",
        samples=30,
        cut_off=0,
        lengths=[3600] * 20,
        gap_samples=30,
        silence_s=3600,
        version="1",
        learned_at=now,
    )
    code = CarrierCode.objects.create(
        source="tests", code="WARP", first_seen_at=now, last_seen_at=now
    )
    fulfillment.map_unknown_code(code, status="in_transit", note="Asked", actor=_ACTOR, now=now)
