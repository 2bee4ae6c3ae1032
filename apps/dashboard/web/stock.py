"""Stock pages: the list by SKU, one SKU at its places, and the history of one place."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import selectors as catalog
from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.dashboard.selectors import stock_list, stock_page
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.selectors.stock_list import ListState
from apps.dashboard.web.fact_forms import tell
from apps.dashboard.web.stock_forms import (
    AdjustForm,
    AllocationForm,
    KeepBackForm,
    LotForm,
    TransferForm,
)
from apps.inventory import selectors as inventory
from apps.inventory import services
from apps.inventory.models import Node
from apps.markets.selectors import list_markets
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*READ, permission=permissions.STOCK_VIEW)
def stock(request: MemberRequest) -> HttpResponse:
    """List what stands, comes, sells and lasts, by SKU."""
    merchant, state = request.member.merchant, stock_list.read_state(request.GET)
    page = stock_list.page_of_stock(merchant, state, now=utc_now())
    context = {
        "section": "stock",
        "state": state,
        "page": page,
        "rows": page.rows,
        "tabs": tabs(state),
        "nodes": [(node.public_id, node.name) for node in inventory.list_nodes(merchant)],
        "can_manage": may(request, permissions.STOCK_MANAGE),
    }
    return render(request, "dashboard/stock.html", context)


def tabs(state: ListState) -> list[dict[str, str | bool]]:
    """Return the views; each keeps the search and the place."""
    base = reverse("dashboard:stock")
    names = {"all": _("All"), "low": _("Running low"), "out": _("Sold out")}
    return [
        {
            "label": label,
            "url": f"{base}?{state.as_query(view=slug)}",
            "is_current": slug == state.view,
        }
        for slug, label in names.items()
    ]


@member_page(*READ, permission=permissions.STOCK_VIEW)
def sku(request: MemberRequest, variant_id: str) -> HttpResponse:
    """Show one SKU at all its places."""
    return show_sku(request, found_variant(request, variant_id))


def found_variant(request: MemberRequest, variant_id: str) -> Variant:
    """Return the company's variant with its product; 404 for any other."""
    return find_or_404(catalog.get_variant_by_id, request.member.merchant, variant_id)


