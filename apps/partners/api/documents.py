"""The API's description: the OpenAPI file, the page that shows it, and the answer for lost calls."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from apps.partners.errors import error_response

OPENAPI_FILE = Path("docs/api/openapi.yaml")


@lru_cache(maxsize=1)
def _openapi_text() -> bytes:
    return (Path(settings.BASE_DIR) / OPENAPI_FILE).read_bytes()


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """Return the committed OpenAPI document; a test keeps it equal to the code."""
    answer = HttpResponse(_openapi_text(), content_type="application/yaml; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@require_GET
@csp_update({"style-src": ["'unsafe-inline'"]})
def docs(request: HttpRequest) -> HttpResponse:
    """Show the API with Swagger UI, whose style sheets are inline: only on this page."""
    return render(request, "partners/api_docs.html")


@require_GET
def start_script(request: HttpRequest) -> HttpResponse:
    """Return the script that starts Swagger UI; a file of its own, as the page may not hold any."""
    return render(request, "partners/api_docs.js", content_type="text/javascript; charset=utf-8")


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Answer calls to addresses that do not exist in the API's own shape."""
    return error_response(404, "not_found", _("There is nothing at this address."))
