"""Addresses of the portal."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from apps.common.web import views as common_views

# The admin's own sign-in page knows no second step: everybody signs in where it is asked for.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", common_views.healthz, name="healthz"),
    path("readyz", common_views.readyz, name="readyz"),
    path("metrics", common_views.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("me/", include("apps.accounts.web.urls")),
    path("settings/", include("apps.merchants.web.urls")),
    path("settings/api/", include("apps.partners.web.urls")),
    path("settings/carriers/", include("apps.carriers.web.urls")),
    path("imports/", include("apps.imports.web.urls")),
    path("jobs/", include("apps.jobs.web.urls")),
    path("finance/", include("apps.finance.web.urls")),
    path("api/", include("globalselling.api_urls")),
    path("", include("apps.dashboard.web.public_urls")),
    path("", include("apps.dashboard.web.urls")),
]
if settings.DEBUG:
    urlpatterns += [path("_gallery/", common_views.gallery, name="gallery")]
