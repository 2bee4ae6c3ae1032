"""Proposals on the page of a held order: shown without data, accepted, recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django_scopes import scope

from apps.common.clock import utc_now
from apps.compliance.services import run_order_checks
from apps.journal.models import JournalEntry
from apps.orders.models import OrderHold
from apps.orders.services.buyers import read_buyer
from tests.dashboard.conftest import sign_in_as
from tests.factories.orders import BUYER, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(world):
    """An order whose city and postal code stand in each other's place."""
    buyer = replace(BUYER, city="12059", postal_code="Rixdorf")
    order = make_order(world.merchant, now=utc_now(), buyer=buyer)
    with scope(merchant=world.merchant):
        run_order_checks(order, now=utc_now())
    return order


def test_the_proposal_shows_data_only_after_revealing(client, world, held):
    page = client.get(f"/orders/{held.number}/").content.decode()
    revealed = client.post(f"/orders/{held.number}/reveal/").content.decode()

    assert "city and postal code change places" in page
    assert "Rixdorf" not in page
    assert "Rixdorf" in revealed


def test_accepting_corrects_the_address_and_the_record_names_no_part_of_it(client, world, held):
    response = client.post(f"/orders/{held.number}/address/accept/")

    assert response.url == f"/orders/{held.number}/"
    with scope(merchant=world.merchant):
        held.refresh_from_db()
        buyer = read_buyer(held)
        told = "".join(str(entry.payload) for entry in JournalEntry.objects.all())
        holds = "".join(str(hold.details) + hold.reason for hold in OrderHold.objects.all())
    assert (buyer.city, buyer.postal_code) == ("Rixdorf", "12059")
    assert "Rixdorf" not in told + holds
    assert JournalEntry.objects.filter(event="order.buyer_corrected").count() == 1


def test_an_order_without_a_proposal_refuses(client, world):
    assert client.post(f"/orders/{world.order.number}/address/accept/").status_code == 409


def test_a_reader_may_not_accept(world, held):
    reader = sign_in_as(world, "read_only")

    assert reader.post(f"/orders/{held.number}/address/accept/").status_code == 403
    with scope(merchant=world.merchant):
        held.refresh_from_db()
        assert read_buyer(held).city == "12059"
