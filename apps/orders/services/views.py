"""Saved views: a named filter of the order list."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.orders import events
from apps.orders.models import SavedView

MAX_NAME = 60
MAX_QUERY = 500
MAX_VIEWS = 30


def save_view(
    merchant: Merchant,
    *,
    owner_id: str,
    name: str,
    query: str,
    is_shared: bool,
    actor: Actor,
    now: datetime,
) -> SavedView:
    """Keep a filter under a name; the same name of the same person is replaced.

    ``query`` is the query string of the list. Refuses (422) an empty name, a filter that is too
    long, and more than ``MAX_VIEWS`` views of one person.
    """
    wanted = name.strip()[:MAX_NAME]
    if not wanted:
        raise _refused("name", _("Give the view a name."))
    if len(query) > MAX_QUERY:
        raise _refused("query", _("This filter is too long to keep."))
    with transaction.atomic():
        own = SavedView.objects.filter(merchant=merchant, owner_id=owner_id)
        if own.exclude(name=wanted).count() >= MAX_VIEWS:
            sentence = _("You have %(limit)s views. Delete one first.") % {"limit": MAX_VIEWS}
            raise _refused("name", sentence)
        view, _is_new = SavedView.objects.update_or_create(
            merchant=merchant,
            owner_id=owner_id,
            name=wanted,
            defaults={"query": query, "is_shared": is_shared},
        )
        _record(events.VIEW_SAVED, view, merchant, actor=actor, now=now)
    saved: SavedView = view
    return saved


def change_view(
    view: SavedView, *, owner_id: str, name: str, is_shared: bool, actor: Actor, now: datetime
) -> SavedView:
    """Give a person's own view another name, share it or keep it for themselves.

    Refuses (422) an empty name and one that another view of the person has; 403 for a view that
    somebody else shared.
    """
    _require_own(view, owner_id)
    wanted = name.strip()[:MAX_NAME]
    if not wanted:
        raise _refused("name", _("Give the view a name."))
    with transaction.atomic():
        own = SavedView.objects.filter(merchant=view.merchant, owner_id=owner_id, name=wanted)
        if own.exclude(pk=view.pk).exists():
            raise _refused("name", _("Another of your views has this name."))
        view.name, view.is_shared = wanted, is_shared
        view.save(update_fields=["name", "is_shared"])
        _record(events.VIEW_CHANGED, view, view.merchant, actor=actor, now=now)
    return view


def delete_view(view: SavedView, *, owner_id: str, actor: Actor, now: datetime) -> None:
    """Delete a person's own view; a view that somebody else shared stays (403)."""
    _require_own(view, owner_id)
    with transaction.atomic():
        _record(events.VIEW_DELETED, view, view.merchant, actor=actor, now=now)
        view.delete()


def _require_own(view: SavedView, owner_id: str) -> None:
    if view.owner_id != owner_id:
        raise DomainError(
            "orders.foreign_view", _("Only the person who saved a view can change it."), status=403
        )


def _record(
    event: str, view: SavedView, merchant: Merchant, *, actor: Actor, now: datetime
) -> None:
    journal.record(
        event,
        merchant=merchant,
        subject=view,
        actor=actor,
        now=now,
        payload={"name": view.name, "is_shared": view.is_shared},
    )


def _refused(field: str, sentence: str) -> DomainError:
    return DomainError("orders.view", sentence, status=422, fields={field: sentence})
