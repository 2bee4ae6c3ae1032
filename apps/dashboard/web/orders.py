"""The order list: views, search, filters, columns and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.clock import utc_now
from apps.common.formatting import currency_symbol
from apps.common.money import precision
from apps.common.pagination import PAGE_SIZES
from apps.common.web.access import READ, may, member_page
from apps.dashboard.columns import list_choices
from apps.dashboard.selectors import order_counts, order_list
from apps.dashboard.selectors.holds import hold_name
from apps.dashboard.selectors.list_choice import Choice, get_choice
from apps.dashboard.selectors.list_state import ListState, read_state
from apps.dashboard.selectors.order_counts import OrderCounts, count_orders
from apps.dashboard.selectors.order_rows import rows_of
from apps.dashboard.selectors.saved_views import View, list_views
from apps.dashboard.words import country_name
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest
from apps.orders.states import OrderStatus


@dataclass(frozen=True, slots=True)
class ViewTab:
    """One tab above the list."""

    label: str
    url: str
    is_current: bool
    count: int = 0
    is_hot: bool = False


@member_page(*READ, permission=permissions.ORDERS_VIEW)
def order_list_page(request: MemberRequest) -> HttpResponse:
    """Show one page of orders; an exact number opens its record."""
    now = utc_now()
    merchant = request.member.merchant
    choice = get_choice(request.member)
    state = _state(request, choice)
    if state.query:
        exact = order_list.find_exact(merchant, state.query)
        if exact is not None:
            return redirect("dashboard:order", exact.number)
    page = order_list.page_of_orders(merchant, state, now=now)
    counts = count_orders(merchant, now=now)
    saved = list_views(request.member, now=now)
    tabs = _tabs(state, counts, saved)
    total = order_counts.total_of(merchant, state, page, counts, now=now)
    context = {
        "section": "orders",
        "state": state,
        "page": page,
        "rows": rows_of(merchant, page.rows),
        "total": total,
        "total_is_more": total > order_counts.LIMIT,
        # Choosing the whole view makes sense only when the page does not show it all.
        "unseen_total": total if total > len(page.rows) else 0,
        "counts": counts,
        "tabs": tabs,
        "current_tab": next((tab for tab in tabs if tab.is_current), tabs[0]),
        "own_views": [view for view in saved if view.is_own],
        "start_query": choice.start_query,
        "columns": choice.columns,
        "column_choices": list_choices(choice.columns),
        "ship_hint": _ship_hint(counts),
        "sizes": PAGE_SIZES,
        "base_symbol": currency_symbol(merchant.base_currency),
        "base_digits": precision(merchant.base_currency),
        "can_manage": may(request, permissions.ORDERS_MANAGE),
        "can_ship": may(request, permissions.SHIPMENTS_MANAGE),
        **_filters(merchant, state, counts, now),
    }
    return render(request, "dashboard/orders.html", context)


def _state(request: MemberRequest, choice: Choice) -> ListState:
    """Return the state of the address; the bare address stands for the view the person chose."""
    return read_state(request.GET if request.GET else QueryDict(choice.start_query))


def _filters(
    merchant: Merchant, state: ListState, counts: OrderCounts, now: datetime
) -> dict[str, object]:
    """Return what the filters offer, each choice with its count."""
    markets = order_list.list_own_markets(merchant)
    codes = dict.fromkeys([code for code, _currency in markets] + list(state.markets))
    currencies = dict.fromkeys(currency for _code, currency in markets)
    chosen = dict(markets)
    single = {chosen[code] for code in state.markets if code in chosen} or set(currencies)
    return {
        "market_choices": [(code, _counted(code, counts.markets, code)) for code in codes],
        "status_choices": [
            (value, _counted(str(label), counts.statuses, value))
            for value, label in OrderStatus.choices
        ],
        "hold_choices": [
            (kind, _counted(hold_name(kind), counts.holds, kind))
            for kind in dict.fromkeys([*counts.holds, *state.holds])
        ],
        "due_choices": _due_labels(),
        "due_label": dict(_due_labels()).get(state.due, ""),
        "model_choices": [(value, str(label)) for value, label in Merchant.Model.choices],
        "currencies": list(currencies),
        # Totals are sorted in one currency: the chosen one, or the only one there can be.
        "total_currency": state.currency or (next(iter(single)) if len(single) == 1 else ""),
        **order_list.list_words(merchant, state),
        "country_label": country_name(state.country) if state.country else "",
    }


def _counted(label: str, counts: Mapping[str, int], key: str) -> str:
    count = counts.get(key, 0)
    return f"{label} · {format_limited(count)}" if count else label


def format_limited(count: int) -> str:
    """Return a count as filters show it: exact up to 999, then ``999+``."""
    return "999+" if count > 999 else str(count)


def _tabs(state: ListState, counts: OrderCounts, saved: Sequence[View]) -> list[ViewTab]:
    numbers = {
        "open": (counts.open, False),
        "due": (counts.due, counts.due > 0),
        "hold": (counts.hold, False),
    }
    current = state.as_query()
    is_saved = any(view.query == current for view in saved)
    base = reverse("dashboard:orders")
    tabs = [
        ViewTab(
            label,
            f"{base}?view={slug}",
            state.view == slug and not is_saved,
            *numbers.get(slug, (0, False)),
        )
        for slug, label in _view_labels()
    ]
    return tabs + [
        ViewTab(view.name, f"{base}?{view.query}", view.query == current, view.count)
        for view in saved
    ]


def _view_labels() -> list[tuple[str, str]]:
    return [
        ("all", _("All")),
        ("open", _("Open")),
        ("due", _("Due today")),
        ("hold", _("On hold")),
        ("transit", _("In transit")),
        ("delivered", _("Delivered")),
        ("cancelled", _("Cancelled")),
    ]


def _ship_hint(counts: OrderCounts) -> str:
    if not counts.to_ship:
        return _("Nothing waits to be handed over.")
    text = ngettext("%(count)s to ship.", "%(count)s to ship.", counts.to_ship)
    text %= {"count": format_limited(counts.to_ship)}
    if not counts.to_ship_today:
        return text
    today = ngettext(
        "%(count)s must leave today.", "%(count)s must leave today.", counts.to_ship_today
    )
    return f"{text} {today % {'count': format_limited(counts.to_ship_today)}}"


def _due_labels() -> list[tuple[str, str]]:
    return [
        ("late", _("Late")),
        ("today", _("Today")),
        ("tomorrow", _("Until tomorrow")),
        ("week", _("Next 7 days")),
    ]
