"""Pages of the merchants app."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "merchants"
urlpatterns: list[URLPattern] = []
