"""Promotion pages: the list with its calendar, one promotion with its steps, and its codes."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.compliance.promoting import services as checked
from apps.compliance.promoting.performance import read_performance
from apps.dashboard.promotion_words import KINDS, describe
from apps.dashboard.selectors import promotion_page
from apps.dashboard.selectors import promotions as shown
from apps.dashboard.selectors.promotion_effect import effect_of
from apps.dashboard.selectors.promotions import ListState, Row
from apps.dashboard.web.promotion_rules import split_words
from apps.dashboard.words import country_name
from apps.markets.reference import MARKETS
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.promotions import selectors as promotions
from apps.promotions import services
from apps.promotions.models import Promotion
from apps.promotions.requests import PromotionDraft
from apps.promotions.states import EDITABLE, PromotionStatus

_STATUSES = ("", "active", "scheduled", "draft", "paused", "ended")


@member_page(*READ, permission=permissions.PROMOTIONS_VIEW)
def promo_list(request: MemberRequest) -> HttpResponse:
    """List the company's promotions, the newest first, or show them in a month."""
    merchant, now = request.member.merchant, utc_now()
    state = shown.read_state(request.GET)
    is_calendar = request.GET.get("view") == "calendar"
    context = {
        "section": "promotions",
        "state": state,
        "is_calendar": is_calendar,
        "tabs": _tabs(state, is_calendar=is_calendar),
        "kind_choices": [(kind, str(words.label)) for kind, words in KINDS.items()],
        "market_choices": [(market["code"], country_name(market["code"])) for market in MARKETS],
        "can_manage": may(request, permissions.PROMOTIONS_MANAGE),
        "hidden": not may(request, permissions.MONEY_VIEW),
    }
    if is_calendar:
        first = shown.read_month(request.GET.get("month", ""), now.date())
        context["month"] = shown.month_of_promotions(merchant, state, first, now=now)
        return render(request, "dashboard/promotions_month.html", context)
    page, rows = shown.page_of_promotions(merchant, state, now=now)
    return render(request, "dashboard/promotions.html", {**context, "page": page, "rows": rows})


def _tabs(state: ListState, *, is_calendar: bool) -> list[dict[str, str | bool]]:
    base = reverse("dashboard:promos")
    labels = {"": _("All"), **{value: str(label) for value, label in PromotionStatus.choices}}
    view = "view=calendar&" if is_calendar else ""
    return [
        {
            "label": labels[status],
            "url": f"{base}?{view}{state.as_query(status=status)}",
            "is_current": status == state.status,
        }
        for status in _STATUSES
    ]


