"""The four tests of every page and action: works, not yours, not allowed, wrong method.

Every route of the dashboard has a row in ``ROUTES``; a new one without a row fails.
"""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from apps.dashboard.web.urls import urlpatterns
from apps.journal.models import JournalEntry
from tests.dashboard.conftest import World, sign_in_as
from tests.dashboard.route_facts import Route
from tests.dashboard.routes import BOTH, ROUTES

pytestmark = pytest.mark.django_db
_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def _ready_to_ask(client: Client, route: Route, owner: World, method: str = ""):
    """Return the call with everything it needs made before, so that facts can be counted."""
    url = reverse(f"dashboard:{route.name}", args=route.parts(owner)) + route.query
    verb = getattr(client, (method or route.method).lower())
    if not method and route.method == "POST":
        return partial(verb, url, route.body(owner))
    return partial(verb, url)


def _ask(client: Client, route: Route, owner: World, method: str = ""):
    return _ready_to_ask(client, route, owner, method)()


def test_every_route_is_in_the_table():
    assert {pattern.name for pattern in urlpatterns} == {route.name for route in ROUTES}


@_ROUTE
def test_owner_gets_what_is_asked_for(client, world, route):
    assert _ask(client, route, world).status_code == route.works


@_ROUTE
def test_stranger_is_sent_to_sign_in(world, route):
    response = _ask(Client(), route, world)

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in ROUTES
        if not route.is_shared
        and "<" in str(next(p for p in urlpatterns if p.name == route.name).pattern)
    ],
    ids=lambda route: route.name,
)
def test_another_companys_record_is_not_there(client, rival, route):
    ask = _ready_to_ask(client, route, rival)
    before = JournalEntry.objects.count()

    assert ask().status_code == 404
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize(
    ("route", "role"),
    [(route, role) for route in ROUTES for role in route.refused],
    ids=lambda value: getattr(value, "name", None),
)
def test_role_without_the_permission_changes_nothing(world, route, role):
    client = sign_in_as(world, role)
    ask = _ready_to_ask(client, route, world)
    before = JournalEntry.objects.count()

    assert ask().status_code == 403
    assert JournalEntry.objects.count() == before


@_ROUTE
def test_wrong_method_is_refused(client, world, route):
    wrong = "POST" if route.method == "GET" and route.name not in BOTH else "PUT"

    assert _ask(client, route, world, wrong).status_code == 405
    if route.method == "POST":
        assert _ask(client, route, world, "GET").status_code == 405


@_ROUTE
def test_person_without_a_company_is_led_to_make_one(world, route, django_user_model):
    from tests.factories.accounts import UserFactory

    client = Client()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    response = _ask(client, route, world)

    assert (response.status_code, response.url) == (302, reverse("merchants:create"))
