"""Pages of a person's own account: profile, look, security."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts import selectors, services
from apps.accounts.middleware import LANGUAGE_COOKIE
from apps.accounts.models import User
from apps.accounts.web.events import EVENT_LABELS, FACTOR_LABELS
from apps.accounts.web.forms import ProfileForm
from apps.common.clock import utc_now
from apps.common.web.access import BOTH, READ, WRITE, open_page, person_page, safe_next
from apps.journal.models import JournalEntry

YEAR_S = 365 * 24 * 3600


class PersonRequest(HttpRequest):
    """A request of a signed-in person."""

    user: User


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of the sign-in log as the page shows it."""

    entry: JournalEntry
    label: str
    detail: str


@person_page(*BOTH)
def profile(request: PersonRequest) -> HttpResponse:
    """Show and change the person's profile."""
    own = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=own)
    if request.method == "POST" and form.is_valid():
        saved = services.update_profile(request.user, changes=form.changes(), now=utc_now())
        with translation.override(saved.language or translation.get_language()):
            messages.success(request, _("Your profile is saved."))
        response = redirect("accounts:profile")
        return _remember(response, services.Look(saved.theme, saved.language, saved.density))
    status = 422 if form.errors else 200
    return render(
        request,
        "accounts/profile.html",
        {"form": form, "tab": "profile", "section": "settings"},
        status=status,
    )


@open_page(*WRITE)
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep theme, language or row height – for strangers in a cookie – and go back."""
    look = services.clean_look(request.POST.dict())
    if isinstance(request.user, User):
        services.update_look(request.user, look=look, now=utc_now())
    if request.headers.get("Accept", "").startswith("application/json"):
        return _remember(HttpResponse(status=204), look)
    return _remember(redirect(safe_next(request, "/")), look)


@never_cache
@person_page(*READ)
def security(request: PersonRequest) -> HttpResponse:
    """Show second factors, open sessions and the sign-in log."""
    key = request.session.session_key or ""
    facts = {
        "factors": selectors.get_factors(request.user),
        "sessions": selectors.list_sessions(request.user, current_key=key),
        "tab": "security",
        "section": "settings",
        "sign_ins": [_sign_in(entry) for entry in selectors.list_sign_ins(request.user)],
    }
    return render(request, "accounts/security.html", facts)


@person_page(*WRITE)
def end_session(request: PersonRequest, session_id: str) -> HttpResponse:
    """Sign the person out on another device."""
    services.end_session(request.user, session_id=int(session_id), now=utc_now())
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:security")


@person_page(*WRITE)
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    """Sign the person out everywhere but here."""
    key = request.session.session_key or ""
    services.end_other_sessions(request.user, current_key=key, now=utc_now())
    messages.success(request, _("All other devices are signed out."))
    return redirect("accounts:security")


def _sign_in(entry: JournalEntry) -> SignIn:
    label = EVENT_LABELS.get(entry.event)
    kind = FACTOR_LABELS.get(str(entry.payload.get("kind", "")), "")
    origin = (kind, entry.payload.get("browser"), entry.payload.get("network"))
    detail = " · ".join(str(part) for part in origin if part)
    return SignIn(entry, str(label or entry.event), detail)


def _remember(response: HttpResponse, look: services.Look) -> HttpResponse:
    """Write the look into cookies, so that it stays after signing out."""
    chosen = {"theme": look.theme, "density": look.density, LANGUAGE_COOKIE: look.language}
    for name, value in chosen.items():
        if value:
            response.set_cookie(
                name,
                value,
                max_age=YEAR_S,
                samesite="Lax",
                secure=bool(settings.SESSION_COOKIE_SECURE),
            )
    return response