def show_sku(
    request: MemberRequest,
    variant: Variant,
    *,
    adjust_form: AdjustForm | None = None,
    transfer_form: TransferForm | None = None,
    keep_form: KeepBackForm | None = None,
    aside_form: AllocationForm | None = None,
    lot_form: LotForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with a SKU's page; a form that was not accepted is shown again."""
    merchant = request.member.merchant
    nodes = list(inventory.list_nodes(merchant))
    [line] = stock_list.lines_of(merchant, [variant], node="", now=utc_now())
    context = {
        "section": "stock",
        "variant": variant,
        "line": line,
        "places": stock_page.list_places(merchant, variant, nodes),
        "adjust_form": adjust_form or AdjustForm(nodes=nodes),
        "transfer_form": transfer_form or TransferForm(nodes=nodes),
        "keep_form": keep_form or KeepBackForm(initial=stock_page.kept_back(merchant, variant)),
        "aside_form": aside_form or AllocationForm(markets=list_markets()),
        "lot_form": lot_form or LotForm(nodes=nodes),
        "lots": inventory.list_lots(merchant, variant),
        "shares": stock_page.list_shares(merchant, variant),
        "wrong": adjust_form
        or transfer_form
        or keep_form
        or aside_form
        or lot_form
        or forms.Form(),
        "can_transfer": len(nodes) > 1,
        "can_manage": may(request, permissions.STOCK_MANAGE),
        "sees_products": may(request, permissions.PRODUCTS_VIEW),
    }
    return render(request, "dashboard/stock_sku.html", context, status=status)


@member_page(*READ, permission=permissions.STOCK_VIEW)
def history(request: MemberRequest, variant_id: str, node_id: str) -> HttpResponse:
    """Explain every number of a SKU at a place: its movements with the figures after each."""
    merchant, variant = request.member.merchant, found_variant(request, variant_id)
    node = find_or_404(inventory.get_node, merchant, node_id)
    balance = inventory.find_balance(merchant, variant, node)
    story = stock_page.tell_story(merchant, balance, cursor=request.GET.get("cursor", "")[:200])
    context = {
        "section": "stock",
        "variant": variant,
        "node": node,
        "story": story,
        "row": stock_page.PlaceRow(node, stock_page.figures_of(balance)),
    }
    return render(request, "dashboard/stock_history.html", context)


@member_page(*WRITE, permission=permissions.STOCK_MANAGE)
def adjust(request: MemberRequest, variant_id: str) -> HttpResponse:
    """Move units of a SKU by hand, with a reason."""
    variant, merchant = found_variant(request, variant_id), request.member.merchant
    nodes = list(inventory.list_nodes(merchant))
    form = AdjustForm(request.POST, nodes=nodes)
    if not form.is_valid():
        return show_sku(request, variant, adjust_form=form, status=422)
    reason, source, target = form.parts()
    change = services.Change(variant, _node(nodes, form, "node"), form.cleaned_data["quantity"])
    try:
        services.adjust_stock(
            merchant,
            changes=[change],
            reason=reason,
            source=source,
            target=target,
            note=form.cleaned_data["note"],
            reference=form.cleaned_data["reference"],
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        _tell(form, error)
        return show_sku(request, variant, adjust_form=form, status=error.status)
    return _saved(request, variant)


@member_page(*WRITE, permission=permissions.STOCK_MANAGE)
def transfer(request: MemberRequest, variant_id: str) -> HttpResponse:
    """Send units of a SKU to another place."""
    variant, merchant = found_variant(request, variant_id), request.member.merchant
    nodes = list(inventory.list_nodes(merchant))
    form = TransferForm(request.POST, nodes=nodes)
    if not form.is_valid():
        return show_sku(request, variant, transfer_form=form, status=422)
    try:
        services.transfer_stock(
            merchant,
            source=_node(nodes, form, "source"),
            target=_node(nodes, form, "target"),
            quantities={variant: form.cleaned_data["quantity"]},
            note=form.cleaned_data["note"],
            reference=form.cleaned_data["reference"],
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        _tell(form, error)
        return show_sku(request, variant, transfer_form=form, status=error.status)
    return _saved(request, variant)


@member_page(*WRITE, permission=permissions.STOCK_MANAGE)
def receive_lot(request: MemberRequest, variant_id: str) -> HttpResponse:
    """Put units of a lot of a SKU on a shelf."""
    variant, merchant = found_variant(request, variant_id), request.member.merchant
    nodes = list(inventory.list_nodes(merchant))
    form = LotForm(request.POST, nodes=nodes)
    if not form.is_valid():
        return show_sku(request, variant, lot_form=form, status=422)
    try:
        services.receive_lot(
            merchant,
            node=_node(nodes, form, "node"),
            variant=variant,
            code=form.cleaned_data["code"],
            expires_on=form.cleaned_data["expires_on"],
            quantity=form.cleaned_data["quantity"],
            reference=form.cleaned_data["reference"],
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        _tell(form, error)
        return show_sku(request, variant, lot_form=form, status=error.status)
    return _saved(request, variant)


def _node(nodes: list[Node], form: forms.Form, field: str) -> Node:
    return next(node for node in nodes if node.public_id == form.cleaned_data[field])


def _tell(form: forms.Form, error: DomainError) -> None:
    fields = {
        {"changes.0.quantity": "quantity", "to": "target"}.get(name, name): text
        for name, text in error.fields.items()
    }
    tell(form, DomainError(error.code, error.message, status=error.status, fields=fields))


def _saved(request: MemberRequest, variant: Variant) -> HttpResponse:
    forget_facts(request.member.merchant)
    messages.success(request, _("Stock of %(sku)s changed.") % {"sku": variant.sku})
    return redirect("dashboard:stock_sku", variant.public_id)
