"""The inbox of carrier codes: staff who may operate decide, everybody else looks."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import CarrierCode, CodeMapping
from apps.fulfillment.requests import TrackingInput
from apps.jobs.models import Job
from globalselling.admin_home import read_state
from tests.factories.fulfillment import make_parcel

GIVEN = {"status": "in_transit", "reason": "", "note": "Asked the carrier"}


@pytest.fixture
def code(merchant, actor, now) -> CarrierCode:
    parcel = make_parcel(merchant, now=now)
    with scope(merchant=merchant):
        given = TrackingInput(parcel.tracking_number, "WARP", now, source="easypost")
        fulfillment.record_tracking(merchant, [given], actor=actor, now=now)
    return CarrierCode.objects.get()


def page(code):
    return reverse("admin:fulfillment_carriercode_decide", args=[code.pk])


def test_staff_decide_what_a_code_means(browser, staff, code):
    asked = browser.get(page(code))
    assert (asked.status_code, "WARP" in asked.content.decode()) == (200, True)

    answer = browser.post(page(code), GIVEN)

    assert answer.status_code == 302
    mapping = CodeMapping.objects.get()
    assert (mapping.status, mapping.decided_by) == ("in_transit", f"user:{staff.public_id}")
    assert Job.objects.get().kind == "tracking.refold"


def test_a_bad_answer_says_why_and_keeps_the_rest(browser, code):
    answer = browser.post(page(code), {**GIVEN, "note": ""})

    text = answer.content.decode()
    assert (answer.status_code, "Say how you know" in text) == (422, True)
    assert '<option value="in_transit" selected>' in text
    assert not CodeMapping.objects.exists()


def test_readers_decide_nothing(clerk, code):
    reader = clerk("view_carriercode")

    assert reader.get(page(code)).status_code == 403
    assert reader.post(page(code), GIVEN).status_code == 403
    assert not CodeMapping.objects.exists()


def test_other_ways_are_refused(browser, code):
    assert browser.delete(page(code)).status_code == 405
    assert browser.get(page(code).replace(str(code.pk), "999999")).status_code == 404


def test_parcels_are_folded_again_on_demand(browser, code):
    listing = reverse("admin:fulfillment_carriercode_changelist")
    act = {"action": "fold_again", "_selected_action": code.pk}
    browser.post(listing, act)
    assert not Job.objects.exists()

    browser.post(page(code), GIVEN)
    browser.post(listing, act)

    assert Job.objects.count() == 2


def test_the_first_page_tells_that_codes_wait(browser, code):
    state = next(one for one in read_state(now=utc_now()) if str(one.label) == "Unknown codes")
    assert (state.value, state.is_bad) == ("1", True)
    assert state.url == "/admin/fulfillment/carriercode/?status__exact="
