"""Who may open a page of the portal: method, sign-in, company, permission – in that order."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
)
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.common.errors import PermissionMissingError

P = ParamSpec("P")
T = TypeVar("T")
View = Callable[..., HttpResponseBase]
START_PAGE = "merchants:create"
READ = ("GET", "HEAD")
WRITE = ("POST",)
BOTH = ("GET", "HEAD", "POST")


def permissions_of(request: HttpRequest) -> frozenset[str]:
    """Return what the person may do in the company they work for (nothing without one)."""
    held: frozenset[str] = getattr(request, "permissions", frozenset())
    return held


def may(request: HttpRequest, permission: str) -> bool:
    """Say whether the person's role holds the permission."""
    return permission in permissions_of(request)


def require(request: HttpRequest, permission: str) -> None:
    """Raise ``PermissionMissingError`` (403) unless the person's role holds ``permission``."""
    if not may(request, permission):
        raise PermissionMissingError(
            permission,
            _("Your role does not allow this. Ask an owner of the company to change your role."),
        )


def member_page(*methods: str, permission: str = "") -> Callable[[View], View]:
    """Guard a view: 405, then sign-in, then a company to work for, then the permission (403)."""
    return _guarded(methods, needs_member=True, permission=permission)


def person_page(*methods: str) -> Callable[[View], View]:
    """Guard a view for any signed-in person, with or without a company."""
    return _guarded(methods, needs_member=False, permission="")


def open_page(*methods: str) -> Callable[[View], View]:
    """Guard a view by its methods only."""

    def guard(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, **parts: str) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, **parts)

        return _labelled(door, methods, "")

    return guard


def _guarded(
    methods: tuple[str, ...], *, needs_member: bool, permission: str
) -> Callable[[View], View]:
    def guard(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, **parts: str) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if needs_member and getattr(request, "member", None) is None:
                return redirect(START_PAGE)
            if permission:
                require(request, permission)
            if needs_member and request.method not in READ:
                refuse_change = getattr(request, "refuse_change", None)
                if refuse_change is not None:
                    refuse_change()
            return view(request, **parts)

        return _labelled(door, methods, permission)

    return guard


def _labelled(door: View, methods: tuple[str, ...], permission: str) -> View:
    """Write on the view what it asks for, so that a test can walk all addresses."""
    door.portal_methods = methods  # type: ignore[attr-defined]
    door.portal_permission = permission  # type: ignore[attr-defined]
    return door


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Return the address named in ``next`` when it is one of ours, else ``fallback``."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith("/") else fallback


def back(request: HttpRequest, fallback: str) -> HttpResponse:
    """Send the person back to the page named in ``next`` if it is ours, else to ``fallback``."""
    return redirect(safe_next(request, fallback))


def find_or_404(get: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a selector finds; what it does not find, or is another company's, is a 404."""
    try:
        return get(*args, **kwargs)
    except ObjectDoesNotExist as error:
        raise Http404 from error
