"""What happens to many chosen orders: ship, print labels, hold, release, tag, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import WRITE, member_page, require
from apps.dashboard import bulk_actions, runners
from apps.dashboard.bulk_actions import Done
from apps.dashboard.selectors import bulk_sheets, order_list
from apps.dashboard.selectors.list_state import read_state
from apps.dashboard.selectors.order_list import Selection, forget_words
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.labels import labels_answer
from apps.dashboard.web.order_views import back_to_list, list_state
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.journal.services import Json
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest
from apps.orders.models import Order
from apps.orders.services.tags import clean_tag

MAX_IDS = 500
MAX_ROWS = 20_000
DIRECT_ROWS = 50
MAX_REASON = 200
KINDS = {
    "ship": runners.SHIP,
    "hold": runners.HOLD,
    "release": runners.RELEASE,
    "tag": runners.TAG,
    "cancel": runners.CANCEL,
}
_PERMISSIONS = {
    "ship": permissions.SHIPMENTS_MANAGE,
    "labels": permissions.SHIPMENTS_MANAGE,
    "hold": permissions.ORDERS_MANAGE,
    "release": permissions.ORDERS_MANAGE,
    "tag": permissions.ORDERS_MANAGE,
    "cancel": permissions.ORDERS_MANAGE,
}


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def bulk(request: MemberRequest) -> HttpResponse:
    """Do one action to the chosen orders; what cannot be undone first shows its check sheet."""
    action = request.POST.get("action", "")
    if action not in _PERMISSIONS:
        raise DomainError("orders.unknown_action", _("This action does not exist."), status=400)
    require(request, _PERMISSIONS[action])
    now = utc_now()
    merchant = request.member.merchant
    selection = _selection(request, merchant)
    chosen = order_list.selected_orders(merchant, selection, now=now)
    if action == "labels":
        return labels_answer(request, chosen)
    if action in {"ship", "cancel"}:
        return _after_sheet(request, action, selection, chosen, now)
    return _start(request, action, chosen, now)


def _selection(request: MemberRequest, merchant: Merchant) -> Selection:
    """Return what was chosen: the ticked rows, or the whole view less the rows left out."""
    ids = [value for value in request.POST.getlist("ids") if value]
    query = list_state(request).as_query()
    if request.POST.get("all") == "1":
        upto = request.POST.get("upto", "")
        left_out = tuple(request.POST.getlist("left_out"))
        if upto.isdigit():
            return Selection("view", left_out, query, int(upto))
        return order_list.selection_of_view(merchant, query, left_out=left_out)
    if not ids:
        raise DomainError("orders.nothing_chosen", _("Choose orders first."), status=422)
    if len(ids) > MAX_IDS:
        raise DomainError(
            "orders.too_many",
            _("Choose at most %(limit)s rows, or the whole view.") % {"limit": MAX_IDS},
            status=422,
        )
    return Selection("ids", tuple(dict.fromkeys(ids)))


def _after_sheet(
    request: MemberRequest,
    action: str,
    selection: Selection,
    chosen: QuerySet[Order],
    now: datetime,
) -> HttpResponse:
    """Show what would happen, or start it when the person confirmed what they saw."""
    merchant = request.member.merchant
    make = bulk_sheets.ship_sheet if action == "ship" else bulk_sheets.cancel_sheet
    if request.POST.get("confirmed") == "1" and action == "ship":
        return _start(request, action, bulk_sheets.ready_to_ship(chosen), now)
    sheet = make(merchant, chosen, now=now)
    errors = {}
    if request.POST.get("confirmed") == "1":
        errors = _cancel_problems(request, sheet.count)
        if not errors:
            return _start(request, action, bulk_sheets.can_cancel(chosen), now)
    query = list_state(request).as_query()
    context = {
        "section": "orders",
        "sheet": sheet,
        "selection": selection,
        "return_query": query,
        "back_url": f"{reverse('dashboard:orders')}?{query}",
        "reason": request.POST.get("reason", "")[:MAX_REASON],
        "errors": errors,
    }
    page = "dashboard/ship.html" if action == "ship" else "dashboard/cancel.html"
    return render(request, page, context, status=422 if errors else 200)


def _cancel_problems(request: MemberRequest, count: int) -> dict[str, str]:
    """Return what is missing before orders are cancelled: the reason, and their number typed."""
    errors = {}
    if not request.POST.get("reason", "").strip():
        errors["reason"] = _("Say why, so that the buyers can be told.")
    if request.POST.get("typed", "").strip() != str(count):
        errors["typed"] = _("Type %(count)s to confirm.") % {"count": count}
    return errors


def _start(
    request: MemberRequest, action: str, chosen: QuerySet[Order], now: datetime
) -> HttpResponse:
    keys = list(chosen.order_by("ship_by_at", "pk").values_list("pk", flat=True)[: MAX_ROWS + 1])
    if len(keys) > MAX_ROWS:
        raise DomainError(
            "orders.too_many",
            _("Choose at most %(limit)s orders at once.") % {"limit": MAX_ROWS},
            status=422,
        )
    parameters = _parameters(request, action)
    if action in _NOW and len(keys) <= DIRECT_ROWS:
        return _NOW[action](request, list(chosen.order_by("pk")), now)
    title = _titles(len(keys))[action] % {"count": len(keys), **parameters}
    job: Job = jobs.start_job(
        KINDS[action],
        title=title,
        parameters={"orders": list[Json](keys), **parameters},
        tenant_id=request.member.merchant.pk,
        total=len(keys),
        actor=user_actor(request.user),
        now=now,
    )
    messages.success(
        request, _("Started: %(title)s. You can leave this page.") % {"title": job.title}
    )
    return _back(request)


def _parameters(request: MemberRequest, action: str) -> dict[str, str]:
    if action == "tag":
        return {"tag": clean_tag(request.POST.get("tag", ""))}
    if action == "cancel":
        return {"reason": request.POST.get("reason", "").strip()[:MAX_REASON]}
    return {"reason": _held_by(request)}


def _titles(count: int) -> dict[str, str]:
    return {
        "ship": ngettext("Ship %(count)s order", "Ship %(count)s orders", count),
        "hold": ngettext("Hold %(count)s order", "Hold %(count)s orders", count),
        "release": ngettext("Release %(count)s order", "Release %(count)s orders", count),
        "tag": ngettext("Tag %(count)s order “%(tag)s”", "Tag %(count)s orders “%(tag)s”", count),
        "cancel": ngettext("Cancel %(count)s order", "Cancel %(count)s orders", count),
    }


def _hold_now(request: MemberRequest, chosen: list[Order], now: datetime) -> HttpResponse:
    """Hold a few orders at once, and offer to take it back."""
    done = bulk_actions.hold_orders(
        chosen, reason=_held_by(request), actor=user_actor(request.user), now=now
    )
    text = ngettext("%(count)s order held.", "%(count)s orders held.", len(done.ids))
    refused = ngettext(
        "%(count)s order has left and cannot be held.",
        "%(count)s orders have left and cannot be held.",
        done.refused,
    )
    return _tell(request, done, text, refused, {"holds": ",".join(done.ids)})


def _release_now(request: MemberRequest, chosen: list[Order], now: datetime) -> HttpResponse:
    """Release a few orders at once, and offer to take it back."""
    done = bulk_actions.release_orders(chosen, actor=user_actor(request.user), now=now)
    text = ngettext("%(count)s order released.", "%(count)s orders released.", len(done.ids))
    refused = ngettext(
        "%(count)s order is not held by hand; holds of checks end with their cause.",
        "%(count)s orders are not held by hand; holds of checks end with their cause.",
        done.refused,
    )
    return _tell(request, done, text, refused, {"released": ",".join(done.ids)})


def _tag_now(request: MemberRequest, chosen: list[Order], now: datetime) -> HttpResponse:
    """Tag a few orders at once, and offer to take it back."""
    name = clean_tag(request.POST.get("tag", ""))
    done = bulk_actions.tag_orders(chosen, name=name, actor=user_actor(request.user), now=now)
    forget_words(request.member.merchant)
    text = ngettext("%(count)s order tagged.", "%(count)s orders tagged.", len(done.ids))
    refused = ngettext(
        "%(count)s order has too many tags.", "%(count)s orders have too many tags.", done.refused
    )
    return _tell(request, done, text, refused, {"tagged": ",".join(done.ids)})


_UNDOES: dict[str, bulk_actions.Undo] = {
    "holds": bulk_actions.undo_hold,
    "released": bulk_actions.undo_release,
    "tagged": bulk_actions.undo_tag,
}
_NOW: dict[str, Callable[[MemberRequest, list[Order], datetime], HttpResponse]] = {
    "hold": _hold_now,
    "release": _release_now,
    "tag": _tag_now,
}


def _tell(
    request: MemberRequest, done: Done, text: str, refused: str, undo: dict[str, str]
) -> HttpResponse:
    forget_facts(request.member.merchant)
    if done.ids:
        query = list_state(request).as_query()
        url = f"{reverse('dashboard:orders_undo')}?{urlencode({**undo, 'query': query})}"
        messages.success(request, text % {"count": len(done.ids)}, extra_tags=f"undo:{url}")
    if done.refused:
        messages.warning(request, refused % {"count": done.refused})
    return _back(request)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def undo(request: MemberRequest) -> HttpResponse:
    """Take back what was just done to a few orders; what changed since stays, and is counted."""
    merchant, actor, now = request.member.merchant, user_actor(request.user), utc_now()
    done = refused = 0
    for name, take_back in _UNDOES.items():
        ids = _ids(request, name)
        result = bulk_actions.undo_each(take_back, merchant, ids, actor=actor, now=now)
        done, refused = done + len(result.ids), refused + result.refused
    forget_words(merchant)
    forget_facts(merchant)
    _tell_undone(request, done, refused)
    return back_to_list(read_state(QueryDict(request.GET.get("query", ""))).as_query())


def _tell_undone(request: MemberRequest, done: int, refused: int) -> None:
    if not done:
        sentence = _("Nothing was left to undo: it was undone already, or changed since.")
        messages.warning(request, sentence)
        return
    messages.success(request, _("Undone."))
    if refused:
        stays = ngettext(
            "%(count)s order was changed since and stays as it is.",
            "%(count)s orders were changed since and stay as they are.",
            refused,
        )
        messages.warning(request, stays % {"count": refused})


def _ids(request: MemberRequest, name: str) -> list[str]:
    return [value for value in request.GET.get(name, "").split(",") if value][:DIRECT_ROWS]


def _held_by(request: MemberRequest) -> str:
    return _("Held by %(name)s.") % {"name": request.user.full_name or request.user.short_name}


def _back(request: MemberRequest) -> HttpResponse:
    return back_to_list(list_state(request).as_query())
