"""The carrier pages: works, not yours, not allowed, wrong method – for every address."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from apps.carriers import services
from apps.carriers.models import Booking, CarrierAccount
from apps.carriers.web import urls
from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.merchants.models import Role
from tests.carriers.carrier import want
from tests.factories.merchants import MemberFactory

pytestmark = pytest.mark.django_db
FORM = {"name": "New line", "secret": "abc", "per_minute": "60"}


@dataclass(frozen=True)
class Page:
    """What a good GET and POST answer, whether it is about an account, and who may not."""

    get: int = 0
    post: int = 0
    form: dict[str, str] = field(default_factory=dict)
    is_about: bool = True
    refused: str = Role.OPERATIONS


PAGES = {
    "accounts": Page(get=200, is_about=False, refused=""),
    "connect": Page(get=200, post=302, form=FORM, is_about=False),
    "account": Page(get=200, refused=""),
    "change": Page(get=200, post=302, form=FORM),
    "check": Page(post=302),
    "pause": Page(post=302),
    "resume": Page(post=302),
    "again": Page(post=302, refused=Role.FINANCE),
}
ABOUT = [name for name, page in PAGES.items() if page.is_about]


def address(name: str, account: CarrierAccount, booking: Booking) -> str:
    args = [account.public_id] if PAGES[name].is_about else []
    return reverse(f"carriers:{name}", args=args + [booking.public_id] * (name == "again"))


@pytest.fixture
def refused(account, carrier, actor) -> Booking:
    booking = want(account, "ref-1", actor, subject="no-street")
    services.work(booking.pk)
    return booking


def login(merchant, role=Role.OWNER) -> Client:
    client = Client()
    client.force_login(MemberFactory(merchant=merchant, role=role).user)
    return client


def methods(name: str) -> list[str]:
    page = PAGES[name]
    return ["get"] * bool(page.get) + ["post"] * bool(page.post)


def call(client: Client, method: str, url: str, name: str, account: CarrierAccount):
    form = {**PAGES[name].form, "url": account.url} if PAGES[name].form else {}
    return getattr(client, method)(url, form if method == "post" else {})


def test_every_address_is_described():
    assert sorted(PAGES) == sorted(pattern.name for pattern in urls.urlpatterns)


@pytest.mark.parametrize("name", PAGES)
def test_works(account, merchant, refused, name):
    client = login(merchant)
    for method in methods(name):
        answer = call(client, method, address(name, account, refused), name, account)
        assert answer.status_code == getattr(PAGES[name], method), answer.content


@pytest.mark.parametrize("name", ABOUT)
def test_not_yours(account, stranger, refused, name):
    client = login(stranger)
    before = JournalEntry.objects.count()
    for method in methods(name):
        answer = call(client, method, address(name, account, refused), name, account)
        assert answer.status_code == 404
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.refused])
def test_not_allowed_and_nothing_changed(account, merchant, refused, name):
    client = login(merchant, PAGES[name].refused)
    before = JournalEntry.objects.count()
    for method in methods(name):
        answer = call(client, method, address(name, account, refused), name, account)
        assert answer.status_code == 403
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("name", PAGES)
def test_wrong_method(account, merchant, refused, name):
    client = login(merchant)
    assert client.put(address(name, account, refused)).status_code == 405
    if not PAGES[name].get:
        assert client.get(address(name, account, refused)).status_code == 405


def test_a_booking_of_another_account_is_not_found(account, merchant, refused, actor):
    with scope(merchant=merchant):
        other = services.connect_account(
            merchant,
            name="Other",
            url=account.url,
            secret="k",
            per_minute=60,
            actor=actor,
            now=utc_now(),
        )
    answer = login(merchant).post(
        reverse("carriers:again", args=[other.public_id, refused.public_id])
    )
    assert answer.status_code == 404


def test_a_wrong_form_says_where_and_keeps_what_was_typed(account, merchant):
    answer = login(merchant).post(
        reverse("carriers:connect"), {**FORM, "url": "ftp://example.com", "name": "Kept"}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "starts with https://" in text
    assert "Kept" in text


def test_the_page_shows_what_the_carrier_said(account, merchant, refused):
    answer = login(merchant).get(
        reverse("carriers:account", args=[account.public_id]), {"view": "stuck"}
    )
    text = answer.content.decode()
    assert "The recipient has no street" in text
    assert "Ask again" in text


def test_statements_of_the_pages(account, merchant, refused, django_assert_max_num_queries):
    client = login(merchant)
    for url, most in (
        (reverse("carriers:accounts"), 9),
        (reverse("carriers:account", args=[account.public_id]), 11),
    ):
        client.get(url)
        with django_assert_max_num_queries(most):
            client.get(url)
