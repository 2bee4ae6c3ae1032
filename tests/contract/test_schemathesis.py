"""Generated calls against the running API: no 500, and every answer as the document says.

Bounded and repeatable: the same calls each time. What fits the schema may still be refused by a rule
(an unknown SKU, a currency of another market), so acceptance of fitting data is not demanded; what
does not fit must be refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import schemathesis
import yaml
from django.conf import settings as portal
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from apps.merchants.models import Merchant
from apps.partners.api.documents import OPENAPI_FILE
from tests.contract.test_endpoints import (
    CHANGES,
    ROWS,
    World,
    add_changes,
    mark_applied,
    prepare,
)
from tests.factories.partners import api_client

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# The reader in Python takes three seconds, and every process that collects tests waits for it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DOCUMENT = yaml.load((portal.BASE_DIR / OPENAPI_FILE).read_text(), _LOADER)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = get_wsgi_application()
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
WITH_INPUT = [item for item in OPERATIONS if item.body or any(item.iter_parameters())]
BOUNDED = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What must exist elsewhere must not exist here.
CATEGORY_ATTRIBUTES = "GET /api/v1/categories/attributes"
OLD_VARIANT = "PATCH /api/v1/products/{product_id}/variants/{variant_id}"
UNDO = "POST /api/v1/imports/{import_id}/undo"
NEW_VARIANT = "POST /api/v1/products/{product_id}/variants"
# A rule is a row of the pricing engine: its schema is not the document's.
WITH_RULE = {
    "POST /api/v1/promotions",
    "PUT /api/v1/promotions/{promotion_id}",
    "POST /api/v1/promotions/simulate",
}
PROMOTION = {
    "kind": "product_discount",
    "markets": ["DE"],
    "starts": "2026-12-01T00:00",
    "ends": "",
    "rule": {"value": {"percent": "10"}},
    "codes": [],
}
# Calls about units of orders and stock: bodies that are made by chance name none that are there.
WITH_OWN_BODY = {
    *("orders.cancel_units", "orders.change_shipping", "orders.swap_variant", "orders.split"),
    *(
        "orders.join",
        "shipments.divide",
        "cancel_requests.refuse",
        "stock.adjust",
        "stock.transfer",
        "promotions.add_codes",
        "campaign_entries.submit",
        "products.create",
    ),
    *("inbound.create", "inbound.appoint", "inbound.amend", "inbound.decide"),
    *("inbound.receive", "inbound.put_away"),
}
_keys = itertools.count(1)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's connection: the server would close it between calls, as it is in a transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def world(worlds: tuple[World, World]) -> World:
    """A company with one of everything."""
    return worlds[0]


@pytest.fixture
def secret(merchant: Merchant) -> str:
    """A key that may do everything."""
    return api_client(merchant).secret


def with_real_names(body: object, world: World) -> object:
    """Return a generated body in which what must exist does exist; the rest stays as generated."""
    real = {
        "market": "DE",
        "sku": world.sku,
        "node": world.node,
        "currency": "EUR",
        "amount": "4.50",
        "quantity": 1,
        "store": None,
        "tracking_number": world.parcel_number,
        "delivery_id": world.delivery,
        "since": None,
        "placed_at": "2026-11-20T08:30:00Z",
        "occurred_at": "2026-11-20T08:30:00Z",
        "url": "https://9.9.9.9/hook",
        "category_code": "900012",
        "attributes": {"power": "40"},
        "manufacturer": world.ids["party_id"],
        "eu_responsible": "",
        "uk_responsible": "",
        "importer": "",
        "kind": "manufacturer",
        "country": "DE",
        "email": "quality@lanling.example",
        "website": "",
        "seen": "",
        "columns": {"sku": "sku", "title": "title"},
        "decimal_mark": ".",
    }
    if isinstance(body, list):
        # All got one name, and what is named twice is refused.
        few = body[:1] if body and isinstance(body[0], dict) else body
        return [with_real_names(item, world) for item in few]
    if isinstance(body, dict):
        return {
            name: real[name] if name in real else with_real_names(value, world)
            for name, value in body.items()
        }
    return body


def _fit(case: schemathesis.Case, operation: APIOperation, world: World) -> None:
    """Name in a generated call what the world has, so that it can work."""
    name = operation.definition.raw["operationId"]
    case.path_parameters.update(
        {name: world.ids[name] for name in case.path_parameters if name in world.ids}
    )
    # A place in a list that was made up is refused, and rightly.
    case.query = {key: value for key, value in (case.query or {}).items() if key != "cursor"}
    case.body = with_real_names(case.body, world)
    if name in WITH_OWN_BODY:
        case.body = ROWS[name].body(world)
    if operation.label == OLD_VARIANT and isinstance(case.body, dict):
        case.body |= {"gtin": "", "is_active": True}
    if operation.label == UNDO:
        mark_applied(world)
    if operation.label == CATEGORY_ATTRIBUTES:
        case.query = {"code": "900012"}
    if operation.label in WITH_RULE and isinstance(case.body, dict):
        case.body |= PROMOTION
    if operation.label == NEW_VARIANT and isinstance(case.body, dict):
        case.body |= {"sku": f"NEW-{next(_keys)}", "gtin": "", "cost": None}


@pytest.mark.parametrize("operation", OPERATIONS, ids=[item.label for item in OPERATIONS])
def test_fitting_calls(operation: APIOperation, world: World, secret: str) -> None:
    name = operation.definition.raw["operationId"]
    if name in CHANGES:
        add_changes(world)
    if name.startswith("inbound."):
        prepare(name, world)

    @BOUNDED
    @given(case=operation.as_strategy(), is_known=st.sampled_from([True, True, False]))
    def run(case: schemathesis.Case, is_known: bool) -> None:
        if is_known:
            _fit(case, operation, world)
        if case.method != "GET":
            case.headers["Idempotency-Key"] = f"generated-{next(_keys)}"
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    seen: set[int] = set()
    run()
    assert any(200 <= status < 300 for status in seen), f"only refused: {sorted(seen)}"


@pytest.mark.parametrize("operation", WITH_INPUT, ids=[item.label for item in WITH_INPUT])
def test_calls_that_do_not_fit(operation: APIOperation, world: World, secret: str) -> None:
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def run(case: schemathesis.Case) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        # The bearer header is replaced by a real one, and a key is trimmed before it is judged: a
        # call of which only headers were broken may be a good one.
        parts = case.meta.components.items()
        broken = {str(getattr(at, "value", at)) for at, how in parts if how.mode.is_negative}
        rejection = [checks.negative_data_rejection] if broken - {"header"} else []
        case.validate_response(answer, checks=[*CHECKS, *rejection])

    run()
