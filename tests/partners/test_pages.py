"""The API pages of the settings: works, not yours, not allowed, wrong method – for every address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant, Role
from apps.partners import services
from apps.partners.models import ApiKey, PartnerApp, WebhookDelivery, WebhookEndpoint
from apps.partners.web import urls
from tests.factories.merchants import MemberFactory
from tests.factories.partners import ACTOR, make_endpoint, make_key

KEY_FORM = {"name": "Warehouse", "scopes": ["orders:read", "stock:write"], "lifetime": "90"}
APP_FORM = {"name": "Shop system", "scopes": ["orders:write"]}
HOOK_FORM = {"url": "https://9.9.9.9/hook", "events": ["order.placed"], "description": "ERP"}


@dataclass(frozen=True)
class Page:
    """How one address is used: its methods, its form, and what a good call answers."""

    get: int = 0
    post: int = 0
    form: dict[str, object] = field(default_factory=dict)


PAGES: dict[str, Page] = {
    "keys": Page(get=200),
    "create_key": Page(get=200, post=200, form=KEY_FORM),
    "key": Page(get=200),
    "rotate_key": Page(post=200, form={"overlap": "7"}),
    "revoke_key": Page(post=302),
    "apps": Page(get=200),
    "create_app": Page(get=200, post=200, form=APP_FORM),
    "app": Page(get=200),
    "rotate_app": Page(post=200),
    "revoke_app": Page(post=302),
    "webhooks": Page(get=200),
    "create_webhook": Page(get=200, post=302, form=HOOK_FORM),
    "webhook": Page(get=200),
    "change_webhook": Page(get=200, post=302, form=HOOK_FORM),
    "webhook_secret": Page(get=200),
    "test_webhook": Page(post=302),
    "pause_webhook": Page(post=302),
    "resume_webhook": Page(post=302),
    "rotate_webhook": Page(post=302),
    "remove_webhook": Page(post=302),
    "replay_webhook": Page(post=302, form={"hours": "24"}),
    "delivery": Page(get=200),
    "replay_delivery": Page(post=302),
}
NAMES = [pattern.name for pattern in urls.urlpatterns]


def test_every_address_is_described() -> None:
    assert sorted(PAGES) == sorted(NAMES)


@dataclass
class World:
    """One company's key, app, webhook and delivery."""

    key: ApiKey
    app: PartnerApp
    endpoint: WebhookEndpoint
    delivery: WebhookDelivery

    def address(self, name: str) -> str:
        """Return the address of a page about these objects."""
        if name in {"delivery", "replay_delivery"}:
            given = [self.endpoint.public_id, self.delivery.public_id]
        elif name in {"keys", "apps", "webhooks"} or name.startswith("create_"):
            given = []
        elif "key" in name:
            given = [self.key.public_id]
        elif "app" in name:
            given = [self.app.public_id]
        else:
            given = [self.endpoint.public_id]
        return reverse(f"partners:{name}", args=given)


def make_world(merchant: Merchant) -> World:
    """Make a key, an app, a webhook and a delivery."""
    key = make_key(merchant).key
    endpoint, _secret = make_endpoint(merchant)
    with scope(merchant=merchant):
        app = services.create_app(
            merchant, name="ERP", scopes=["orders:read"], actor=ACTOR, now=utc_now()
        ).app
        delivery = services.send_test(endpoint, now=utc_now())
    return World(key, app, endpoint, delivery)


@pytest.fixture
def world(merchant: Merchant) -> World:
    """The objects of the company."""
    return make_world(merchant)


@pytest.fixture
def sign_in(client: Client, merchant: Merchant) -> Callable[[Role], Client]:
    """A browser signed in as a member with a role."""

    def enter(role: Role) -> Client:
        member = MemberFactory(merchant=merchant, role=role)
        client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


def rows() -> list[object]:
    """Return everything the pages could change."""
    with scopes_disabled():
        return [
            *ApiKey.objects.order_by("pk").values_list(),
            *PartnerApp.objects.order_by("pk").values_list(),
            *WebhookEndpoint.objects.order_by("pk").values_list(),
            *WebhookDelivery.objects.order_by("pk").values_list(),
            JournalEntry.objects.count(),
        ]


