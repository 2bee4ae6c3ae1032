"""Taking back what was done to many orders: exactly that, once, and nothing of others."""

from __future__ import annotations

import pytest
from django_scopes import scope

from apps.common.clock import utc_now
from apps.dashboard.web import bulk
from apps.jobs import services as jobs
from apps.jobs.execution import run_job
from apps.jobs.models import Job, JobRow
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold, OrderTag
from apps.orders.services import tags
from tests.dashboard.conftest import ACTOR, make_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def do(client, world, monkeypatch):
    """Do something to all orders of the company as a job; returns the ended job."""
    monkeypatch.setattr(bulk, "DIRECT_ROWS", 0)

    def act(action: str, **more: str) -> Job:
        body = {"action": action, "all": "1", "query": "view=all", **more}
        client.post("/orders/bulk/", body)
        job = Job.objects.get(kind=f"orders.{action}")
        run_job(job.pk, now=utc_now())
        job.refresh_from_db()
        return job

    return act


def undo(job: Job) -> Job:
    """Take a job back; returns the ended undo."""
    started = jobs.undo_job(job, actor=ACTOR, now=utc_now())
    run_job(started.pk, now=utc_now())
    started.refresh_from_db()
    return started


def codes(job: Job) -> list[str]:
    return sorted(JobRow.objects.filter(job=job).values_list("code", flat=True))


def test_a_job_of_holds_takes_back_only_its_own(do, world):
    job = do("hold")
    done = undo(job)

    assert (done.status, done.total_count, done.failed_count) == (Job.Status.DONE, 1, 0)
    with scope(merchant=world.merchant):
        # Somebody held this order before the job: its hold stays.
        assert OrderHold.objects.get(open_kind="manual") == world.hold
        assert Order.objects.get(pk=world.ready.pk).open_hold_count == 0


def test_a_hold_that_somebody_renewed_stays(do, world):
    job = do("hold")
    with scope(merchant=world.merchant):
        placed = OrderHold.objects.get(order=world.ready, open_kind="manual")
        orders.release_hold(placed, actor=ACTOR, now=utc_now())
        theirs = orders.place_hold(
            world.ready, kind="manual", reason="Mine", actor=ACTOR, now=utc_now()
        )
    assert codes(undo(job)) == ["orders.changed_since"]
    with scope(merchant=world.merchant):
        assert OrderHold.objects.get(order=world.ready, open_kind="manual") == theirs


def test_a_job_of_releases_holds_again_for_the_same_reason(do, world):
    done = undo(do("release"))

    assert done.failed_count == 0
    with scope(merchant=world.merchant):
        held = OrderHold.objects.get(open_kind="manual")
        assert (held.order_id, held.reason) == (world.order.pk, "Buyer asked to wait.")


@pytest.mark.parametrize("is_released", [False, True])
def test_an_order_that_was_held_since_is_left_alone(do, world, is_released):
    job = do("release")
    with scope(merchant=world.merchant):
        theirs = orders.place_hold(
            world.order, kind="manual", reason="Mine", actor=ACTOR, now=utc_now()
        )
        if is_released:
            orders.release_hold(theirs, actor=ACTOR, now=utc_now())
    assert codes(undo(job)) == ["orders.changed_since"]
    with scope(merchant=world.merchant):
        assert OrderHold.objects.filter(order=world.order).count() == 2
        count = 0 if is_released else 1
        assert Order.objects.get(pk=world.order.pk).open_hold_count == count


def test_a_job_of_tags_leaves_tags_that_were_there_or_came_back(do, world):
    third = make_ready(world.merchant, now=utc_now())
    with scope(merchant=world.merchant):
        tags.tag_order(world.order, name="vip", actor=ACTOR, now=utc_now())
    job = do("tag", tag="vip")
    with scope(merchant=world.merchant):
        tags.untag_order(third, name="vip", actor=ACTOR, now=utc_now())
        tags.tag_order(third, name="vip", actor=ACTOR, now=utc_now())

    assert codes(undo(job)) == ["", "orders.changed_since"]
    with scope(merchant=world.merchant):
        kept = OrderTag.objects.filter(name="vip").values_list("order_id", flat=True)
        assert set(kept) == {world.order.pk, third.pk}
        assert Order.objects.get(pk=world.ready.pk).tag_count == 0


def test_cancelled_orders_cannot_be_undone(client, do, world):
    sheet = client.post("/orders/bulk/", {"action": "cancel", "all": "1", "query": "view=all"})
    assert "Not possible" in sheet.content.decode()
    job = do("cancel", reason="Sold out", confirmed="1", typed="2")
    page = client.get(f"/jobs/{job.public_id}/").content.decode()
    assert f"/jobs/{job.public_id}/undo/" not in page
    answer = client.post(f"/jobs/{job.public_id}/undo/", follow=True)
    assert "nothing that can be undone" in answer.content.decode()
    assert Job.objects.count() == 1


@pytest.mark.parametrize("more", [{"action": "hold"}, {"action": "tag", "tag": "vip"}])
def test_the_message_undoes_once(client, world, more):
    body = {**more, "ids": [world.ready.public_id], "query": ""}
    page = client.post("/orders/bulk/", body, follow=True)
    [message] = page.context["messages"]
    address = message.extra_tags.removeprefix("undo:")

    first = client.post(address, follow=True)
    second = client.post(address, follow=True)

    assert [str(told) for told in first.context["messages"]] == ["Undone."]
    [told] = second.context["messages"]
    assert str(told).startswith("Nothing was left to undo")


def test_a_second_undo_of_a_release_does_not_hold_again(client, world):
    body = {"action": "release", "ids": [world.order.public_id]}
    page = client.post("/orders/bulk/", body, follow=True)
    [message] = page.context["messages"]
    address = message.extra_tags.removeprefix("undo:")
    client.post(address)
    with scope(merchant=world.merchant):
        again = OrderHold.objects.get(open_kind="manual")
        orders.release_hold(again, actor=ACTOR, now=utc_now())

    client.post(address)

    with scope(merchant=world.merchant):
        assert not OrderHold.objects.filter(open_kind="manual").exists()
