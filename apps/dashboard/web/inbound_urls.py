"""Addresses of the pages of deliveries to warehouses."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.dashboard.web import inbound, inbound_dock, inbound_new, inbound_steps

_ONE = "inbound/<str:inbound_id>/"
inbound_urlpatterns: list[URLPattern] = [
    path("inbound/", inbound.inbound_list, name="inbound_list"),
    path("inbound/new/", inbound_new.new, name="inbound_new"),
    path(_ONE, inbound.one, name="inbound"),
    path(f"{_ONE}edit/", inbound_new.edit, name="inbound_edit"),
    path(f"{_ONE}step/", inbound_steps.step, name="inbound_step"),
    path(f"{_ONE}gate/", inbound_steps.gate, name="inbound_gate"),
    path(f"{_ONE}appointment/", inbound_steps.appoint, name="inbound_appoint"),
    path(f"{_ONE}amend/", inbound_steps.amend, name="inbound_amend"),
    path(f"{_ONE}differences/<str:difference_id>/", inbound_steps.answer, name="inbound_answer"),
    path(f"{_ONE}receive/", inbound_dock.receive, name="inbound_receive"),
    path(f"{_ONE}putaway/", inbound_dock.put_away, name="inbound_putaway"),
]
