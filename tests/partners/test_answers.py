"""What every answer has in common: errors in one shape, limits, rate headers, ETags, pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django_scopes import scope

from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.orders.models import Order
from apps.orders.services import buyers
from apps.partners.api.views import account
from tests.factories.orders import make_order
from tests.factories.partners import ACTOR, ApiClient, api_client


@pytest.fixture
def api(merchant: Merchant) -> ApiClient:
    """A client that may do everything."""
    return api_client(merchant)


def error_of(answer) -> tuple[int, str]:
    """Return status and code of an answer in the one shape."""
    told = answer.json()
    assert set(told) == {"type", "errors"}
    assert set(told["errors"][0]) == {"code", "detail", "attr"}
    return answer.status_code, told["errors"][0]["code"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe", b'{"title": "\\ud800"}', b"[" * 100_000, b"null x"],
)
def test_what_is_no_json_is_a_400(api: ApiClient, raw: bytes) -> None:
    answer = api.call("POST", "/products", raw=raw or b" ")
    status, code = error_of(answer)
    assert (status, code) in {(400, "parse_error"), (422, "invalid")}


def test_an_empty_body_is_a_415(api: ApiClient) -> None:
    assert error_of(api.call("POST", "/products")) == (415, "unsupported_media_type")


def test_another_media_type_is_a_415(api: ApiClient) -> None:
    answer = api.call("POST", "/products", raw=b"a=1", content_type="text/plain")
    assert error_of(answer) == (415, "unsupported_media_type")


def test_a_large_body_is_a_413(api: ApiClient, settings) -> None:
    settings.PARTNER_BODY_LIMIT = 1000
    answer = api.call("POST", "/products", raw=b'"' + b"x" * 1001 + b'"')
    assert error_of(answer) == (413, "body_too_large")


def test_an_unknown_address_is_a_404_in_the_same_shape(api: ApiClient) -> None:
    assert error_of(api.call("GET", "/nothing")) == (404, "not_found")
    assert error_of(api.call("POST", "/nothing")) == (404, "not_found")


def test_an_unknown_parameter_is_a_400(api: ApiClient) -> None:
    assert error_of(api.call("GET", "/orders?stauts=pending")) == (400, "invalid")


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WyIyMDI2Iiwxe", "🦆"])
def test_a_damaged_cursor_is_a_400(api: ApiClient, cursor: str) -> None:
    assert error_of(api.call("GET", f"/orders?cursor={cursor}")) == (400, "pagination.bad_cursor")


def test_an_error_of_ours_is_a_500_that_tells_nothing(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(account.markets, "list_markets", broken)
    api.client.raise_request_exception = False
    answer = api.call("GET", "/markets")
    assert error_of(answer) == (500, "error")
    assert "secret" not in answer.content.decode()


def test_a_database_that_is_away_is_a_503_with_a_pause(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError(2006, "server has gone away")

    monkeypatch.setattr(account.markets, "list_markets", away)
    api.client.raise_request_exception = False
    answer = api.call("GET", "/markets")
    assert error_of(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_calls_beyond_the_limit_are_refused_with_a_pause(api: ApiClient, settings) -> None:
    settings.PARTNER_CALLS_PER_MINUTE = 2
    answers = [api.call("GET", "/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    left = [answer.headers["X-RateLimit-Remaining"] for answer in answers]
    assert left == ["1", "0", "0"]
    last = answers[2]
    assert error_of(last) == (429, "throttled")
    assert 0 < int(last.headers["Retry-After"]) <= 60
    assert last.headers["RateLimit-Policy"] == '"default";q=2;w=60'
    assert last.headers["RateLimit"].startswith('"default";r=0;t=')


def test_each_key_has_its_own_limit(api: ApiClient, stranger: Merchant, settings) -> None:
    settings.PARTNER_CALLS_PER_MINUTE = 1
    api.call("GET", "/me")
    assert api.call("GET", "/me").status_code == 429
    assert api_client(stranger).call("GET", "/me").status_code == 200


def test_an_unchanged_list_is_a_304(api: ApiClient, merchant: Merchant) -> None:
    make_order(merchant, now=utc_now())
    first = api.call("GET", "/orders")
    again = api.call("GET", "/orders", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_order(merchant, now=utc_now())
    third = api.call("GET", "/orders", headers={"If-None-Match": first.headers["ETag"]})
    assert third.status_code == 200


def test_the_request_id_comes_back(api: ApiClient) -> None:
    answer = api.call("GET", "/me", headers={"X-Request-ID": "trace-12345678"})
    assert answer.headers["X-Request-ID"] == "trace-12345678"


def test_no_browser_of_another_site_may_read_it(api: ApiClient) -> None:
    answer = api.call("GET", "/me", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_pages_follow_each_other_without_gap_or_repeat(api: ApiClient, merchant: Merchant) -> None:
    now = utc_now()
    placed = [now - timedelta(minutes=minute) for minute in (0, 1, 1, 2, 3)]
    made = [make_order(merchant, now=now, placed_at=moment).public_id for moment in placed]
    seen: list[str] = []
    cursor = ""
    while True:
        told = api.call("GET", f"/orders?limit=2&cursor={cursor}").json()
        seen += [item["id"] for item in told["items"]]
        cursor = told["next_cursor"]
        if cursor is None:
            break
    assert seen == [made[0], made[2], made[1], made[3], made[4]]


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/orders", 3), ("/products", 3), ("/stock", 1), ("/shipments", 2), ("/webhooks", 1)],
)
def test_a_list_takes_the_same_statements_for_many_rows(
    api: ApiClient, merchant: Merchant, path: str, limit: int, django_assert_max_num_queries
) -> None:
    for _ in range(3):
        make_order(merchant, now=utc_now())
    api.call("GET", "/me")
    with django_assert_max_num_queries(limit):
        assert api.call("GET", path).status_code == 200


def test_filters_of_orders(api: ApiClient, merchant: Merchant) -> None:
    first = make_order(merchant, now=utc_now())
    second = make_order(merchant, now=utc_now())
    with scope(merchant=merchant):
        Order.objects.filter(pk=first.pk).update(status="confirmed")

    def ids(query: str) -> list[str]:
        return [item["id"] for item in api.call("GET", f"/orders?{query}").json()["items"]]

    assert ids("status=confirmed") == [first.public_id]
    assert ids("status=confirmed&status=pending") == [second.public_id, first.public_id]
    assert ids(f"search={second.number}") == [second.public_id]
    assert ids("market=FR") == []
    assert ids("on_hold=true") == []
    assert ids("due_before=2020-01-01T00:00:00Z") == []


def test_buyers_are_masked_and_revealing_is_recorded(api: ApiClient, merchant: Merchant) -> None:
    order = make_order(merchant, now=utc_now())
    shown = api.call("GET", f"/orders/{order.number}")
    assert shown.json()["buyer"] == {"name": "Jonas W.", "country": "DE"}
    assert "Sonnenallee" not in shown.content.decode()
    before = JournalEntry.objects.filter(event="order.buyer_revealed").count()
    told = api.call("GET", f"/orders/{order.public_id}/buyer")
    assert told.json()["street"] == "Sonnenallee 214"
    assert told.headers["Cache-Control"] == "no-store"
    entry = JournalEntry.objects.get(event="order.buyer_revealed")
    assert (before, entry.actor) == (0, f"key:{api.key.public_id}")


def test_an_erased_buyer_is_a_410(api: ApiClient, merchant: Merchant) -> None:
    order = make_order(merchant, now=utc_now())
    with scope(merchant=merchant):
        buyers.erase_buyer(merchant, order.buyer_index, actor=ACTOR, now=utc_now())
    answer = api.call("GET", f"/orders/{order.public_id}/buyer")
    assert error_of(answer) == (410, "orders.buyer_erased")


def test_a_label_is_a_pdf(api: ApiClient, merchant: Merchant) -> None:
    from tests.factories.fulfillment import make_shipment

    shipment = make_shipment(merchant, now=utc_now())
    answer = api.call("GET", f"/shipments/{shipment.public_id}/label")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
