"""A client made from the OpenAPI file alone publishes a product to five markets."""

from __future__ import annotations

import importlib
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devtools.machine import ROOT

pytestmark = pytest.mark.browser
PACKAGE = "global_selling_api_client"
FIVE = ("DE", "ES", "FR", "GB", "SG")
Call = Callable[..., Any]
_keys = itertools.count(1)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate the client and make it importable."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yml").write_text("post_hooks: []\n")
    paths = ["--path", ROOT / "docs/api/openapi.yaml", "--config", folder / "config.yml"]
    command = [sys.executable, "-m", "openapi_python_client", "generate", *paths]
    made = subprocess.run(
        [*map(str, command), "--output-path", str(folder / "made")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    # Only what is no JSON is left out: the label.
    assert (made.stdout + made.stderr).count("WARNING") == 1, made.stdout
    sys.path.insert(0, str(Path(folder, "made")))
    yield PACKAGE
    sys.path.remove(str(Path(folder, "made")))
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


@pytest.fixture
def call(package: str, portal) -> Iterator[Call]:
    """Call an operation by its name: ``call("products.create", "NewProduct", {...})``."""
    maker = importlib.import_module(package).AuthenticatedClient
    models = importlib.import_module(f"{package}.models")
    with maker(base_url=portal.address, token=portal.facts["secret"]) as client:

        def call_one(name: str, body: str = "", facts: object = None, *path: str) -> Any:
            tag, _dot, operation = name.partition(".")
            module = importlib.import_module(f"{package}.api.{tag}.{tag}_{operation}")
            sent = {}
            if body:
                key = f"generated-client-{next(_keys)}"
                sent = {"body": getattr(models, body).from_dict(facts), "idempotency_key": key}
            answer = module.sync_detailed(*path, client=client, **sent)
            assert 200 <= answer.status_code < 300, (name, answer.content)
            return answer.parsed

        yield call_one


def test_a_product_is_published_to_five_markets(call: Call) -> None:
    product = make_product(call)
    answers = {
        item.market: item for item in call("products.publish_answers", "", None, product).items
    }
    assert {code: answers[code].verdict for code in FIVE} == dict.fromkeys(FIVE, "can")

    job = call(
        "products.publish", "PublishWish", {"markets": [{"market": code} for code in FIVE]}, product
    )
    done = wait_for(call, job.id)

    assert (done.status, done.done, done.failed) == ("done", 5, 0)
    [variant] = call("products.get", "", None, product).variants
    sold = {listing.market: (listing.status, listing.price_source) for listing in variant.listings}
    assert sold == dict.fromkeys(FIVE, ("live", "rule"))


def make_product(call: Call) -> str:
    """Make a product, name who answers for it, and return its id."""
    variant = {
        "sku": "API-BOWL",
        "gtin": "2000000000039",
        "weight_g": 600,
        "cost": {"amount": "24.00", "currency": "CNY"},
        "base_price": {"amount": "240.00", "currency": "CNY"},
    }
    product = {
        "title": "Stoneware bowl",
        "variants": [variant],
        "origin_country": "CN",
        "hs_code": "691200",
        "customs_name": "Bowl of stoneware",
    }
    made = call("products.create", "NewProduct", product)
    parties = {
        name: call("parties.create", "NewParty", facts).id
        for name, facts in {
            "manufacturer": party("manufacturer", "Dehua Kiln Ltd", "CN"),
            "eu_responsible": party("eu_responsible", "Rep GmbH", "DE"),
        }.items()
    }
    call("products.update_facts", "FactsChanges", parties, made.id)
    return str(made.id)


def party(kind: str, name: str, country: str) -> dict[str, str]:
    """Return a company as the API takes it."""
    address = {"address": "1 Kiln Road", "country": country, "email": "quality@kiln.example"}
    return {"kind": kind, "name": name, **address}


def wait_for(call: Call, job: str) -> Any:
    """Return the job once it has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = call("jobs.get", "", None, job)
        if found.status in {"done", "failed", "cancelled"}:
            return found
        time.sleep(0.3)
    raise AssertionError(f"The job {job} did not end.")
