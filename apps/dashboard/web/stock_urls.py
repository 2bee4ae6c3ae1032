"""Addresses of the stock pages; they stand before the products', whose ids they would be."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.dashboard.web import stock, stock_policies, stock_sheets

_STOCK = "products/stock/"
stock_urlpatterns: list[URLPattern] = [
    path(_STOCK, stock.stock, name="stock"),
    path(f"{_STOCK}export/", stock_sheets.export, name="stock_export"),
    path(f"{_STOCK}count/", stock_sheets.count, name="stock_count"),
    path(f"{_STOCK}<str:variant_id>/", stock.sku, name="stock_sku"),
    path(f"{_STOCK}<str:variant_id>/adjust/", stock.adjust, name="stock_adjust"),
    path(f"{_STOCK}<str:variant_id>/transfer/", stock.transfer, name="stock_transfer"),
    path(f"{_STOCK}<str:variant_id>/lot/", stock.receive_lot, name="stock_lot"),
    path(f"{_STOCK}<str:variant_id>/keep/", stock_policies.keep_back, name="stock_keep"),
    path(f"{_STOCK}<str:variant_id>/aside/", stock_policies.set_aside, name="stock_aside"),
    path(f"{_STOCK}<str:variant_id>/at/<str:node_id>/", stock.history, name="stock_history"),
]
