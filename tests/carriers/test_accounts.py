"""Connecting a carrier: what is asked, what is refused, what stays secret."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import httpx
import pytest
from django_scopes import scope, scopes_disabled

from apps.carriers import services
from apps.carriers.adapters import adapter_of
from apps.carriers.concerns import describe_stuck_bookings, find_stuck_bookings
from apps.carriers.contract import AnswerLostError, Party, RefusedError, UnavailableError
from apps.carriers.models import BookingLabel, CarrierAccount, CarrierCall, CarrierHealth
from apps.common.clock import clock_at, utc_now
from apps.common.errors import DomainError
from apps.common.http import OutboundError, exchange
from apps.journal.models import JournalEntry
from tests.carriers.carrier import SECRET, drive, fresh, request_of, want

pytestmark = pytest.mark.django_db
GOOD = {"name": "Line", "url": "https://9.9.9.9", "secret": "abc", "per_minute": 60}


def test_the_carrier_says_what_may_be_booked(account):
    assert [item["code"] for item in account.services] == ["standard", "express"]
    assert account.checked_at is not None


def test_the_key_is_sealed_and_told_nowhere(account):
    row = CarrierAccount.objects.values_list("secret_key", "secret_sealed").get()
    assert SECRET.encode() not in b"".join(bytes(part) for part in row)
    assert SECRET not in str(list(JournalEntry.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://9.9.9.9"),
        ("url", "https://example.com/a b"),
        ("url", "https://example.com/?key=1"),
        ("url", "x" * 400),
        ("name", "  "),
        ("name", "n" * 61),
        ("secret", ""),
        ("secret", "a\nb"),
        ("secret", "ключ"),
        ("per_minute", 0),
        ("per_minute", 6001),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(merchant, scoped, actor, field, value):
    with pytest.raises(DomainError) as caught:
        services.connect_account(merchant, **{**GOOD, field: value}, actor=actor, now=utc_now())
    assert (caught.value.status, list(caught.value.fields)) == (422, [field])
    assert not CarrierAccount.objects.exists()


def test_a_name_is_taken_once(merchant, scoped, actor):
    services.connect_account(merchant, **GOOD, actor=actor, now=utc_now())
    other = services.connect_account(
        merchant, **{**GOOD, "name": "Other"}, actor=actor, now=utc_now()
    )
    with pytest.raises(DomainError) as caught:
        services.connect_account(merchant, **GOOD, actor=actor, now=utc_now())
    assert list(caught.value.fields) == ["name"]
    with pytest.raises(DomainError):
        services.change_account(other, **GOOD, actor=actor, now=utc_now())
    assert CarrierAccount.objects.count() == 2


def test_an_address_in_our_own_network_is_refused(merchant, scoped, actor, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    with pytest.raises(DomainError) as caught:
        services.check_url("https://127.0.0.1:8000")
    assert (caught.value.status, list(caught.value.fields)) == (422, ["url"])
    with pytest.raises(OutboundError) as refused:
        exchange("GET", "https://10.0.0.1/", headers={}, max_bytes=10)
    assert (refused.value.permanent, refused.value.is_sent) == (True, False)


def test_a_wrong_key_is_said_and_the_services_stay(account, actor):
    changed = services.change_account(
        account,
        name=account.name,
        url=account.url,
        secret="wrong",
        per_minute=120,
        actor=actor,
        now=utc_now(),
    )
    with pytest.raises(DomainError) as caught:
        services.check_account(changed, actor=actor)
    assert caught.value.status == 409
    assert "The key is not known" in caught.value.message
    changed.refresh_from_db()
    assert len(changed.services) == 2


def test_every_call_of_the_contract(account, carrier):
    adapter = adapter_of(account)
    rates = {rate.service: rate for rate in adapter.rate(request_of("ref-1"))}
    assert rates["standard"].amount_minor == 6200
    booked = adapter.book(request_of("ref-1", boxes=2))
    assert adapter.book(request_of("ref-1", boxes=2)) == booked
    assert [item.carrier_id for item in adapter.find("ref-1")] == [booked.carrier_id]
    assert adapter.find("ref-2") == []
    assert adapter.label(booked.carrier_id).startswith(b"%PDF-")
    assert adapter.manifest([booked.carrier_id]).document.startswith(b"%PDF-")
    sender = Party("Lanling Home", "Nanshan 8", "Shenzhen", "518000", "CN")
    assert adapter.pickup(sender, date(2026, 12, 1), 2).window.startswith("2026-12-01")
    scans = adapter.track(booked.tracking_numbers[0])
    assert len({scan.event_id for scan in scans}) == 5
    assert len(scans) == 6
    adapter.void(booked.carrier_id)
    adapter.void(booked.carrier_id)
    assert [item.is_void for item in adapter.find("ref-1")] == [True]
    with pytest.raises(RefusedError):
        adapter.track("nothing")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("error", AnswerLostError),
        ("busy", UnavailableError),
        ("lost", AnswerLostError),
        ("garbage", AnswerLostError),
        ("slow", AnswerLostError),
    ],
)
def test_what_each_fault_means(account, carrier, fault, error):
    carrier[0].faults.slow_s = 0.6
    carrier[0].faults.plan("book", fault, 1)
    adapter = adapter_of(account)
    adapter._timeout_s = 0.2
    with pytest.raises(error):
        adapter.book(request_of("ref-1"))


def test_a_carrier_nobody_hears_did_nothing(account, merchant, actor):
    services.change_account(
        account,
        name=account.name,
        url="http://127.0.0.1:9",
        secret="",
        per_minute=120,
        actor=actor,
        now=utc_now(),
    )
    account.refresh_from_db()
    with pytest.raises(UnavailableError):
        adapter_of(account).check()


def test_a_carrier_that_is_down_is_left_alone_and_the_bookings_wait(account, carrier, actor):
    carrier[0].faults.plan("book", "busy", 5)
    began = utc_now()
    bookings = [want(account, f"ref-{number}", actor) for number in range(7)]
    for booking in bookings:
        services.work(booking.pk)

    assert CarrierCall.objects.filter(operation="book").count() == 5
    assert fresh(bookings[6]).detail == "The carrier is down"
    assert CarrierHealth.objects.get().open_until > began
    with pytest.raises(DomainError) as caught:
        services.check_account(account, actor=actor)
    assert caught.value.code == "carriers.no_answer"

    drive(account.merchant)
    assert {fresh(booking).status for booking in bookings} == {"booked"}


def test_a_paused_account_books_nothing_more_and_goes_on_with_what_it_has(
    account, carrier, merchant, actor
):
    waiting, done = want(account, "ref-1", actor), want(account, "ref-2", actor)
    services.work(done.pk)
    services.pause_account(account, actor=actor, now=utc_now())
    account.refresh_from_db()
    with pytest.raises(DomainError) as caught:
        want(account, "ref-3", actor)
    assert (caught.value.code, caught.value.status) == ("carriers.paused", 409)
    services.work(waiting.pk)
    services.release(fresh(done), actor=actor, now=utc_now())
    services.work(done.pk)
    assert (fresh(waiting).status, fresh(done).status) == ("wanted", "voided")

    services.resume_account(account, actor=actor, now=utc_now())
    assert services.work(waiting.pk) == "booked"


def test_a_service_the_carrier_does_not_offer_is_refused(account, actor):
    account.services = [{"code": "express", "name": "Express"}]
    with pytest.raises(DomainError) as caught:
        want(account, "ref-1", actor)
    assert (caught.value.code, caught.value.status) == ("carriers.unknown_service", 422)


def test_labels_are_sealed_and_can_be_erased(account, merchant, actor):
    booking = want(account, "ref-1", actor)
    with pytest.raises(DomainError) as caught:
        services.read_label(booking)
    assert (caught.value.code, caught.value.status) == ("carriers.no_label", 409)
    drive(merchant)
    assert b"%PDF" not in bytes(BookingLabel.objects.get().sealed)

    assert services.forget_labels(merchant.pk, ["shp_1"]) == 1
    with pytest.raises(DomainError):
        services.read_label(fresh(booking))


def test_what_goes_no_further_alone_is_a_concern(account, carrier, merchant, actor):
    refused = want(account, "ref-1", actor, subject="no-street")
    services.work(refused.pk)
    carrier[0].faults.plan("book", "lost", 1)
    carrier[0].faults.plan("find", "error", 50)
    unsure = want(account, "ref-2", actor)
    services.work(unsure.pk)

    later = utc_now() + timedelta(minutes=16)
    assert [concern.count for concern in find_stuck_bookings(merchant, utc_now())] == [1]
    [concern] = find_stuck_bookings(merchant, later)
    assert (concern.count, concern.name) == (2, "Sim line")
    words = describe_stuck_bookings(concern)
    assert "2" in words.title
    assert words.url.endswith("?view=stuck")


def test_a_strangers_account_is_not_found(account, stranger):
    from apps.carriers import selectors

    with scope(merchant=stranger), pytest.raises(CarrierAccount.DoesNotExist):
        selectors.get_account(stranger, account.public_id)


def test_a_call_that_waits_for_a_token_says_until_when(account, carrier, actor, merchant):
    CarrierAccount.objects.update(per_minute=60)
    CarrierHealth.objects.update(tokens=0, refilled_at=utc_now())
    booking = want(account, "ref-1", actor)
    assert services.work(booking.pk) == "wanted"
    waits = fresh(booking)
    assert (waits.detail, waits.attempts) == ("Too many calls at once", 0)
    with clock_at(waits.next_at + timedelta(seconds=1)):
        assert services.work(booking.pk) == "booked"


def test_the_simulated_carrier_is_a_process_of_its_own():
    command = [sys.executable, "manage.py", "simulate_carrier", "--port", "0", "--key", "k"]
    process = subprocess.Popen(
        [*command, "--fault", "check:busy:1"], stdout=subprocess.PIPE, text=True
    )
    try:
        url = process.stdout.readline().strip()
        headers = {"Authorization": "Bearer k"}
        first = httpx.get(f"{url}/v1/account", headers=headers, timeout=10)
        second = httpx.get(f"{url}/v1/account", headers=headers, timeout=10)
        unknown = httpx.get(f"{url}/v1/account", timeout=10)
        seen = httpx.get(f"{url}/_sim/bookings", timeout=10)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    answers = (first.status_code, second.status_code, unknown.status_code, seen.json())
    assert answers == (503, 200, 401, {"bookings": []})


def test_the_demo_companies_are_connected_and_led_to_a_new_address(merchant, carrier, settings):
    from apps.sandbox.carrier.demo import NAME, connect_demo
    from apps.sandbox.models import SandboxTenant

    with scopes_disabled():
        SandboxTenant.objects.create(merchant=merchant, pace="gentle")
    assert connect_demo(carrier[1], SECRET) == 1
    assert connect_demo(carrier[1] + "/", SECRET) == 1
    with scope(merchant=merchant):
        account = CarrierAccount.objects.get(name=NAME)
    assert (account.url, len(account.services)) == (carrier[1], 2)


def test_an_address_that_takes_no_connection_gives_way_to_the_next(carrier, monkeypatch):
    from apps.common import http

    port = carrier[1].rpartition(":")[2]
    both = http.Target(
        f"http://carrier.test:{port}/_sim/bookings", "carrier.test", ("127.0.0.2", "127.0.0.1")
    )
    monkeypatch.setattr(http, "check_target", lambda _url: both)
    answer = exchange("GET", both.url, headers={}, max_bytes=1000, timeout_s=5)
    assert (answer.status, answer.body) == (200, b'{"bookings": []}')