@member_page(*READ, permission=permissions.PROMOTIONS_VIEW)
def promo(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Show one promotion: what it says, what it does, and what it has brought."""
    return _show(request, found_promotion(request, promotion_id))


def found_promotion(request: MemberRequest, promotion_id: str) -> Promotion:
    """Return the company's promotion; 404 for any other."""
    return find_or_404(promotions.get_promotion, request.member.merchant, promotion_id)


def _show(
    request: MemberRequest,
    promotion: Promotion,
    *,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    now = utc_now()
    markets = list(promotion.markets.select_related("market").order_by("market__code"))
    promotion._prefetched_objects_cache = {"markets": markets}  # type: ignore[attr-defined]  # noqa: SLF001
    is_editable = promotion.status in EDITABLE
    effect = None
    if is_editable:
        effect = effect_of(checked.simulate_promotion(promotion, now=now))
    context = {
        "section": "promotions",
        "promotion": promotion,
        "row": Row(promotion, tuple(item.market.code for item in markets), (), now),
        "periods": markets,
        "sentences": describe(promotion),
        "steps": _steps(promotion),
        "effect": effect,
        "error": error,
        "asks_loss": bool(effect and effect.losses),
        "is_editable": is_editable,
        "performance": read_performance(promotion, now=now),
        "versions": promotion_page.list_versions(promotion),
        "code_count": promotions.list_codes(promotion).count() if promotion.needs_code else 0,
        "can_manage": may(request, permissions.PROMOTIONS_MANAGE),
        "hidden": not may(request, permissions.MONEY_VIEW),
    }
    return render(request, "dashboard/promotion.html", context, status=status)


def _steps(promotion: Promotion) -> list[str]:
    """Return the steps a person may take, besides publishing."""
    status = promotion.status
    found = ["pause"] if status in {"scheduled", "active"} else []
    found += ["end"] if status in {"scheduled", "active", "paused"} else []
    found += ["delete"] if status == "draft" and not promotion.version else []
    return [*found, "duplicate"]


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def publish(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Let the promotion price carts; a loss in the worst case must be accepted."""
    promotion = found_promotion(request, promotion_id)
    try:
        done = checked.publish_promotion(
            promotion,
            accepts_loss=request.POST.get("accepts_loss") == "1",
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return _show(request, promotion, error=error, status=error.status)
    word = PromotionStatus(done.status).label
    messages.success(request, _("Published. It is now: %(state)s.") % {"state": word})
    return redirect("dashboard:promo", promotion.public_id)


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def step(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Pause, end, delete or duplicate the promotion."""
    promotion = found_promotion(request, promotion_id)
    actor, now = user_actor(request.user), utc_now()
    wanted = request.POST.get("step", "")
    try:
        if wanted == "pause":
            services.pause_promotion(promotion, actor=actor, now=now)
            messages.success(request, _("Paused. Prices are as without it from now on."))
        elif wanted == "end":
            services.end_promotion(promotion, actor=actor, now=now)
            messages.success(request, _("Ended. Orders placed with it keep their prices."))
        elif wanted == "delete":
            services.remove_promotion(promotion, actor=actor, now=now)
            messages.success(request, _("Draft deleted."))
            return redirect("dashboard:promos")
        elif wanted == "duplicate":
            made = services.create_promotion(
                promotion.merchant, _copy(promotion), actor=actor, now=now
            )
            messages.success(request, _("Duplicated. This is the new draft."))
            return redirect("dashboard:promo_edit", made.public_id)
        else:
            raise DomainError("dashboard.unknown_step", _("This step does not exist."), status=400)
    except DomainError as error:
        return _show(request, promotion, error=error, status=error.status)
    return redirect("dashboard:promo", promotion.public_id)


def _copy(promotion: Promotion) -> PromotionDraft:
    """Return the content without codes: a code leads to one promotion."""
    name = _("Copy of %(name)s") % {"name": promotion.name}
    return PromotionDraft(
        name=name[:120],
        kind=promotion.kind,
        markets=tuple(promotion.markets.values_list("market__code", flat=True)),
        starts=promotion.starts_local,
        ends=promotion.ends_local,
        rule=promotion.rule,
        priority=promotion.priority,
    )


@member_page(*READ, permission=permissions.PROMOTIONS_VIEW)
def codes(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """List the codes of a promotion with their uses."""
    return _show_codes(request, found_promotion(request, promotion_id))


def _show_codes(
    request: MemberRequest,
    promotion: Promotion,
    *,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    page, rows = promotion_page.page_of_codes(promotion, request.GET.get("cursor", "")[:200])
    context = {
        "section": "promotions",
        "promotion": promotion,
        "page": page,
        "rows": rows,
        "error": error,
        "typed": request.POST,
        "can_manage": may(request, permissions.PROMOTIONS_MANAGE),
        "is_open": promotion.status != PromotionStatus.ENDED,
    }
    return render(request, "dashboard/promotion_codes.html", context, status=status)


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def add_codes(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Add codes that were chosen elsewhere."""
    promotion = found_promotion(request, promotion_id)
    try:
        count = services.add_codes(
            promotion,
            split_words(request.POST.get("codes", "")[:200_000]),
            uses_limit=_number(request.POST.get("uses", ""), "uses"),
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return _show_codes(request, promotion, error=error, status=error.status)
    text = ngettext("%(count)s code added.", "%(count)s codes added.", count) % {"count": count}
    messages.success(request, text)
    return redirect("dashboard:promo_codes", promotion.public_id)


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def draw_codes(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Draw a batch of codes and hand it over as a file."""
    promotion = found_promotion(request, promotion_id)
    try:
        prefix = request.POST.get("prefix", "").strip().upper()[:20]
        drawn = services.make_codes(
            promotion,
            _number(request.POST.get("count", ""), "count") or 0,
            prefix=prefix,
            uses_limit=_number(request.POST.get("uses", ""), "uses"),
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return _show_codes(request, promotion, error=error, status=error.status)
    out = io.StringIO()
    csv.writer(out).writerows([["code"], *([code] for code in drawn)])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"codes-{promotion.public_id}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _number(text: str, name: str) -> int | None:
    """Return the whole number that was typed, nothing for an empty field."""
    plain = text.strip()
    if not plain:
        return None
    if not plain.isdecimal() or not 1 <= int(plain) <= 1_000_000:
        sentence = _("Type a whole number from 1 on.")
        raise DomainError("dashboard.number", sentence, status=422, fields={name: sentence})
    return int(plain)
