"""Addresses of the carrier pages."""

from __future__ import annotations

from django.urls import path

from apps.carriers.web import views

app_name = "carriers"
_ACCOUNT = "<str:account_id>/"
urlpatterns = [
    path("", views.list_accounts, name="accounts"),
    path("new/", views.connect, name="connect"),
    path(_ACCOUNT, views.account, name="account"),
    path(_ACCOUNT + "change/", views.change, name="change"),
    path(_ACCOUNT + "check/", views.check, name="check"),
    path(_ACCOUNT + "pause/", views.pause, name="pause"),
    path(_ACCOUNT + "resume/", views.resume, name="resume"),
    path(_ACCOUNT + "bookings/<str:booking_id>/again/", views.again, name="again"),
]
