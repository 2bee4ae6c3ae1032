"""Webhooks that do not arrive stand among the things that need the company."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation
from django_scopes import scope

from apps.common.clock import utc_now
from apps.dashboard.selectors.todo_words import describe
from apps.dashboard.selectors.todos import collect_facts
from apps.journal.actors import system_actor
from apps.merchants.models import Role
from apps.partners import services
from apps.partners.models import WebhookEndpoint
from apps.partners.services import endpoints
from tests.dashboard.conftest import sign_in_as
from tests.factories.partners import make_endpoint

pytestmark = pytest.mark.django_db
ACTOR = system_actor("webhooks")


def _stop(endpoint, reason="failing"):
    with scope(merchant=endpoint.merchant):
        endpoints.stop_endpoint(endpoint, reason, actor=ACTOR, now=utc_now())


def _fail(endpoint):
    with scope(merchant=endpoint.merchant):
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
            failing_since=utc_now() - timedelta(hours=2)
        )


def _todos(merchant):
    with scope(merchant=merchant):
        facts = collect_facts(merchant, now=utc_now())
        return [
            describe(fact, now=utc_now(), can_see_money=True)
            for fact in facts
            if fact.kind == "webhook"
        ]


def test_paused_webhook_is_a_task_until_it_is_resumed(client, world):
    endpoint, _secret = make_endpoint(world.merchant)
    assert _todos(world.merchant) == []
    _stop(endpoint)

    [todo] = _todos(world.merchant)
    page = client.get("/")

    assert (todo.title, todo.button) == ("A webhook was paused", "Repair and resume")
    assert todo.url == f"/settings/api/webhooks/{endpoint.public_id}/"
    assert todo.url in page.content.decode()
    with scope(merchant=world.merchant):
        services.resume_endpoint(endpoint, actor=ACTOR, now=utc_now())
    assert _todos(world.merchant) == []


def test_failing_webhook_is_told_before_it_is_paused(world):
    endpoint, _secret = make_endpoint(world.merchant)
    _fail(endpoint)

    [todo] = _todos(world.merchant)

    assert todo.title == "A webhook fails"
    assert todo.detail == f"{endpoint.url} does not take events. We try again by ourselves."


def test_webhook_that_a_person_switched_off_is_no_task(world):
    endpoint, _secret = make_endpoint(world.merchant)
    with scope(merchant=world.merchant):
        services.pause_endpoint(endpoint, actor=ACTOR, now=utc_now())

    assert _todos(world.merchant) == []


def test_many_silent_webhooks_make_four_lines(world):
    for number in range(6):
        endpoint, _secret = make_endpoint(world.merchant, url=f"https://203.0.113.7/{number}")
        _fail(endpoint)

    titles = [todo.title for todo in _todos(world.merchant)]

    assert titles.count("A webhook fails") == 3
    assert titles.count("3 more webhooks do not arrive") == 1


def test_another_companys_webhook_is_no_task(world, rival):
    endpoint, _secret = make_endpoint(rival.merchant)
    _stop(endpoint)

    assert _todos(world.merchant) == []


@pytest.mark.parametrize("path", ["/", "/inbox/", "/search/palette?q=webhook"])
def test_who_may_not_manage_the_api_does_not_see_it(client, world, path):
    endpoint, _secret = make_endpoint(world.merchant)
    _stop(endpoint)
    url = f"/settings/api/webhooks/{endpoint.public_id}/"

    assert url in client.get(path).content.decode()
    assert url not in sign_in_as(world, Role.OPERATIONS).get(path).content.decode()


def test_task_reads_in_chinese(world):
    endpoint, _secret = make_endpoint(world.merchant)
    _stop(endpoint, "gone")

    with translation.override("zh-hans"):
        [todo] = _todos(world.merchant)

    assert todo.title == "Webhook 已暂停"
