"""Pages of the merchant's money."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.finance.web import views

app_name = "finance"
urlpatterns: list[URLPattern] = [
    path("", views.overview, name="overview"),
    path("lines/", views.line_list, name="lines"),
]
