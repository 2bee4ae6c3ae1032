"""The OpenAPI document: fresh, valid, and the same as what the parser accepts."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from apps.partners import scopes
from apps.partners.api.documents import OPENAPI_FILE
from apps.partners.api.operation import operation_of
from apps.partners.api.schema import declared_operations
from apps.partners.api.urls import urlpatterns

CALLS = list(declared_operations())


@pytest.fixture(scope="module")
def document() -> dict:
    """The committed document."""
    return yaml.safe_load((Path(settings.BASE_DIR) / OPENAPI_FILE).read_text())


def test_the_committed_document_is_what_the_code_says(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    complaints = io.StringIO()
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True, stderr=complaints)
    committed = Path(settings.BASE_DIR) / OPENAPI_FILE
    assert made.read_text() == committed.read_text(), (
        "run: manage.py spectacular --validate --fail-on-warn --file docs/api/openapi.yaml"
    )
    assert complaints.getvalue() == ""


def test_every_method_of_every_view_is_in_the_document(document: dict) -> None:
    told = {(path, method.upper()) for path, item in document["paths"].items() for method in item}
    served = set()
    for pattern in urlpatterns:
        path = "/api/v1/" + str(pattern.pattern).replace("<id:", "{").replace(">", "}")
        view = pattern.callback.cls
        methods = [
            name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)
        ]
        assert all(operation_of(getattr(view, name)) for name in methods), path
        served |= {(path, name.upper()) for name in methods}
    assert told == served


def test_the_document_is_openapi_3_1_and_names_both_ways_in(document: dict) -> None:
    assert document["openapi"] == "3.1.0"
    schemes = document["components"]["securitySchemes"]
    assert set(schemes) == {"key", "oauth2"}
    flow = schemes["oauth2"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == set(scopes.SCOPES)


@pytest.mark.parametrize("call", CALLS, ids=[declared.name for _p, _m, declared in CALLS])
def test_the_body_in_the_document_is_the_struct_that_parses(call, document: dict) -> None:
    path, method, declared = call
    told = document["paths"][path.replace("<id:", "{").replace(">", "}")][method.lower()]
    if not declared.takes_body:
        assert "requestBody" not in told
        return
    fields = {item.encode_name: item for item in msgspec.structs.fields(declared.body)}
    needed = {name for name, item in fields.items() if item.required}
    if declared.takes_file:
        schema = told["requestBody"]["content"]["multipart/form-data"]["schema"]
        needed.add("file")
    else:
        ref = told["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][ref.rpartition("/")[2]]
    assert set(schema["properties"]) == set(fields) | needed
    assert set(schema.get("required", [])) == needed
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("call", CALLS, ids=[declared.name for _p, _m, declared in CALLS])
def test_the_scope_in_the_document_is_the_one_that_is_checked(call, document: dict) -> None:
    path, method, declared = call
    told = document["paths"][path.replace("<id:", "{").replace(">", "}")][method.lower()]
    needed = [declared.scope] if declared.scope else []
    assert told["security"] == [{"key": []}, {"oauth2": needed}]
    assert told["summary"]
    assert told["operationId"] == declared.name


def test_the_document_is_served(client: Client) -> None:
    answer = client.get("/api/openapi.yaml")
    assert answer.status_code == 200
    assert yaml.safe_load(answer.content)["info"]["title"] == "Global Selling API"
    assert client.post("/api/openapi.yaml").status_code == 405


def test_the_page_shows_it_without_inline_script(client: Client) -> None:
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    script = next(part for part in policy.split(";") if "script-src" in part)
    assert "unsafe" not in script
    assert "<script>" not in answer.content.decode()
    assert client.get("/api/docs/start.js").headers["Content-Type"].startswith("text/javascript")
    assert client.post("/api/docs/").status_code == 405
