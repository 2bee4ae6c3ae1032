"""A suspended company: what stops at once, what it sees, and how it goes on."""

from __future__ import annotations

import pytest
from django.test import Client
from django_scopes import scope

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.merchants import services
from apps.merchants.models import Merchant
from tests.factories.merchants import MemberFactory
from tests.factories.orders import make_order
from tests.factories.partners import api_client

pytestmark = pytest.mark.django_db
STAFF = Actor("user", "usr_STAFF", "Platform staff")


def suspend(merchant: Merchant) -> None:
    services.suspend_merchant(merchant, reason="Invoice 12 open", actor=STAFF, now=utc_now())


def reactivate(merchant: Merchant) -> None:
    services.reactivate_merchant(merchant, reason="Paid", actor=STAFF, now=utc_now())


@pytest.fixture
def owner(merchant):
    """The owner's browser."""
    member = MemberFactory(merchant=merchant, user__language="en")
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_both_steps_are_recorded_with_their_reasons(merchant):
    suspend(merchant)
    reactivate(merchant)

    facts = JournalEntry.objects.filter(event__startswith="merchant.").order_by("pk")
    assert list(facts.values_list("event", "payload", "actor")) == [
        ("merchant.suspended", {"reason": "Invoice 12 open"}, "user:usr_STAFF"),
        ("merchant.reactivated", {"reason": "Paid"}, "user:usr_STAFF"),
    ]
    merchant.refresh_from_db()
    assert (merchant.status, merchant.suspension_reason, merchant.suspended_at) == (
        "active",
        "",
        None,
    )


@pytest.mark.parametrize(
    "step", [reactivate, lambda merchant: [suspend(merchant), suspend(merchant)]]
)
def test_a_step_that_does_not_fit_is_refused(merchant, step):
    with pytest.raises(DomainError) as refused:
        step(merchant)

    assert (refused.value.code, refused.value.status) == ("merchants.wrong_state", 409)


def test_members_look_but_change_nothing_and_read_why(merchant, store, owner):
    suspend(merchant)
    before = JournalEntry.objects.count()

    page = owner.get("/settings/")
    refused = owner.post("/settings/", {"name": "Other"})

    assert page.status_code == 200
    assert "Your company is suspended" in page.content.decode()
    assert "Invoice 12 open" in page.content.decode()
    assert refused.status_code == 403
    assert "This company is suspended" in refused.content.decode()
    assert JournalEntry.objects.count() == before
    assert Merchant.objects.get(pk=merchant.pk).name == merchant.name


def test_a_member_may_still_leave_for_another_company(merchant, owner):
    from apps.merchants.models import Member

    with scope(merchant=merchant):
        user = Member.objects.get(merchant=merchant).user
    other = MemberFactory(user=user)
    suspend(merchant)

    answer = owner.post("/settings/switch/", {"merchant": other.merchant.public_id})

    assert answer.status_code == 302


def test_it_ends_at_once_when_it_is_lifted(merchant, store, owner):
    suspend(merchant)
    reactivate(merchant)

    assert "Your company is suspended" not in owner.get("/settings/").content.decode()


def test_remembered_keys_are_refused_and_accepted_at_once(
    merchant, django_capture_on_commit_callbacks
):
    api = api_client(merchant, scopes=["orders:read"])
    assert api.call("GET", "/orders").status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        suspend(merchant)
    refused = api.call("GET", "/orders")
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "partners.merchant_suspended"

    with django_capture_on_commit_callbacks(execute=True):
        reactivate(merchant)
    assert api.call("GET", "/orders").status_code == 200


def test_no_new_order_is_accepted(merchant, now):
    make_order(merchant, now=now)
    suspend(merchant)
    merchant.refresh_from_db()

    with pytest.raises(DomainError) as refused:
        make_order(merchant, now=now)

    assert (refused.value.code, refused.value.status) == ("merchants.suspended", 403)


def test_another_company_goes_on(merchant, stranger, now):
    suspend(merchant)

    assert make_order(stranger, now=now).status == "pending"
