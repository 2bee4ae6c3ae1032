"""The frame around every page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.dashboard.conftest import sign_in_as
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def test_navigation_shows_only_what_the_role_may_open(world):
    nav = sign_in_as(world, "warehouse").get("/").context["nav"]

    assert [item.key for group in nav for item in group.items] == [
        "home",
        "orders",
        "stock",
        "shipping",
        "inbound",
        "jobs",
    ]


def test_frame_names_company_and_counts(client, world):
    context = client.get("/inbox/").context

    assert context["merchant"] == world.merchant
    counts = {item.key: (item.count, item.hot) for group in context["nav"] for item in group.items}
    assert counts["orders"] == (1, False)


def test_person_without_a_company_sees_no_frame(db):
    from django.test import Client

    client = Client()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/").url == reverse("merchants:create")