def call(client: Client, page: Page, address: str) -> list[int]:
    """Use every method of a page and return the statuses."""
    statuses = []
    if page.get:
        statuses.append(client.get(address).status_code)
    if page.post:
        statuses.append(client.post(address, page.form).status_code)
    return statuses


@pytest.mark.parametrize("name", NAMES)
def test_a_manager_uses_it(name: str, world: World, sign_in: Callable[[Role], Client]) -> None:
    page = PAGES[name]
    expected = [status for status in (page.get, page.post) if status]
    assert call(sign_in(Role.MANAGER), page, world.address(name)) == expected


@pytest.mark.parametrize(
    "name",
    [name for name in NAMES if name not in {"keys", "apps", "webhooks"} and "create" not in name],
)
def test_what_is_another_companys_is_not_there(
    name: str, world: World, stranger: Merchant, sign_in: Callable[[Role], Client]
) -> None:
    foreign, client = make_world(stranger), sign_in(Role.OWNER)
    before = rows()
    assert set(call(client, PAGES[name], foreign.address(name))) == {404}
    assert rows() == before


@pytest.mark.parametrize("name", NAMES)
def test_without_the_permission_nothing_changes(
    name: str, world: World, sign_in: Callable[[Role], Client]
) -> None:
    client = sign_in(Role.OPERATIONS)
    before = rows()
    assert set(call(client, PAGES[name], world.address(name))) == {403}
    assert rows() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_method_is_refused(
    name: str, world: World, sign_in: Callable[[Role], Client]
) -> None:
    page, client = PAGES[name], sign_in(Role.OWNER)
    before = rows()
    assert client.put(world.address(name)).status_code == 405
    if not page.post:
        assert client.post(world.address(name)).status_code == 405
    if not page.get:
        assert client.get(world.address(name)).status_code == 405
    assert rows() == before


def test_the_secret_of_a_new_key_is_shown_once_and_works(
    merchant: Merchant, sign_in: Callable[[Role], Client]
) -> None:
    client = sign_in(Role.OWNER)
    answer = client.post(reverse("partners:create_key"), KEY_FORM)
    secret = answer.context["secret"]
    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).json()
    assert me["scopes"] == ["orders:read", "stock:write"]
    with scopes_disabled():
        key = ApiKey.objects.get()
    assert secret not in str(vars(key))
    assert key.expires_at - utc_now() > timedelta(days=89)
    assert secret not in client.get(reverse("partners:key", args=[key.public_id])).content.decode()


def test_a_key_without_permissions_is_refused_with_422(
    merchant: Merchant, sign_in: Callable[[Role], Client]
) -> None:
    answer = sign_in(Role.OWNER).post(reverse("partners:create_key"), {"name": "Nothing"})
    assert answer.status_code == 422
    with scopes_disabled():
        assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://9.9.9.9/hook",
        "https://127.0.0.1/hook",
        "https://localhost/",
        "https://10.0.0.8/",
        "https://[::1]/",
        "https://user:pass@9.9.9.9/",
        "ftp://9.9.9.9/",
        "javascript:alert(1)",
    ],
)
def test_an_address_we_must_not_call_is_refused_with_422(
    url: str, merchant: Merchant, sign_in: Callable[[Role], Client]
) -> None:
    form = {**HOOK_FORM, "url": url}
    answer = sign_in(Role.OWNER).post(reverse("partners:create_webhook"), form)
    assert answer.status_code == 422
    with scopes_disabled():
        assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("name", ["keys", "apps", "webhooks"])
def test_a_list_takes_the_same_statements_for_many_rows(
    name: str,
    merchant: Merchant,
    sign_in: Callable[[Role], Client],
    django_assert_max_num_queries,
) -> None:
    for _ in range(4):
        make_world(merchant)
    client = sign_in(Role.OWNER)
    client.get(reverse(f"partners:{name}"))
    with django_assert_max_num_queries(14):
        client.get(reverse(f"partners:{name}"))
