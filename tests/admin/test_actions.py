"""What staff do in the admin goes through services and is recorded."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django_scopes import scope

from apps.inventory.models import StockBalance
from apps.jobs.models import Job
from apps.journal.models import JournalEntry, Receipt
from apps.journal.relay import relay_new
from apps.orders.models import OrderHold
from apps.orders.states import OrderStatus
from apps.partners.models import ApiKey, WebhookEndpoint
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inbound import make_inbound
from tests.factories.jobs import JobFactory
from tests.factories.orders import make_order
from tests.factories.partners import make_endpoint, make_key


def act(browser, page: str, action: str, row, **facts: str):
    return browser.post(f"/admin/{page}/", {"action": action, "_selected_action": row.pk, **facts})


def test_an_action_first_shows_what_it_does(browser, held):
    page = act(browser, "orders/order", "cancel", held).content.decode()
    assert "It cannot be undone" in page
    assert held.number in page
    held.refresh_from_db()
    assert held.status == OrderStatus.PENDING


def test_an_order_is_cancelled_with_its_reason(browser, staff, held):
    act(browser, "orders/order", "cancel", held, confirm="1", reason="Fraud report 12")
    held.refresh_from_db()
    assert (held.status, held.cancel_reason) == (OrderStatus.CANCELLED, "Fraud report 12")
    entry = JournalEntry.objects.get(event="order.cancelled")
    assert entry.actor == f"user:{staff.public_id}"


def test_a_delivery_is_ended_by_force_with_its_reason(browser, merchant, now):
    variant = VariantFactory(product=ProductFactory(merchant=merchant))
    shipment = make_inbound(variant, 20, status="receiving", now=now)
    page = act(browser, "inbound/inboundshipment", "end_by_force", shipment).content.decode()
    assert "It cannot be undone" in page

    reason = {"confirm": "1", "reason": "The house burnt down"}
    act(browser, "inbound/inboundshipment", "end_by_force", shipment, **reason)

    shipment.refresh_from_db()
    assert (shipment.status, shipment.reason) == ("closed", "The house burnt down")
    with scope(merchant=merchant):
        assert StockBalance.objects.get(variant=variant).quarantined == 20


def test_a_reason_must_be_given(browser, held):
    page = act(browser, "orders/order", "cancel", held, confirm="1", reason=" ").content.decode()
    assert "Say why" in page
    held.refresh_from_db()
    assert held.status == OrderStatus.PENDING


def test_an_order_is_put_on_hold(browser, merchant, now):
    order = make_order(merchant, now=now)
    act(browser, "orders/order", "hold", order, confirm="1", reason="Asked by customs")
    with scope(merchant=merchant):
        hold = OrderHold.objects.get(order=order)
    assert (hold.kind, hold.reason, hold.open_kind) == ("platform", "Asked by customs", "platform")


def test_a_hold_is_released(browser, merchant, held):
    with scope(merchant=merchant):
        hold = OrderHold.objects.get(order=held)
    act(browser, "orders/orderhold", "release", hold, confirm="1", reason="Address checked")
    hold.refresh_from_db()
    assert (hold.open_kind, hold.release_note) == (None, "Address checked")


def test_what_the_rules_refuse_is_said(browser, held):
    act(browser, "orders/order", "cancel", held, confirm="1", reason="one")
    answer = act(browser, "orders/order", "cancel", held, confirm="1", reason="two")
    page = browser.get(answer["Location"]).content.decode()
    assert held.number in page
    held.refresh_from_db()
    assert held.cancel_reason == "one"


def test_staff_who_only_look_cannot_act(clerk, held):
    browser = clerk("view_order")
    act(browser, "orders/order", "cancel", held, confirm="1", reason="x")
    held.refresh_from_db()
    assert held.status == OrderStatus.PENDING


def test_a_dead_letter_is_replayed_and_recorded(browser, staff, dead):
    act(browser, "journal/receipt", "replay", dead)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == (Receipt.State.FAILED, 0)
    entry = JournalEntry.objects.get(event="journal.dead_letter_replayed")
    assert entry.actor == f"user:{staff.public_id}"


def test_only_dead_letters_are_replayed(browser, dead):
    Receipt.objects.filter(pk=dead.pk).update(state=Receipt.State.DONE)
    act(browser, "journal/receipt", "replay", dead)
    dead.refresh_from_db()
    assert dead.state == Receipt.State.DONE


def test_a_job_is_stopped(browser, db):
    job = JobFactory()
    act(browser, "jobs/job", "cancel", job)
    job.refresh_from_db()
    assert job.status == Job.Status.CANCELLED


def test_a_key_is_revoked(browser, merchant):
    key = make_key(merchant).key
    act(browser, "partners/apikey", "revoke", key)
    assert ApiKey._base_manager.get(pk=key.pk).revoked_at is not None


def test_a_webhook_is_paused(browser, merchant):
    endpoint, _secret = make_endpoint(merchant)
    act(browser, "partners/webhookendpoint", "pause", endpoint)
    assert WebhookEndpoint._base_manager.get(pk=endpoint.pk).paused_at is not None


def test_an_altered_entry_is_called_altered(browser, merchant, now):
    make_order(merchant, now=now)

    class Silent:
        def publish(self, receiver: str, queue: str, entry_ids: list[int]) -> None:
            """Send nothing."""

    relay_new(Silent(), now=now)
    entry = JournalEntry.objects.filter(chain_number=1).first()
    page = f"/admin/journal/journalentry/{entry.pk}/change/"
    assert "intact" in browser.get(page).content.decode()
    JournalEntry.objects.filter(pk=entry.pk).update(actor="user:usr_SOMEBODY")
    assert "ALTERED" in browser.get(page).content.decode()


RIGHTS = {"is_active": "on", "is_staff": "on"}


def test_rights_are_given_by_superusers_and_recorded(browser, db):
    person, group = UserFactory(), Group.objects.create(name="Operators")
    answer = browser.post(
        f"/admin/accounts/user/{person.pk}/change/", {**RIGHTS, "groups": [group.pk]}
    )
    assert answer.status_code == 302
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert list(person.groups.all()) == [group]
    entry = JournalEntry.objects.get(event="user.rights_changed")
    assert entry.payload["changes"] == {"is_staff": [False, True], "groups": [[], ["Operators"]]}


def test_nobody_changes_their_own_rights(browser, staff):
    browser.post(f"/admin/accounts/user/{staff.pk}/change/", {})
    staff.refresh_from_db()
    assert (staff.is_active, staff.is_staff) == (True, True)


def test_other_staff_give_no_rights(clerk, db):
    person = UserFactory()
    browser = clerk("view_user", "change_user")
    answer = browser.post(f"/admin/accounts/user/{person.pk}/change/", RIGHTS)
    assert answer.status_code == 403
    person.refresh_from_db()
    assert person.is_staff is False


@pytest.mark.parametrize("word", ["Dead letters", "Relay lag", "Failed jobs", "Open holds"])
def test_the_first_page_shows_what_waits(browser, dead, held, word):
    assert word in browser.get("/admin/").content.decode()


def test_the_first_page_leads_to_the_dead_letters(browser, dead):
    page = browser.get("/admin/").content.decode()
    assert "/admin/journal/receipt/?state__exact=2" in page
    listed = browser.get("/admin/journal/receipt/?state__exact=2").content.decode()
    assert "compliance.checks" in listed


def test_a_company_is_suspended_and_trades_again(browser, staff, merchant):
    page = act(browser, "merchants/merchant", "suspend", merchant).content.decode()
    assert "no new order is accepted" in page
    assert merchant.name in page
    act(browser, "merchants/merchant", "suspend", merchant, confirm="1", reason="Invoice 12 open")
    merchant.refresh_from_db()
    assert (merchant.status, merchant.suspension_reason) == ("suspended", "Invoice 12 open")
    entry = JournalEntry.objects.get(event="merchant.suspended")
    assert (entry.actor, entry.tenant_id) == (f"user:{staff.public_id}", merchant.pk)

    act(browser, "merchants/merchant", "reactivate", merchant, confirm="1", reason="Paid")
    merchant.refresh_from_db()
    assert (merchant.status, merchant.suspension_reason) == ("active", "")


def test_staff_who_only_look_suspend_nobody(clerk, merchant):
    browser = clerk("view_merchant")
    act(browser, "merchants/merchant", "suspend", merchant, confirm="1", reason="x")
    merchant.refresh_from_db()
    assert merchant.status == "active"
