"""Pages that read from many apps: home, orders, products, shipping, search."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.dashboard.web import (
    address_fix,
    at_risk,
    bulk,
    home,
    images,
    inbox,
    live,
    markets,
    order,
    order_actions,
    order_views,
    orders,
    product_exports,
    product_hs,
    products,
    publish,
    search,
    shipments,
    variants,
)
from apps.dashboard.web.catalog_urls import catalog_urlpatterns

app_name = "dashboard"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("orders/", orders.order_list_page, name="orders"),
    path("orders/bulk/", bulk.bulk, name="orders_bulk"),
    path("orders/bulk/undo/", bulk.undo, name="orders_undo"),
    path("orders/export/", order_views.export, name="orders_export"),
    path("orders/at-risk/", at_risk.orders_at_risk, name="orders_at_risk"),
    path("orders/duplicates/", at_risk.set_duplicates, name="orders_duplicates"),
    path("orders/columns/", order_views.choose_columns, name="orders_columns"),
    path("orders/start/", order_views.start_with, name="orders_start"),
    path("orders/views/", order_views.save_view, name="view_save"),
    path("orders/views/<str:view_id>/", order_views.change_view, name="view_change"),
    path("orders/views/<str:view_id>/delete/", order_views.delete_view, name="view_delete"),
    path("orders/<str:number>/", order.order, name="order"),
    path("orders/<str:number>/reveal/", order.reveal, name="order_reveal"),
    path("orders/<str:number>/ship/", order_actions.ship, name="order_ship"),
    path("orders/<str:number>/label/", order_actions.label, name="order_label"),
    path("orders/<str:number>/hold/", order_actions.hold, name="order_hold"),
    path(
        "orders/<str:number>/holds/<str:hold_id>/release/",
        order_actions.release,
        name="order_release",
    ),
    path("orders/<str:number>/cancel/", order_actions.cancel, name="order_cancel"),
    path("orders/<str:number>/address/", order_actions.correct_address, name="order_address"),
    path(
        "orders/<str:number>/address/accept/",
        address_fix.accept_address,
        name="order_address_accept",
    ),
    path("orders/<str:number>/note/", order_actions.add_note, name="order_note"),
    path("markets/", markets.markets, name="markets"),
    path("products/", products.products, name="products"),
    path("products/new/", products.new_product, name="product_new"),
    path("products/export/", product_exports.export, name="products_export"),
    path("products/<str:product_id>/", products.product, name="product"),
    path("products/<str:product_id>/edit/", products.edit, name="product_edit"),
    path("products/<str:product_id>/hs/", product_hs.find, name="product_hs"),
    path("products/<str:product_id>/hs/confirm/", product_hs.confirm, name="product_hs_confirm"),
    path("products/<str:product_id>/photo/", images.photo, name="product_photo"),
    path("products/<str:product_id>/images/", images.add, name="image_add"),
    path(
        "products/<str:product_id>/images/<str:image_id>/", images.describe, name="image_describe"
    ),
    path("products/<str:product_id>/images/<str:image_id>/move/", images.move, name="image_move"),
    path(
        "products/<str:product_id>/images/<str:image_id>/delete/",
        images.delete,
        name="image_delete",
    ),
    path("products/<str:product_id>/images/<str:image_id>/file/", images.file, name="image_file"),
    path("products/<str:product_id>/variants/", variants.add, name="variant_add"),
    path(
        "products/<str:product_id>/variants/<str:variant_id>/", variants.edit, name="variant_edit"
    ),
    path(
        "products/<str:product_id>/variants/<str:variant_id>/offer/",
        variants.offer,
        name="variant_offer",
    ),
    path("publish/", publish.choose, name="publish"),
    path("products/<str:product_id>/publish/", publish.publish, name="product_publish"),
    path("products/<str:product_id>/publish/start/", publish.start, name="publish_start"),
    path("products/<str:product_id>/publish/rule/", publish.save_rule, name="publish_rule"),
    path("products/<str:product_id>/publish/facts/", publish.state_facts, name="publish_facts"),
    path("products/<str:product_id>/price/", products.set_price, name="product_price"),
    path("products/<str:product_id>/stock/", products.set_stock, name="product_stock"),
    path(
        "products/<str:product_id>/listings/<str:listing_id>/",
        products.change_listing,
        name="listing_change",
    ),
    *catalog_urlpatterns,
    path("shipping/", shipments.shipments, name="shipments"),
    path("shipping/<str:shipment_id>/", shipments.shipment, name="shipment"),
    path("shipping/<str:shipment_id>/label/", shipments.label, name="shipment_label"),
    path("search/", search.search, name="search"),
    path("search/palette", search.palette, name="palette"),
    path("live/", live.live, name="live"),
    path("live/poll", live.poll, name="live_poll"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.mark_read, name="inbox_read"),
]
