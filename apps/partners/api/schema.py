"""OpenAPI 3.1 from the declarations themselves: nothing to keep in step by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.openapi import AutoSchema

from apps.partners import scopes
from apps.partners.api.operation import FORM, JSON, Nothing, Operation, operation_of
from apps.partners.api.structs.common import ErrorAnswer

Schema = dict[str, Any]
REF = "#/components/schemas/{name}"
PREFIX = "api/v1/"
_READ_ERRORS = (400, 401, 403, 405, 429, 500, 503)
_WRITE_ERRORS = (400, 401, 403, 405, 409, 413, 415, 422, 429, 500, 503)
_MEANINGS = {
    400: "The query, the JSON or the Idempotency-Key header is malformed",
    401: "No key or token, or one that is unknown, revoked or expired",
    403: "The scope is missing, or the company is suspended",
    404: "There is no such object in this company",
    405: "This address does not take this method",
    409: "The state of the object does not allow it, or a call with this key is running",
    413: "The body is too large",
    415: "The body is not of the media type named here",
    422: "A field does not fit, or the Idempotency-Key was used for another request",
    429: "Too many calls in this minute",
    500: "An error of ours",
    503: "Busy; try again after Retry-After",
}
_KEY_PARAMETER: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "1 to 255 visible ASCII characters, new for each new request. Kept for 30 days.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[A-Za-z0-9._:-]+$",
    },
}
_VARIABLE = re.compile(r"{(\w+)}")


class OperationSchema(AutoSchema):
    """Reads the ``Operation`` of the method instead of guessing from serializers."""

    @property
    def declared(self) -> Operation:
        """The declaration of the call being described."""
        found = operation_of(getattr(self.view, self.method.lower()))
        if found is None:
            raise LookupError(f"{self.method} {self.path} is not declared")
        return found

    def get_operation_id(self) -> str:
        """Return the declared name."""
        return self.declared.name

    def get_summary(self) -> str:
        """Return the first line of the docstring."""
        return self.declared.summary

    def get_description(self) -> str:  # type: ignore[override]
        """Return the rest of the docstring, with the scope the call needs."""
        needs = f"Needs the scope `{self.declared.scope}`." if self.declared.scope else ""
        return " ".join(filter(None, (self.declared.description, needs)))

    def get_tags(self) -> list[str]:
        """Return the first part of the name."""
        return [self.declared.tag]

    def get_auth(self) -> list[Schema]:
        """Return a key or a token with the scope."""
        needed = [self.declared.scope] if self.declared.scope else []
        return [{"key": []}, {"oauth2": needed}]

    def _get_parameters(self) -> list[Schema]:
        path = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"},
            }
            for name in _VARIABLE.findall(self.path)
        ]
        query = [_parameter(field, self.declared) for field in _fields(self.declared.query)]
        key = [] if self.method == "GET" else [_KEY_PARAMETER]
        return [*path, *query, *key]

    def _get_request_body(self, direction: str = "request") -> Schema | None:
        if not self.declared.takes_body:
            return None
        if self.declared.takes_file:
            return {"content": {FORM: {"schema": _form_schema(self.declared)}}, "required": True}
        ref = {"$ref": REF.format(name=self.declared.body.__name__)}
        return {"content": {JSON: {"schema": ref}}, "required": True}

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        bodies: Schema = {
            str(status): _described(status, content)
            for status, content in self.declared.answers.items()
        }
        if self.method == "GET" and JSON in bodies.get("200", {}).get("content", {}):
            bodies["304"] = {"description": "Not changed since the ETag in If-None-Match"}
        has_object = bool(_VARIABLE.search(self.path))
        common = _READ_ERRORS if self.method == "GET" else _WRITE_ERRORS
        errors = {*common, *self.declared.errors, *((404,) if has_object else ())}
        for status in sorted(errors):
            bodies[str(status)] = _described(status, ErrorAnswer)
        return bodies


def _described(status: int, content: type[msgspec.Struct] | str | None) -> Schema:
    answer: Schema = {"description": _MEANINGS.get(status, "Done")}
    if isinstance(content, str):
        answer["content"] = {content: {"schema": {"type": "string", "format": "binary"}}}
    elif content is not None:
        answer["content"] = {JSON: {"schema": {"$ref": REF.format(name=content.__name__)}}}
    if status in {429, 503}:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
        }
    return answer


def _form_schema(declared: Operation) -> Schema:
    """Return the body's schema with the part that is the file."""
    _refs, parts = msgspec.json.schema_components([declared.body], ref_template=REF)
    schema: Schema = parts[declared.body.__name__]
    schema.pop("title", None)
    schema["properties"]["file"] = {"type": "string", "format": "binary"}
    schema["required"] = [*schema.get("required", []), "file"]
    return schema


def _fields(struct: type[msgspec.Struct]) -> list[tuple[str, Schema]]:
    if struct is Nothing:
        return []
    _refs, parts = msgspec.json.schema_components([struct], ref_template=REF)
    properties: Schema = parts[struct.__name__].get("properties", {})
    return list(properties.items())


def _parameter(field: tuple[str, Schema], declared: Operation) -> Schema:
    name, schema = field
    needed = {item.encode_name for item in msgspec.structs.fields(declared.query) if item.required}
    parameter: Schema = {"name": name, "in": "query", "required": name in needed}
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": True}
        schema.pop("default", None)
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    return {**parameter, "schema": schema}


def declared_operations() -> Iterator[tuple[str, str, Operation]]:
    """Yield (path, method, declaration) of every API call, in the order of the addresses."""
    for path, view in _views(get_resolver().url_patterns, ""):
        for method in ("get", "post", "put", "patch", "delete"):
            declared = operation_of(getattr(view, method, None))
            if declared is not None:
                yield "/" + path, method.upper(), declared


def _views(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if PREFIX.startswith(path) or path.startswith(PREFIX):
                yield from _views(pattern.url_patterns, path)
        elif path.startswith(PREFIX) and hasattr(pattern.callback, "cls"):
            yield path, pattern.callback.cls


def struct_components() -> Schema:
    """Return the schemas of every struct the API reads or writes."""
    kinds: list[Any] = [ErrorAnswer]
    for _path, _method, declared in declared_operations():
        kinds += [declared.body] if declared.takes_body and not declared.takes_file else []
        kinds += [item for item in declared.answers.values() if isinstance(item, type)]
    _refs, parts = msgspec.json.schema_components(dict.fromkeys(kinds), ref_template=REF)
    for part in parts.values():
        part.pop("title", None)
    return dict(sorted(parts.items()))


def add_components(result: Schema, **_given: object) -> Schema:
    """Put structs and security schemes into the generated document (a post-processing hook)."""
    words = {name: str(text) for name, text in scopes.SCOPES.items()}
    components = result.setdefault("components", {})
    components["schemas"] = struct_components()
    components["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key from Settings → API.",
        },
        "oauth2": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token", "scopes": words}},
        },
    }
    return result
