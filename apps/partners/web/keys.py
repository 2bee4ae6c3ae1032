"""Pages of API keys: list, create, look, rotate, revoke."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.web.access import BOTH, READ, WRITE, find_or_404, member_page
from apps.merchants.permissions import API_MANAGE
from apps.merchants.web.requests import MemberRequest
from apps.partners import selectors, services
from apps.partners.models import ApiKey
from apps.partners.web.forms import KeyForm, RotateForm
from apps.partners.web.shared import in_words, show

_SOON = timedelta(days=14)
_MAX_ROWS = 200


@member_page(*READ, permission=API_MANAGE)
def list_keys(request: MemberRequest) -> HttpResponse:
    """List the keys, what they may do and when they were used."""
    now = utc_now()
    keys = list(selectors.list_keys(request.member.merchant)[:_MAX_ROWS])
    rows = [(key, in_words(key.scopes), look_of(key, now)) for key in keys]
    return show(request, "keys", "keys", {"rows": rows})


@never_cache
@member_page(*BOTH, permission=API_MANAGE)
def create_key(request: MemberRequest) -> HttpResponse:
    """Create a key and show its secret this once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        made = services.create_key(
            request.member.merchant,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(now),
            actor=user_actor(request.user),
            now=now,
        )
        return _show_secret(request, made)
    status = 422 if form.errors else 200
    return show(request, "key_new", "keys", {"form": form}, status=status)


@member_page(*READ, permission=API_MANAGE)
def one_key(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show one key, with rotating and revoking."""
    key = find_or_404(selectors.get_key, request.member.merchant, public_id)
    look = look_of(key, utc_now())
    facts: dict[str, object] = {
        "key": key,
        "words": in_words(key.scopes),
        "look": look,
        "form": RotateForm(),
        "may_rotate": look != "revoked" and key.replaced_by_id is None,
    }
    return show(request, "key", "keys", facts)


@never_cache
@member_page(*WRITE, permission=API_MANAGE)
def rotate_key(request: MemberRequest, public_id: str) -> HttpResponse:
    """Make a key's successor and show its secret this once."""
    key = find_or_404(selectors.get_key, request.member.merchant, public_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        return redirect("partners:key", public_id)
    made = services.rotate_key(
        key, overlap=form.length(), actor=user_actor(request.user), now=utc_now()
    )
    return _show_secret(request, made)


@member_page(*WRITE, permission=API_MANAGE)
def revoke_key(request: MemberRequest, public_id: str) -> HttpResponse:
    """End a key now."""
    key = find_or_404(selectors.get_key, request.member.merchant, public_id)
    services.revoke_key(key, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The key is revoked. Calls with it are refused from now on."))
    return redirect("partners:keys")


def look_of(key: ApiKey, now: datetime) -> str:
    """Return the badge of a key: active, expiring or revoked (also when it ended by itself)."""
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return "revoked"
    if key.expires_at is not None and key.expires_at <= now + _SOON:
        return "expiring"
    return "active"


def _show_secret(request: MemberRequest, made: services.NewKey) -> HttpResponse:
    facts: dict[str, object] = {
        "secret": made.secret,
        "name": made.key.name,
        "words": in_words(made.key.scopes),
    }
    return show(request, "secret", "keys", facts)
