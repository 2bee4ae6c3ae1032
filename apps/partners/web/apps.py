"""Pages of OAuth apps: list, create, new secret, revoke."""

from __future__ import annotations

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
from apps.partners.web.forms import ScopedForm
from apps.partners.web.shared import in_words, show

_MAX_ROWS = 200


@member_page(*READ, permission=API_MANAGE)
def list_apps(request: MemberRequest) -> HttpResponse:
    """List the OAuth apps."""
    apps = list(selectors.list_apps(request.member.merchant)[:_MAX_ROWS])
    rows = [(app, in_words(app.scopes)) for app in apps]
    return show(request, "apps", "apps", {"rows": rows})


@never_cache
@member_page(*BOTH, permission=API_MANAGE)
def create_app(request: MemberRequest) -> HttpResponse:
    """Register an app and show its secret this once."""
    form = ScopedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.create_app(
            request.member.merchant,
            **form.cleaned_data,
            actor=user_actor(request.user),
            now=utc_now(),
        )
        return _show_secret(request, made)
    status = 422 if form.errors else 200
    return show(request, "app_new", "apps", {"form": form}, status=status)


@member_page(*READ, permission=API_MANAGE)
def one_app(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show one app, with a new secret and revoking."""
    app = find_or_404(selectors.get_app, request.member.merchant, public_id)
    return show(request, "app", "apps", {"app": app, "words": in_words(app.scopes)})


@never_cache
@member_page(*WRITE, permission=API_MANAGE)
def rotate_secret(request: MemberRequest, public_id: str) -> HttpResponse:
    """Replace an app's secret and show it this once."""
    app = find_or_404(selectors.get_app, request.member.merchant, public_id)
    made = services.rotate_app_secret(app, actor=user_actor(request.user), now=utc_now())
    return _show_secret(request, made)


@member_page(*WRITE, permission=API_MANAGE)
def revoke_app(request: MemberRequest, public_id: str) -> HttpResponse:
    """End an app and its tokens now."""
    app = find_or_404(selectors.get_app, request.member.merchant, public_id)
    services.revoke_app(app, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The app is revoked. Its tokens no longer work."))
    return redirect("partners:apps")


def _show_secret(request: MemberRequest, made: services.NewApp) -> HttpResponse:
    facts: dict[str, object] = {
        "secret": made.secret,
        "client_id": made.app.client_id,
        "name": made.app.name,
        "words": in_words(made.app.scopes),
    }
    return show(request, "secret", "apps", facts)
