"""Addresses of the partner API."""

from __future__ import annotations

from django.urls import include, path, re_path

from apps.partners.api import documents, oauth

urlpatterns = [
    path("v1/", include("apps.partners.api.urls")),
    path("oauth/token", oauth.TokenView.as_view(), name="oauth_token"),
    path("oauth/revoke", oauth.RevokeView.as_view(), name="oauth_revoke"),
    path("openapi.yaml", documents.openapi, name="openapi"),
    path("docs/", documents.docs, name="api_docs"),
    path("docs/start.js", documents.start_script, name="api_docs_script"),
    re_path(r"^[\s\S]*$", documents.not_found),
]
