"""Pages of the accounts app."""

from __future__ import annotations

from django.urls import path

from apps.accounts.web import views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("preferences/", views.preferences, name="preferences"),
    path("security/", views.security, name="security"),
    path("security/sessions/end-others/", views.end_other_sessions, name="end_other_sessions"),
    path("security/sessions/<int:session_id>/end/", views.end_session, name="end_session"),
]
