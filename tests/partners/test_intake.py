"""Order intake by API: one effect, one answer, few statements."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.inventory.models import StockBalance
from apps.merchants.models import Merchant, Store
from apps.orders.models import Order
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.partners import ApiClient, api_client

PLACED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def new_order(ref: str = "APP-1", *, sku: str = "LAMP", quantity: int = 2) -> dict[str, object]:
    """Return the JSON of a German order of one line."""
    return {
        "external_ref": ref,
        "market": "DE",
        "buyer": {"name": "Jonas Weber", "country": "DE", "city": "Berlin"},
        "lines": [{"sku": sku, "quantity": quantity}],
        "placed_at": "2026-11-20T08:30:00Z",
    }


@pytest.fixture
def api(merchant: Merchant, store: Store) -> ApiClient:
    """A client of a company that has 100 lamps on sale in Germany for €49.00."""
    variant = VariantFactory(product=ProductFactory(merchant=merchant), sku="LAMP")
    ListingFactory(variant=variant)
    put_stock(variant, 100, now=utc_now())
    return api_client(merchant)


def test_an_order_is_accepted_and_priced(api: ApiClient, merchant: Merchant) -> None:
    answer = api.call("POST", "/orders", new_order())
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["total"] == {"amount": "98.00", "currency": "EUR"}
    assert told["status"] == "pending"
    assert told["is_new"] is True
    with scope(merchant=merchant):
        order = Order.objects.get(public_id=told["id"])
        assert order.placed_at == PLACED
        assert StockBalance.objects.get().reserved == 2


def test_a_repeat_gets_the_same_bytes_and_has_no_effect(api: ApiClient) -> None:
    first = api.call("POST", "/orders", new_order(), idempotency_key="k-1")
    second = api.call("POST", "/orders", new_order(), idempotency_key="k-1")
    assert second.content == first.content
    assert second.status_code == 201
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    with scopes_disabled():
        assert Order.objects.count() == 1


def test_a_quoted_key_is_the_same_key(api: ApiClient) -> None:
    api.call("POST", "/orders", new_order(), idempotency_key="k-1")
    second = api.call("POST", "/orders", new_order(), idempotency_key='"k-1"')
    assert second.headers["Idempotent-Replayed"] == "true"


def test_the_same_key_for_another_body_is_refused(api: ApiClient) -> None:
    api.call("POST", "/orders", new_order(), idempotency_key="k-1")
    answer = api.call("POST", "/orders", new_order("APP-2"), idempotency_key="k-1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "idempotency.key_reused"
    with scopes_disabled():
        assert Order.objects.count() == 1


def test_a_missing_key_is_refused(api: ApiClient) -> None:
    answer = api.call("POST", "/orders", new_order(), idempotency_key=None)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "idempotency.key_missing"
    with scopes_disabled():
        assert not Order.objects.exists()


def test_a_refused_call_leaves_its_key_free(api: ApiClient) -> None:
    refused = api.call("POST", "/orders", new_order(quantity=101), idempotency_key="k-1")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "orders.out_of_stock"
    again = api.call("POST", "/orders", new_order(quantity=100), idempotency_key="k-1")
    assert again.status_code == 201


def test_a_known_reference_under_a_new_key_answers_200(api: ApiClient) -> None:
    first = api.call("POST", "/orders", new_order())
    second = api.call("POST", "/orders", new_order())
    assert second.status_code == 200
    assert second.json() == {**first.json(), "is_new": False}


def test_a_key_of_another_company_is_another_key(api: ApiClient, stranger: Merchant) -> None:
    api.call("POST", "/orders", new_order(), idempotency_key="k-1")
    other = api_client(stranger)
    answer = other.call("POST", "/orders", new_order(), idempotency_key="k-1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "orders.unknown_store"


@pytest.mark.parametrize(
    ("change", "attr", "code"),
    [
        ({"unknown": 1}, "body", "invalid"),
        ({"market": "de"}, "market", "invalid"),
        ({"market": "XX"}, "market", "markets.unknown"),
        ({"lines": []}, "lines", "invalid"),
        ({"lines": [{"sku": "LAMP", "quantity": 0}]}, "lines.0.quantity", "invalid"),
        ({"lines": [{"sku": "NONE", "quantity": 1}]}, "lines.0.sku", "orders.not_listed"),
        ({"placed_at": "2026-11-20T08:30:00"}, "placed_at", "invalid"),
        ({"placed_at": "0001-01-01T00:00:00+10:00"}, "placed_at", "out_of_range"),
        (
            {"shipping": {"amount": "4.999", "currency": "EUR"}},
            "shipping.amount",
            "money.precision",
        ),
        (
            {"shipping": {"amount": "4.99", "currency": "USD"}},
            "shipping.currency",
            "money.currency",
        ),
        ({"shipping": {"amount": 4.99, "currency": "EUR"}}, "shipping.amount", "invalid"),
        ({"store": "sto_NOBODY"}, "store", "orders.unknown_store"),
    ],
)
def test_what_does_not_fit_is_named(
    api: ApiClient, change: dict[str, object], attr: str, code: str
) -> None:
    answer = api.call("POST", "/orders", {**new_order(), **change})
    assert answer.status_code == 422, answer.content
    told = answer.json()
    assert told["type"] == "validation_error"
    assert (told["errors"][0]["attr"], told["errors"][0]["code"]) == (attr, code)
    with scopes_disabled():
        assert not Order.objects.exists()


def test_a_total_no_column_holds_is_refused(api: ApiClient, merchant: Merchant) -> None:
    with scope(merchant=merchant):
        StockBalance.objects.update(available=10**9)
    price = {"amount": "99999999999.99", "currency": "EUR"}
    line = {"sku": "LAMP", "quantity": 100_000, "unit_price": price}
    answer = api.call("POST", "/orders", {**new_order(), "lines": [line] * 100})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "orders.too_large"


def test_one_order_takes_at_most_16_statements_with_everything_cold(
    api: ApiClient, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(21) as found:
        answer = api.call("POST", "/orders", new_order())
    assert answer.status_code == 201
    assert _statements(found) <= 16


def test_one_order_takes_at_most_13_statements_with_a_remembered_key(
    api: ApiClient, django_assert_max_num_queries
) -> None:
    api.call("POST", "/orders", new_order())
    with django_assert_max_num_queries(20) as found:
        answer = api.call("POST", "/orders", new_order("APP-2"))
    assert answer.status_code == 201
    assert _statements(found) <= 13


def test_a_batch_of_100_takes_less_than_one_statement_per_order(
    api: ApiClient, django_assert_max_num_queries
) -> None:
    orders = [new_order(f"APP-{number}", quantity=1) for number in range(100)]
    with django_assert_max_num_queries(30):
        answer = api.call("POST", "/orders/batch", {"orders": orders})
    assert answer.json()["accepted"] == 100


def _statements(found) -> int:
    """Count what the database executes; savepoints cost no round trip worth the name but are listed."""
    return sum("SAVEPOINT" not in query["sql"] for query in found.captured_queries)


def test_a_batch_accepts_and_refuses_item_by_item(api: ApiClient) -> None:
    orders = [
        new_order("A"),
        {**new_order("B"), "market": "XX"},
        new_order("C", sku="NONE"),
        new_order("D", quantity=99),
        new_order("A"),
    ]
    answer = api.call("POST", "/orders/batch", {"orders": orders})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    codes = [item["error"] and item["error"]["code"] for item in told["items"]]
    assert codes == [
        None,
        "markets.unknown",
        "orders.not_listed",
        "orders.out_of_stock",
        "orders.reference_reused",
    ]
    assert (told["accepted"], told["refused"]) == (1, 4)
    assert [item["external_ref"] for item in told["items"]] == ["A", "B", "C", "D", "A"]


def test_a_batch_of_501_is_refused(api: ApiClient) -> None:
    answer = api.call("POST", "/orders/batch", {"orders": [new_order()] * 501})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["attr"] == "orders"
