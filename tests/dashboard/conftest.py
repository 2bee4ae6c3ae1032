"""A signed-in person of a company, a rival company, and one of everything the pages show."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client
from django_scopes import scope
from pytest_django import DjangoDbBlocker

from apps.catalog.models import Listing, Product
from apps.common.clock import utc_now
from apps.fulfillment.models import Shipment
from apps.journal.actors import Actor
from apps.merchants.models import Member, Merchant, Role
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold, SavedView
from apps.orders.services import views
from tests.factories.merchants import MemberFactory, MerchantFactory
from tests.factories.orders import make_order
from tests.kept import keep

ACTOR = Actor("user", "usr_TEST", "Lin Yuan")


@dataclass(frozen=True)
class World:
    """One company's records: an order on hold, one that can ship, a shipment, a product, a view."""

    merchant: Merchant
    member: Member
    order: Order
    hold: OrderHold
    ready: Order
    shipment: Shipment
    product: Product
    listing: Listing
    view: SavedView


def make_ready(merchant: Merchant, *, now: datetime, **changes: object) -> Order:
    """Return an order whose label exists."""
    order = make_order(merchant, now=now, **changes)
    with scope(merchant=merchant):
        orders.confirm_order(order, actor=ACTOR, now=now)
        route(order, now=now)
        order.refresh_from_db()
    return order


def route(order: Order, *, now: datetime) -> None:
    """Plan the shipment of a confirmed order and allocate it, as the worker does."""
    from apps.fulfillment.receivers import route as receiver
    from apps.journal.models import JournalEntry

    receiver(JournalEntry.objects.get(event="order.confirmed", subject_id=order.public_id))


def make_world(name: str) -> World:
    """Return a company with one of everything."""
    now = utc_now()
    merchant = MerchantFactory(name=name)
    member = MemberFactory(merchant=merchant, user__language="en", user__full_name="Lin Yuan")
    order = make_order(merchant, now=now)
    ready = make_ready(merchant, now=now)
    with scope(merchant=merchant):
        hold = orders.place_hold(
            order, kind="manual", reason="Buyer asked to wait.", actor=ACTOR, now=now
        )
        order.refresh_from_db()
        product = Product.objects.order_by("pk").first()
        view = views.save_view(
            merchant,
            owner_id=member.user.public_id,
            name="Germany",
            query="view=open&market=DE",
            is_shared=False,
            actor=ACTOR,
            now=now,
        )
        return World(
            merchant,
            member,
            order,
            hold,
            ready,
            Shipment.objects.get(order=ready),
            product,
            Listing.objects.filter(variant__product=product).first(),
            view,
        )


@pytest.fixture(scope="module")
def _kept_worlds(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[World, World]]:
    with keep(
        django_db_blocker, lambda: (make_world("Lanling Home"), make_world("Rival Ltd"))
    ) as kept:
        yield kept


@pytest.fixture
def _worlds(_kept_worlds: tuple[World, World], db: None) -> tuple[World, World]:
    return copy.deepcopy(_kept_worlds)


@pytest.fixture
def world(_worlds: tuple[World, World]) -> World:
    """The company the person works for."""
    return _worlds[0]


@pytest.fixture
def rival(_worlds: tuple[World, World]) -> World:
    """Another company."""
    return _worlds[1]


@pytest.fixture
def client(world: World) -> Client:
    """The owner, signed in."""
    return sign_in(world.member)


def sign_in(member: Member) -> Client:
    """Return a client signed in as a member."""
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sign_in_as(world: World, role: Role) -> Client:
    """Return a client signed in as another member with a role."""
    return sign_in(MemberFactory(merchant=world.merchant, role=role, user__language="en"))
