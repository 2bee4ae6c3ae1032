"""Addresses of the partner API, version 1."""

from __future__ import annotations

from django.urls import path, register_converter

from apps.partners.api.views import (
    account,
    campaigns,
    carts,
    categories,
    depth,
    exceptions,
    imports,
    inbound,
    inbound_dock,
    listings,
    movements,
    order_changes,
    orders,
    pricing,
    products,
    promotions,
    publishing,
    reservations,
    shipments,
    stock,
    webhooks,
)


class PublicIdConverter:
    """An outward id or an order number in an address."""

    regex = "[A-Za-z0-9_-]{1,40}"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return it as it is."""
        return value


register_converter(PublicIdConverter, "id")

app_name = "api"
urlpatterns = [
    path("me", account.MeView.as_view(), name="me"),
    path("markets", account.MarketsView.as_view(), name="markets"),
    path("products", products.ProductsView.as_view(), name="products"),
    path("products/<id:product_id>", depth.OneProductView.as_view(), name="product"),
    path("products/<id:product_id>/variants", products.VariantsView.as_view(), name="variants"),
    path(
        "products/<id:product_id>/variants/<id:variant_id>",
        products.OneVariantView.as_view(),
        name="variant",
    ),
    path("products/<id:product_id>/listings", products.ListingsView.as_view(), name="listings"),
    path(
        "products/<id:product_id>/publish-answers",
        publishing.PublishAnswersView.as_view(),
        name="publish_answers",
    ),
    path("products/<id:product_id>/publish", publishing.PublishView.as_view(), name="publish"),
    path("jobs/<id:job_id>", publishing.JobsView.as_view(), name="job"),
    path("price-rules", pricing.PriceRulesView.as_view(), name="price_rules"),
    path("price-rules/<id:rule_id>", pricing.OnePriceRuleView.as_view(), name="price_rule"),
    path("listings/<id:listing_id>/prices", pricing.PriceHistoryView.as_view(), name="prices"),
    path("quotes/cart", carts.CartQuotesView.as_view(), name="cart_quotes"),
    path("promotions", promotions.PromotionsView.as_view(), name="promotions"),
    path(
        "promotions/simulate",
        promotions.SimulatePromotionView.as_view(),
        name="simulate_promotion",
    ),
    path("promotions/<id:promotion_id>", promotions.OnePromotionView.as_view(), name="promotion"),
    path(
        "promotions/<id:promotion_id>/publish",
        promotions.PublishPromotionView.as_view(),
        name="publish_promotion",
    ),
    path(
        "promotions/<id:running_promotion_id>/pause",
        promotions.PausePromotionView.as_view(),
        name="pause_promotion",
    ),
    path(
        "promotions/<id:running_promotion_id>/end",
        promotions.EndPromotionView.as_view(),
        name="end_promotion",
    ),
    path(
        "promotions/<id:promotion_id>/codes",
        promotions.PromotionCodesView.as_view(),
        name="promotion_codes",
    ),
    path(
        "promotions/<id:promotion_id>/performance",
        promotions.PromotionPerformanceView.as_view(),
        name="promotion_performance",
    ),
    path("campaigns", campaigns.CampaignsView.as_view(), name="campaigns"),
    path("campaign-entries", campaigns.CampaignEntriesView.as_view(), name="campaign_entries"),
    path(
        "campaign-entries/<id:entry_id>",
        campaigns.OneCampaignEntryView.as_view(),
        name="campaign_entry",
    ),
    path(
        "campaign-entries/<id:entry_id>/withdraw",
        campaigns.WithdrawEntryView.as_view(),
        name="withdraw_entry",
    ),
    path("price-floors", promotions.PriceFloorsView.as_view(), name="price_floors"),
    path("quotes/landed", pricing.LandedQuotesView.as_view(), name="landed_quotes"),
    path("quotes/landed/<id:quote_id>", pricing.OneLandedQuoteView.as_view(), name="landed_quote"),
    path("listings", listings.AllListingsView.as_view(), name="all_listings"),
    path("products/<id:product_id>/facts", depth.FactsOfProductView.as_view(), name="facts"),
    path(
        "products/<id:product_id>/texts/<id:locale>",
        depth.TextOfProductView.as_view(),
        name="product_text",
    ),
    path(
        "products/<id:product_id>/market-texts",
        depth.MarketTextsView.as_view(),
        name="market_texts",
    ),
    path(
        "products/<id:product_id>/market-texts/<id:market_code>",
        depth.OneMarketTextView.as_view(),
        name="market_text",
    ),
    path(
        "products/<id:product_id>/market-texts/<id:market_code>/decide",
        depth.MarketTextDecisionView.as_view(),
        name="decide_market_text",
    ),
    path("products/<id:product_id>/preview", depth.PreviewOfProductView.as_view(), name="preview"),
    path("categories", categories.CategoriesView.as_view(), name="categories"),
    path("categories/attributes", categories.CategoryAttributesView.as_view(), name="attributes"),
    path("parties", categories.PartiesView.as_view(), name="parties"),
    path("parties/<id:party_id>", categories.OnePartyView.as_view(), name="party"),
    path("imports", imports.ImportsView.as_view(), name="imports"),
    path("imports/template", imports.ImportTemplateView.as_view(), name="import_template"),
    path("imports/<id:import_id>", imports.OneImportView.as_view(), name="import"),
    path("imports/<id:import_id>/issues", imports.ImportIssuesView.as_view(), name="import_issues"),
    path(
        "imports/<id:import_id>/columns", imports.ImportColumnsView.as_view(), name="import_columns"
    ),
    path("imports/<id:import_id>/apply", imports.ApplyImportView.as_view(), name="apply_import"),
    path("imports/<id:import_id>/undo", imports.UndoImportView.as_view(), name="undo_import"),
    path("inbound", inbound.InboundsView.as_view(), name="inbounds"),
    path("inbound/<id:inbound_id>", inbound.OneInboundView.as_view(), name="inbound"),
    path(
        "inbound/<id:inbound_id>/submit", inbound.SubmitInboundView.as_view(), name="submit_inbound"
    ),
    path(
        "inbound/<id:inbound_id>/cancel", inbound.CancelInboundView.as_view(), name="cancel_inbound"
    ),
    path(
        "inbound/<id:inbound_id>/appointment",
        inbound.AppointmentView.as_view(),
        name="inbound_appointment",
    ),
    path(
        "inbound/<id:inbound_id>/depart", inbound.DepartInboundView.as_view(), name="depart_inbound"
    ),
    path(
        "inbound/<id:inbound_id>/amendments",
        inbound.AmendInboundView.as_view(),
        name="amend_inbound",
    ),
    path(
        "inbound/<id:inbound_id>/decision",
        inbound_dock.DecideInboundView.as_view(),
        name="decide_inbound",
    ),
    path(
        "inbound/<id:inbound_id>/arrive",
        inbound_dock.ArriveInboundView.as_view(),
        name="arrive_inbound",
    ),
    path(
        "inbound/<id:inbound_id>/receipts",
        inbound_dock.ReceiptsView.as_view(),
        name="inbound_receipts",
    ),
    path(
        "inbound/<id:inbound_id>/finish",
        inbound_dock.FinishInboundView.as_view(),
        name="finish_inbound",
    ),
    path(
        "inbound/<id:inbound_id>/put-aways",
        inbound_dock.PutawaysView.as_view(),
        name="inbound_putaways",
    ),
    path("nodes", stock.NodesView.as_view(), name="nodes"),
    path("stock", stock.StocksView.as_view(), name="stock"),
    path("stock/adjustments", movements.AdjustmentsView.as_view(), name="stock_adjustments"),
    path("stock/transfers", movements.TransfersView.as_view(), name="stock_transfers"),
    path("stock/<id:sku>/history", movements.StockHistoryView.as_view(), name="stock_history"),
    path("reservations", reservations.ReservationsView.as_view(), name="reservations"),
    path(
        "reservations/<id:reservation_id>",
        reservations.OneReservationView.as_view(),
        name="reservation",
    ),
    path("orders", orders.OrdersView.as_view(), name="orders"),
    path("orders/batch", orders.OrderBatchView.as_view(), name="order_batch"),
    path("orders/<id:order_id>", orders.OneOrderView.as_view(), name="order"),
    path("orders/<id:order_id>/buyer", orders.OrderBuyerView.as_view(), name="order_buyer"),
    path("orders/<id:order_id>/cancel", orders.CancelOrderView.as_view(), name="cancel_order"),
    path("orders/<id:order_id>/changes", order_changes.HistoryView.as_view(), name="changes"),
    path(
        "orders/<id:order_id>/changes/<id:change_id>/undo",
        order_changes.UndoJoinView.as_view(),
        name="undo_join",
    ),
    path(
        "orders/<id:order_id>/cancel-units",
        order_changes.UnitsView.as_view(),
        name="cancel_units",
    ),
    path("orders/<id:order_id>/shipping", order_changes.FeeView.as_view(), name="order_shipping"),
    path("orders/<id:order_id>/swap", order_changes.SwapView.as_view(), name="swap_variant"),
    path("orders/<id:order_id>/split", order_changes.SplitView.as_view(), name="split_order"),
    path("orders/<id:order_id>/join", order_changes.JoinView.as_view(), name="join_orders"),
    path(
        "orders/<id:order_id>/cancel-requests",
        order_changes.AskToCancelView.as_view(),
        name="ask_to_cancel",
    ),
    path("cancel-requests", order_changes.CancelRequestsView.as_view(), name="cancel_requests"),
    path(
        "cancel-requests/<id:request_id>/accept",
        order_changes.AcceptRequestView.as_view(),
        name="accept_request",
    ),
    path(
        "cancel-requests/<id:request_id>/refuse",
        order_changes.RefuseRequestView.as_view(),
        name="refuse_request",
    ),
    path(
        "shipments/<id:shipment_id>/divide", shipments.DivideView.as_view(), name="divide_shipment"
    ),
    path("shipments", shipments.ShipmentsView.as_view(), name="shipments"),
    path("shipments/<id:shipment_id>", shipments.OneShipmentView.as_view(), name="shipment"),
    path("shipments/<id:shipment_id>/label", shipments.LabelView.as_view(), name="label"),
    path(
        "shipments/<id:shipment_id>/hand-over", shipments.HandOverView.as_view(), name="hand_over"
    ),
    path("exceptions", exceptions.ExceptionsView.as_view(), name="exceptions"),
    path("exceptions/<id:exception_id>", exceptions.OneExceptionView.as_view(), name="exception"),
    path(
        "exceptions/<id:exception_id>/resolve",
        exceptions.ResolveExceptionView.as_view(),
        name="resolve_exception",
    ),
    path("tracking", shipments.TrackingPushView.as_view(), name="tracking"),
    path("webhooks", webhooks.EndpointsView.as_view(), name="webhooks"),
    path("webhooks/<id:endpoint_id>", webhooks.OneEndpointView.as_view(), name="webhook"),
    path(
        "webhooks/<id:endpoint_id>/secret",
        webhooks.EndpointSecretView.as_view(),
        name="webhook_secret",
    ),
    path(
        "webhooks/<id:endpoint_id>/test", webhooks.TestEndpointView.as_view(), name="webhook_test"
    ),
    path(
        "webhooks/<id:endpoint_id>/deliveries",
        webhooks.DeliveriesView.as_view(),
        name="webhook_deliveries",
    ),
    path("webhooks/<id:endpoint_id>/replay", webhooks.ReplayView.as_view(), name="webhook_replay"),
]
