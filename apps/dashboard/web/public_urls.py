"""Addresses that need no sign-in."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.dashboard.web import track

app_name = "public"
urlpatterns: list[URLPattern] = [path("t/<str:token>/", track.track, name="track")]
