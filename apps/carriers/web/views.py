"""Pages of carrier accounts: list, connect, one with its bookings and calls."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.carriers import selectors, services
from apps.carriers.models import CarrierAccount
from apps.carriers.states import BookingStatus
from apps.carriers.web.forms import AccountForm
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.common.web.access import BOTH, READ, WRITE, find_or_404, may, member_page
from apps.merchants.permissions import SETTINGS_MANAGE, SHIPMENTS_MANAGE, SHIPMENTS_VIEW
from apps.merchants.web.requests import MemberRequest

_PAGE = 25
_CALLS = 10
_S = BookingStatus
_VIEWS = {
    "stuck": Q(status__in=[_S.REFUSED, _S.UNSURE]) | Q(status=_S.BOOKED, released_at__isnull=False),
    "waiting": Q(status__in=[_S.WANTED, _S.SENDING, _S.VOIDING]),
    "booked": Q(status=_S.BOOKED, released_at=None),
}


@member_page(*READ, permission=SHIPMENTS_VIEW)
def list_accounts(request: MemberRequest) -> HttpResponse:
    """List the accounts (two statements beside the frame's)."""
    accounts = list(selectors.list_accounts(request.member.merchant))
    rows = [(account, look_of(account)) for account in accounts]
    return _show(request, "accounts", {"rows": rows})


@member_page(*BOTH, permission=SETTINGS_MANAGE)
def connect(request: MemberRequest) -> HttpResponse:
    """Add an account and ask the carrier at once."""
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.check_url(form.cleaned_data["url"])
            account = services.connect_account(
                request.member.merchant,
                **form.cleaned_data,
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as error:
            _explain(form, error)
        else:
            _ask(request, account)
            return redirect("carriers:account", account.public_id)
    return _show(request, "account_form", {"form": form}, status=422 if form.errors else 200)


@member_page(*READ, permission=SHIPMENTS_VIEW)
def account(request: MemberRequest, account_id: str) -> HttpResponse:
    """Show an account: how it goes, its bookings, its last calls."""
    found = find_or_404(selectors.get_account, request.member.merchant, account_id)
    view = request.GET.get("view", "")
    bookings = selectors.list_bookings(request.member.merchant).filter(account=found)
    if view in _VIEWS:
        bookings = bookings.filter(_VIEWS[view])
    cursor = request.GET.get("cursor", "")
    page = paginate(bookings, key="id", cursor=cursor, size=_PAGE, is_time=False)
    facts: dict[str, object] = {
        "account": found,
        "look": look_of(found),
        "page": page,
        "view": view,
        "calls": list(selectors.list_calls(found).order_by("-id")[:_CALLS]),
    }
    return _show(request, "account", facts)


@member_page(*BOTH, permission=SETTINGS_MANAGE)
def change(request: MemberRequest, account_id: str) -> HttpResponse:
    """Change an account."""
    found = find_or_404(selectors.get_account, request.member.merchant, account_id)
    known = {"name": found.name, "url": found.url, "per_minute": found.per_minute}
    form = AccountForm(request.POST or None, initial=known)
    form.keep_key()
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["url"] != found.url:
                services.check_url(form.cleaned_data["url"])
            services.change_account(
                found, **form.cleaned_data, actor=user_actor(request.user), now=utc_now()
            )
        except DomainError as error:
            _explain(form, error)
        else:
            messages.success(request, _("The account is changed."))
            return redirect("carriers:account", account_id)
    facts: dict[str, object] = {"form": form, "account": found}
    return _show(request, "account_form", facts, status=422 if form.errors else 200)


@member_page(*WRITE, permission=SETTINGS_MANAGE)
def check(request: MemberRequest, account_id: str) -> HttpResponse:
    """Ask the carrier what may be booked."""
    found = find_or_404(selectors.get_account, request.member.merchant, account_id)
    _ask(request, found)
    return redirect("carriers:account", account_id)


@member_page(*WRITE, permission=SETTINGS_MANAGE)
def pause(request: MemberRequest, account_id: str) -> HttpResponse:
    """Book nothing more there."""
    found = find_or_404(selectors.get_account, request.member.merchant, account_id)
    services.pause_account(found, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("Nothing more is booked there until you resume the account."))
    return redirect("carriers:account", account_id)


@member_page(*WRITE, permission=SETTINGS_MANAGE)
def resume(request: MemberRequest, account_id: str) -> HttpResponse:
    """Book there again."""
    found = find_or_404(selectors.get_account, request.member.merchant, account_id)
    services.resume_account(found, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The account is used again."))
    return redirect("carriers:account", account_id)


@member_page(*WRITE, permission=SHIPMENTS_MANAGE)
def again(request: MemberRequest, account_id: str, booking_id: str) -> HttpResponse:
    """Ask the carrier again for what it refused."""
    found = find_or_404(selectors.get_account, request.member.merchant, account_id)
    booking = find_or_404(selectors.get_booking, request.member.merchant, booking_id)
    if booking.account_id != found.pk:
        raise Http404
    services.reopen(booking, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The carrier is asked again."))
    return redirect("carriers:account", account_id)


def look_of(account: CarrierAccount) -> str:
    """Return the badge of an account."""
    if account.paused_at is not None:
        return "paused"
    if account.health.open_until is not None:
        return "down"
    if account.health.failures:
        return "failing"
    return "working" if account.checked_at is not None else "unchecked"


def _ask(request: MemberRequest, account: CarrierAccount) -> None:
    try:
        asked = services.check_account(account, actor=user_actor(request.user))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        names = ", ".join(item["name"] for item in asked.services[:5])
        messages.success(request, _("The carrier answered: %(services)s.") % {"services": names})


def _explain(form: AccountForm, error: DomainError) -> None:
    if not error.fields:
        form.add_error(None, error.message)
    for name, sentence in error.fields.items():
        form.add_error(name if name in form.fields else None, sentence)


def _show(
    request: HttpRequest, page: str, facts: dict[str, object], *, status: int = 200
) -> HttpResponse:
    shared: dict[str, object] = {
        "tab": "carriers",
        "section": "settings",
        "may_set": may(request, SETTINGS_MANAGE),
        "may_manage": may(request, SHIPMENTS_MANAGE),
    }
    return render(request, f"carriers/{page}.html", {**shared, **facts}, status=status)
