"""Pages of webhooks: list, create, one with its delivery log, and what can be done to it."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.common.web.access import BOTH, READ, WRITE, find_or_404, member_page
from apps.merchants.permissions import API_MANAGE
from apps.merchants.web.requests import MemberRequest
from apps.partners import selectors, services
from apps.partners.models import WebhookDelivery, WebhookEndpoint
from apps.partners.web.forms import EndpointForm, ReplayForm
from apps.partners.web.shared import events_in_words, show

_PAGE = 25
_STATES = {"waiting": "pending", "delivered": "delivered", "failed": "failed"}


@member_page(*READ, permission=API_MANAGE)
def list_endpoints(request: MemberRequest) -> HttpResponse:
    """List the webhooks."""
    endpoints = list(selectors.list_endpoints(request.member.merchant)[:200])
    return show(request, "webhooks", "webhooks", {"endpoints": endpoints})


@member_page(*BOTH, permission=API_MANAGE)
def create_endpoint(request: MemberRequest) -> HttpResponse:
    """Add a webhook."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.check_url(form.cleaned_data["url"])
            endpoint, _secret = services.create_endpoint(
                request.member.merchant,
                url=form.cleaned_data["url"],
                events_wanted=form.cleaned_data["events"],
                description=form.cleaned_data["description"],
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as error:
            _explain(form, error)
        else:
            messages.success(request, _("The webhook is added. Send it a test message."))
            return redirect("partners:webhook", endpoint.public_id)
    status = 422 if form.errors else 200
    return show(request, "webhook_new", "webhooks", {"form": form}, status=status)


@member_page(*READ, permission=API_MANAGE)
def one_endpoint(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show a webhook and what was sent to it."""
    endpoint = find_or_404(selectors.get_endpoint, request.member.merchant, public_id)
    view = request.GET.get("view", "")
    found = selectors.list_deliveries(endpoint, _STATES.get(view, ""))
    cursor = request.GET.get("cursor", "")
    page = paginate(found, key="id", cursor=cursor, size=_PAGE, is_time=False)
    facts: dict[str, object] = {
        "endpoint": endpoint,
        "page": page,
        "rows": [(delivery, look_of(delivery)) for delivery in page.rows],
        "view": view,
        "event_words": events_in_words(endpoint.events),
        "replay_form": ReplayForm(),
    }
    return show(request, "webhook", "webhooks", facts)


@member_page(*BOTH, permission=API_MANAGE)
def change_endpoint(request: MemberRequest, public_id: str) -> HttpResponse:
    """Change a webhook's address and events."""
    endpoint = find_or_404(selectors.get_endpoint, request.member.merchant, public_id)
    known = {
        "url": endpoint.url,
        "description": endpoint.description,
        "events": endpoint.events,
    }
    form = EndpointForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["url"] != endpoint.url:
                services.check_url(form.cleaned_data["url"])
            services.update_endpoint(
                endpoint,
                url=form.cleaned_data["url"],
                events_wanted=form.cleaned_data["events"],
                description=form.cleaned_data["description"],
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as error:
            _explain(form, error)
        else:
            messages.success(request, _("The webhook is changed."))
            return redirect("partners:webhook", public_id)
    facts: dict[str, object] = {"form": form, "endpoint": endpoint}
    return show(request, "webhook_new", "webhooks", facts, status=422 if form.errors else 200)


@never_cache
@member_page(*READ, permission=API_MANAGE)
def show_secret(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show the secret that signs the messages."""
    endpoint = find_or_404(selectors.get_endpoint, request.member.merchant, public_id)
    secrets = services.signing_secrets(endpoint, now=utc_now())
    return show(request, "webhook_secret", "webhooks", {"endpoint": endpoint, "secrets": secrets})


def _action(act: Callable[[MemberRequest, WebhookEndpoint], str]) -> Callable[..., HttpResponse]:
    """Make a POST page of something done to a webhook; ``act`` returns the message."""

    @member_page(*WRITE, permission=API_MANAGE)
    def page(request: MemberRequest, public_id: str) -> HttpResponse:
        endpoint = find_or_404(selectors.get_endpoint, request.member.merchant, public_id)
        messages.success(request, act(request, endpoint))
        if act is _remove:
            return redirect("partners:webhooks")
        return redirect("partners:webhook", public_id)

    return page  # type: ignore[return-value]


def _test(request: MemberRequest, endpoint: WebhookEndpoint) -> str:
    services.send_test(endpoint, now=utc_now())
    return _("A test message is on its way. See below what became of it.")


def _pause(request: MemberRequest, endpoint: WebhookEndpoint) -> str:
    services.pause_endpoint(endpoint, actor=user_actor(request.user), now=utc_now())
    return _("The webhook is paused.")


def _resume(request: MemberRequest, endpoint: WebhookEndpoint) -> str:
    services.resume_endpoint(endpoint, actor=user_actor(request.user), now=utc_now())
    return _("The webhook is sending again.")


def _rotate(request: MemberRequest, endpoint: WebhookEndpoint) -> str:
    services.rotate_signing_secret(endpoint, actor=user_actor(request.user), now=utc_now())
    return _("There is a new secret. For 24 hours messages carry the signatures of both.")


def _remove(request: MemberRequest, endpoint: WebhookEndpoint) -> str:
    services.remove_endpoint(endpoint, actor=user_actor(request.user), now=utc_now())
    return _("The webhook is removed.")


def _replay(request: MemberRequest, endpoint: WebhookEndpoint) -> str:
    form = ReplayForm(request.POST)
    if not form.is_valid():
        raise DomainError("partners.period", _("Choose a period."), status=422)
    now = utc_now()
    count = services.replay_since(
        endpoint, form.since(now), actor=user_actor(request.user), now=now
    )
    return ngettext(
        "%(count)d message is on its way again.",
        "%(count)d messages are on their way again.",
        count,
    ) % {"count": count}


test_endpoint = _action(_test)
pause_endpoint = _action(_pause)
resume_endpoint = _action(_resume)
rotate_secret = _action(_rotate)
remove_endpoint = _action(_remove)
replay_since = _action(_replay)


@member_page(*READ, permission=API_MANAGE)
def one_delivery(request: MemberRequest, public_id: str, delivery_id: str) -> HttpResponse:
    """Show a message and the last answer to it."""
    endpoint = find_or_404(selectors.get_endpoint, request.member.merchant, public_id)
    delivery = find_or_404(selectors.get_delivery, endpoint, delivery_id)
    facts: dict[str, object] = {
        "endpoint": endpoint,
        "delivery": delivery,
        "body": json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False),
        "look": look_of(delivery),
    }
    return show(request, "delivery", "webhooks", facts)


@member_page(*WRITE, permission=API_MANAGE)
def replay_delivery(request: MemberRequest, public_id: str, delivery_id: str) -> HttpResponse:
    """Send one message again."""
    endpoint = find_or_404(selectors.get_endpoint, request.member.merchant, public_id)
    delivery = find_or_404(selectors.get_delivery, endpoint, delivery_id)
    services.replay_delivery(delivery, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The message is on its way again."))
    return redirect("partners:delivery", public_id, delivery_id)


def look_of(delivery: WebhookDelivery) -> str:
    """Return the badge of a delivery: a pending one that failed before is being tried again."""
    if delivery.state == WebhookDelivery.State.PENDING and delivery.attempts:
        return "retrying"
    return delivery.state


def _explain(form: EndpointForm, error: DomainError) -> None:
    if not error.fields:
        form.add_error(None, error.message)
    for name, sentence in error.fields.items():
        form.add_error(name if name in form.fields else None, sentence)
