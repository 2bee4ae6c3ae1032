"""Finance: what is free, what waits and why, what is kept, and every movement behind it."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.common.clock import utc_now
from apps.common.money import Money
from apps.common.pagination import PAGE_SIZES, paginate
from apps.common.web.access import READ, member_page
from apps.finance import selectors
from apps.finance.states import MOVEMENTS, TransactionKind
from apps.finance.web import presenting
from apps.merchants.permissions import MONEY_VIEW
from apps.merchants.web.requests import MemberRequest
from apps.orders.states import OrderStatus

PAGE_SIZE = 50
LATEST = 6


@never_cache
@member_page(*READ, permission=MONEY_VIEW)
def overview(request: MemberRequest) -> HttpResponse:
    """Show balances, what waits by cause, a month from sales to what is kept, the latest lines."""
    merchant, now = request.member.merchant, utc_now()
    today = now.date()
    month = presenting.read_month(request.GET.get("month", ""), merchant, now=now)
    balances = selectors.get_balances(merchant)
    causes = selectors.list_pending_causes(merchant)
    period = selectors.sum_period(merchant, month.since, month.until)
    steps, highest = presenting.draw_flow(period)
    latest = selectors.with_amounts(selectors.list_transactions(merchant))
    page = paginate(latest, key="occurred_at", size=LATEST)
    owed = [money for item in balances for money in (item.payable, item.pending)]
    rates = presenting.rates_for(merchant, owed, on=today)

    def figure(amounts: Iterable[Money]) -> presenting.Total:
        return presenting.add_up(amounts, merchant, rates, on=today)

    in_window = [item for item in causes if item.status == OrderStatus.DELIVERED]
    on_the_way = [item for item in causes if item.status != OrderStatus.DELIVERED]
    context = {
        "section": "finance",
        "balances": balances,
        "payable": figure(item.payable for item in balances),
        "on_the_way": figure(item.amount for item in on_the_way),
        "on_the_way_orders": sum(item.order_count for item in on_the_way),
        "in_window": figure(item.amount for item in in_window),
        "in_window_orders": sum(item.order_count for item in in_window),
        "causes": presenting.group_causes(causes, merchant, rates, on=today),
        "month": month,
        "period": period,
        "steps": steps,
        "highest": highest,
        "rows": presenting.show_rows(page.rows, merchant, now=now),
    }
    return render(request, "finance/overview.html", context)


@never_cache
@member_page(*READ, permission=MONEY_VIEW)
def line_list(request: MemberRequest) -> HttpResponse:
    """List the money movements, the newest first, with the order, the amount and when it is free."""
    merchant, now = request.member.merchant, utc_now()
    kind = request.GET.get("kind", "")
    kinds = (kind,) if kind in MOVEMENTS else ()
    number = request.GET.get("q", "").strip()[:40]
    found = selectors.list_transactions(merchant, kinds=kinds, order_number=number)
    size = request.GET.get("size", "")
    page = paginate(
        selectors.with_amounts(found),
        key="occurred_at",
        cursor=request.GET.get("cursor", ""),
        size=int(size) if size in {str(choice) for choice in PAGE_SIZES} else PAGE_SIZE,
    )
    context = {
        "section": "finance",
        "page": page,
        "rows": presenting.show_rows(page.rows, merchant, now=now),
        "kind": kind if kinds else "",
        "tabs": _tabs(kind if kinds else ""),
        "query": number,
    }
    return render(request, "finance/lines.html", context)


def _tabs(kind: str) -> list[dict[str, str | bool]]:
    names = {
        "": _("All"),
        TransactionKind.CAPTURE.value: _("Sales"),
        TransactionKind.ADJUSTMENT.value: _("Orders changed"),
        TransactionKind.FEES.value: _("Fees"),
        TransactionKind.POSTAGE.value: _("Postage"),
        TransactionKind.REVERSAL.value: _("Taken back"),
    }
    return [
        {"label": label, "url": f"?kind={value}" if value else "?", "is_current": value == kind}
        for value, label in names.items()
    ]
