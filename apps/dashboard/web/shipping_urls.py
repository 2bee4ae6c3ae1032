"""Addresses of shipping; exceptions and routes stand before shipments, whose ids they would be."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.dashboard.web import cases, label_buying, order_changes, routes, shipments

_CASE = "shipping/exceptions/<str:case_id>/"
shipping_urlpatterns: list[URLPattern] = [
    path("shipping/", shipments.shipments, name="shipments"),
    path("shipping/exceptions/", cases.exceptions, name="exceptions"),
    path(_CASE, cases.exception, name="exception"),
    path(f"{_CASE}note/", cases.note, name="exception_note"),
    path(f"{_CASE}weight/", cases.weight, name="exception_weight"),
    path(f"{_CASE}paper/", cases.paper, name="exception_paper"),
    path(f"{_CASE}claim/", cases.claim, name="exception_claim"),
    path(f"{_CASE}resolve/", cases.resolve, name="exception_resolve"),
    path(f"{_CASE}dossier/", cases.dossier, name="exception_dossier"),
    path(f"{_CASE}papers/<str:evidence_id>/", cases.paper_file, name="exception_file"),
    path("shipping/routes/<str:route_id>/", routes.route, name="route"),
    path("shipping/<str:shipment_id>/", shipments.shipment, name="shipment"),
    path("shipping/<str:shipment_id>/exception/", cases.open_case, name="exception_open"),
    path(
        "shipping/<str:shipment_id>/divide/",
        order_changes.divide_shipment,
        name="shipment_divide",
    ),
    path("shipping/<str:shipment_id>/ship/", order_changes.ship_part, name="shipment_ship"),
    path("shipping/<str:shipment_id>/buy/", label_buying.buy, name="label_buy"),
    path("shipping/<str:shipment_id>/book/", label_buying.book, name="label_book"),
    path("shipping/<str:shipment_id>/own-line/", label_buying.own_line, name="label_own"),
    path("shipping/<str:shipment_id>/label/", shipments.label, name="shipment_label"),
]
