"""Keys and tokens: what they open, for how long, and what happens without the cache."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django_scopes import scope, scopes_disabled
from oauth2_provider.models import AccessToken
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.partners import fallback, services
from apps.partners.models import ApiKey, PartnerApp
from tests.factories.partners import ACTOR, ApiClient, api_client, make_key


@pytest.fixture(autouse=True)
def _closed_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback._breaker, "closed_until", 0.0)


@pytest.fixture
def app(merchant: Merchant) -> services.NewApp:
    """An OAuth app that may read orders and products."""
    with scope(merchant=merchant):
        return services.create_app(
            merchant,
            name="ERP",
            scopes=["orders:read", "products:read"],
            actor=ACTOR,
            now=utc_now(),
        )


def fetch_token(client: Client, app: services.NewApp, **more: str) -> dict[str, object]:
    """Ask the token endpoint for a token, as RFC 6749 section 4.4 says."""
    pair = f"{app.app.client_id}:{app.secret}".encode()
    answer = client.post(
        "/api/oauth/token",
        {"grant_type": "client_credentials", **more},
        headers={"Authorization": "Basic " + base64.b64encode(pair).decode()},
    )
    return {"status": answer.status_code, **answer.json()}


def test_a_key_shows_who_it_is(merchant: Merchant) -> None:
    api = api_client(merchant, scopes=["orders:read"])
    told = api.call("GET", "/me").json()
    assert told["id"] == api.key.public_id
    assert told["kind"] == "key"
    assert told["scopes"] == ["orders:read"]
    assert told["merchant"]["id"] == merchant.public_id


def test_only_the_digest_of_a_key_is_stored(merchant: Merchant) -> None:
    made = make_key(merchant)
    with scopes_disabled():
        stored = ApiKey.objects.values().get()
    assert made.secret not in str(stored)
    assert made.secret.startswith(stored["prefix"])


def test_a_revoked_key_is_refused_at_once(merchant: Merchant) -> None:
    api = api_client(merchant)
    assert api.call("GET", "/me").status_code == 200
    with scope(merchant=merchant):
        services.revoke_key(api.key, actor=ACTOR, now=utc_now())
    assert api.call("GET", "/me").status_code == 401


def test_an_expired_key_is_refused_though_it_is_remembered(merchant: Merchant) -> None:
    api = api_client(merchant)
    with scopes_disabled():
        ApiKey.objects.update(expires_at=utc_now() + timedelta(milliseconds=300))
    assert api.call("GET", "/me").status_code == 200
    with scopes_disabled():
        ends_at = ApiKey.objects.get().expires_at
    while utc_now() < ends_at:
        pass
    assert api.call("GET", "/me").status_code == 401


def test_a_rotated_key_works_until_the_overlap_ends(merchant: Merchant) -> None:
    api = api_client(merchant)
    with scope(merchant=merchant):
        made = services.rotate_key(api.key, overlap=timedelta(days=7), actor=ACTOR, now=utc_now())
    assert api.call("GET", "/me").status_code == 200
    assert ApiClient(made.secret).call("GET", "/me").status_code == 200
    with scopes_disabled():
        old = ApiKey.objects.get(pk=api.key.pk)
    assert old.replaced_by == made.key
    assert timedelta(days=6) < old.expires_at - utc_now() < timedelta(days=8)


def test_a_rotation_without_overlap_ends_the_old_key_at_once(merchant: Merchant) -> None:
    api = api_client(merchant)
    api.call("GET", "/me")
    with scope(merchant=merchant):
        services.rotate_key(api.key, overlap=timedelta(), actor=ACTOR, now=utc_now())
    assert api.call("GET", "/me").status_code == 401


def test_a_key_is_rotated_once(merchant: Merchant) -> None:
    key = make_key(merchant).key
    with scope(merchant=merchant):
        services.rotate_key(key, actor=ACTOR, now=utc_now())
        with pytest.raises(DomainError) as caught:
            services.rotate_key(key, actor=ACTOR, now=utc_now())
    assert caught.value.code == "partners.key_ended"


@pytest.mark.parametrize("scopes", [[], ["orders:read", "everything"]])
def test_a_key_needs_known_scopes(merchant: Merchant, scopes: list[str]) -> None:
    with pytest.raises(DomainError) as caught:
        make_key(merchant, scopes=scopes)
    assert caught.value.code == "partners.scopes"


def test_what_is_done_to_keys_is_in_the_journal_without_the_secret(merchant: Merchant) -> None:
    made = make_key(merchant)
    with scope(merchant=merchant):
        services.revoke_key(made.key, actor=ACTOR, now=utc_now())
    entries = JournalEntry.objects.order_by("id").values_list("event", "payload", "subject_id")
    assert [entry[0] for entry in entries] == ["api_key.created", "api_key.revoked"]
    assert made.secret not in str(list(entries))


def test_a_suspended_company_is_refused(merchant: Merchant) -> None:
    api = api_client(merchant)
    Merchant.objects.update(status=Merchant.Status.SUSPENDED)
    answer = api.call("GET", "/me")
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "partners.merchant_suspended"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer gsk_x_y", "Bearer " + "x" * 600]
)
def test_other_headers_are_refused(merchant: Merchant, header: str, client: Client) -> None:
    answer = client.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json()["type"] == "client_error"


def test_a_remembered_key_costs_no_statement(
    merchant: Merchant, django_assert_num_queries: Callable
) -> None:
    api = api_client(merchant)
    api.call("GET", "/me")
    with django_assert_num_queries(0):
        assert api.call("GET", "/me").status_code == 200


def test_the_last_use_is_noted_once_a_minute(merchant: Merchant) -> None:
    api = api_client(merchant)
    api.call("GET", "/me")
    with scopes_disabled():
        first = ApiKey.objects.get().last_used_at
    cache.clear()
    api.call("GET", "/me")
    with scopes_disabled():
        assert ApiKey.objects.get().last_used_at == first


def test_without_the_cache_calls_go_on(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def away(*args: object, **kwargs: object) -> None:
        calls.append(args)
        raise RedisConnectionError("away")

    for name in ("get", "set", "add", "incr", "delete"):
        monkeypatch.setattr(type(cache._connections["default"]), name, away)
    api = api_client(merchant)
    answers = [api.call("GET", "/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == sorted(
        (answer.headers["X-RateLimit-Remaining"] for answer in answers), reverse=True
    )
    assert len(calls) == 1, "after the first failure nobody waits for the cache again"


def test_an_app_fetches_a_token_that_opens_the_api(app: services.NewApp, client: Client) -> None:
    token = fetch_token(client, app)
    assert token["status"] == 200
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3600
    told = ApiClient(token["access_token"]).call("GET", "/me").json()
    assert told["kind"] == "app"
    assert told["id"] == app.app.public_id
    assert told["scopes"] == ["orders:read", "products:read"]


def test_tokens_and_secrets_are_not_stored_readable(app: services.NewApp, client: Client) -> None:
    token = fetch_token(client, app)["access_token"]
    assert token not in str(AccessToken.objects.values().get())
    with scopes_disabled():
        assert app.secret not in str(PartnerApp.objects.values().get())


def test_a_token_can_be_narrower_than_its_app(app: services.NewApp, client: Client) -> None:
    token = fetch_token(client, app, scope="orders:read")
    assert ApiClient(token["access_token"]).call("GET", "/products").status_code == 403
    assert ApiClient(token["access_token"]).call("GET", "/orders").status_code == 200


def test_a_token_cannot_be_wider_than_its_app(app: services.NewApp, client: Client) -> None:
    told = fetch_token(client, app, scope="orders:write")
    assert (told["status"], told["error"]) == (400, "invalid_scope")


def test_a_wrong_secret_gets_no_token(app: services.NewApp, client: Client) -> None:
    told = fetch_token(client, services.NewApp(app.app, "wrong"))
    assert (told["status"], told["error"]) == (401, "invalid_client")


def test_other_grants_are_refused(app: services.NewApp, client: Client) -> None:
    told = fetch_token(client, app, grant_type="password", username="a", password="b")
    assert (told["status"], told["error"]) == (400, "unsupported_grant_type")


def test_a_revoked_app_ends_its_tokens_and_gets_no_more(
    app: services.NewApp, client: Client, merchant: Merchant
) -> None:
    token = fetch_token(client, app)["access_token"]
    assert ApiClient(token).call("GET", "/me").status_code == 200
    with scope(merchant=merchant):
        services.revoke_app(app.app, actor=ACTOR, now=utc_now())
    assert ApiClient(token).call("GET", "/me").status_code == 401
    assert fetch_token(client, app)["status"] == 401


def test_a_scope_taken_from_an_app_is_gone_from_its_tokens(
    app: services.NewApp, client: Client, merchant: Merchant
) -> None:
    token = fetch_token(client, app)["access_token"]
    assert ApiClient(token).call("GET", "/orders").status_code == 200
    with scope(merchant=merchant):
        services.update_app(
            app.app, name="ERP", scopes=["products:read"], actor=ACTOR, now=utc_now()
        )
    assert ApiClient(token).call("GET", "/orders").status_code == 403


def test_a_new_secret_ends_the_old_one(
    app: services.NewApp, client: Client, merchant: Merchant
) -> None:
    with scope(merchant=merchant):
        fresh = services.rotate_app_secret(app.app, actor=ACTOR, now=utc_now())
    assert fetch_token(client, app)["status"] == 401
    assert fetch_token(client, fresh)["status"] == 200


def test_a_token_can_be_ended_before_its_time(app: services.NewApp, client: Client) -> None:
    token = fetch_token(client, app)["access_token"]
    form = {"token": token, "client_id": app.app.client_id, "client_secret": app.secret}
    assert client.post("/api/oauth/revoke", form).status_code == 200
    assert ApiClient(token).call("GET", "/me").status_code == 401


def test_guessing_at_the_token_endpoint_is_slowed_down(
    app: services.NewApp, client: Client, settings
) -> None:
    settings.PARTNER_TOKENS_PER_MINUTE = 2
    wrong = services.NewApp(app.app, "wrong")
    statuses = [fetch_token(client, wrong)["status"] for _ in range(3)]
    assert statuses == [401, 401, 429]


@pytest.mark.parametrize("path", ["/api/oauth/token", "/api/oauth/revoke"])
def test_the_token_endpoints_take_post_only(path: str, client: Client, db: None) -> None:
    assert client.get(path).status_code == 405
