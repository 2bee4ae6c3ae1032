"""Long work on many orders, one outcome per order, safe to be started again after a kill."""

from __future__ import annotations

import tempfile
import zoneinfo
from collections.abc import Iterator
from contextlib import suppress

from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.sheets import CSV
from apps.dashboard import bulk_actions, exports, stock_exports
from apps.dashboard.columns import read_columns
from apps.dashboard.selectors import order_list, product_list, stock_list
from apps.fulfillment import services as fulfillment
from apps.imports import exporting
from apps.jobs.progress import JobPaused, JobProgress
from apps.jobs.registry import job_runner
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import Order

SHIP, HOLD, RELEASE = "orders.ship", "orders.hold", "orders.release"
TAG, CANCEL, UNDO = "orders.tag", "orders.cancel", "orders.undo"
PRODUCTS_EXPORT = "products.export"


def _merchant(progress: JobProgress) -> Merchant:
    return Merchant.objects.get(pk=progress.job.tenant_id)


def _pending(progress: JobProgress) -> Iterator[tuple[int, Order]]:
    """Yield (row number, order) for the orders of the job that have no outcome yet.

    The job keeps the keys chosen at its start, not the filter: shipping an order takes it out of
    the view it was chosen from, and rows must keep their numbers when the job goes on.
    """
    merchant = _merchant(progress)
    keys = progress.parameters.get("orders")
    wanted = [key for key in keys if isinstance(key, int)] if isinstance(keys, list) else []
    for number, key in progress.pending(wanted):
        order = Order.objects.filter(merchant=merchant, pk=key).select_related("merchant").first()
        if order is None:
            progress.fail_row(number, "orders.not_found", _("This order does not exist."))
            continue
        yield number, order


@job_runner(SHIP, permission=permissions.SHIPMENTS_MANAGE)
def ship(progress: JobProgress) -> None:
    """Hand the shipments of each order over to the carrier."""
    for number, order in _pending(progress):
        with progress.row(number, order.number):
            [outcome] = fulfillment.hand_over_orders(
                order.merchant, [order.public_id], actor=progress.actor, now=progress.now
            )
            if outcome.error is not None:
                raise outcome.error


@job_runner(HOLD, permission=permissions.ORDERS_MANAGE, undo_kind=UNDO)
def hold(progress: JobProgress) -> None:
    """Hold each order."""
    reason = str(progress.parameters.get("reason", ""))
    for number, order in _pending(progress):
        with progress.row(number, order.number) as effect:
            effect.changed = bulk_actions.hold_order(
                order, reason=reason, actor=progress.actor, now=progress.now
            )


@job_runner(RELEASE, permission=permissions.ORDERS_MANAGE, undo_kind=UNDO)
def release(progress: JobProgress) -> None:
    """Release the holds that people placed; those of checks end with their cause."""
    for number, order in _pending(progress):
        with progress.row(number, order.number) as effect:
            effect.changed = bulk_actions.release_order(
                order, actor=progress.actor, now=progress.now
            )


@job_runner(TAG, permission=permissions.ORDERS_MANAGE, undo_kind=UNDO)
def tag(progress: JobProgress) -> None:
    """Put a tag on each order."""
    name = str(progress.parameters.get("tag", ""))
    for number, order in _pending(progress):
        with progress.row(number, order.number) as effect:
            effect.changed = bulk_actions.tag_order(
                order, name=name, actor=progress.actor, now=progress.now
            )


_UNDOES: dict[str, bulk_actions.Undo] = {
    HOLD: bulk_actions.undo_hold,
    RELEASE: bulk_actions.undo_release,
    TAG: bulk_actions.undo_tag,
}


@job_runner(UNDO, permission=permissions.ORDERS_MANAGE)
def undo(progress: JobProgress) -> None:
    """Take back what a job did to each order; what somebody changed since stays and says so."""
    merchant, undone = _merchant(progress), progress.job.undo_of
    if undone is None:
        raise DomainError("jobs.undo_impossible", _("This job changed nothing that can be undone."))
    for number, row in progress.undone_rows():
        with progress.row(number, row.reference):
            _UNDOES[undone.kind](merchant, row.changed, actor=progress.actor, now=progress.now)


@job_runner(CANCEL, permission=permissions.ORDERS_MANAGE)
def cancel(progress: JobProgress) -> None:
    """Cancel each order; what has left meanwhile says so."""
    reason = str(progress.parameters.get("reason", ""))
    for number, order in _pending(progress):
        with progress.row(number, order.number):
            orders.cancel_order(order, reason=reason, actor=progress.actor, now=progress.now)


@job_runner(exports.JOB_KIND, permission=permissions.ORDERS_VIEW)
def export(progress: JobProgress) -> None:
    """Write the chosen orders into a file in the language and zone of who asked."""
    merchant = _merchant(progress)
    selection = order_list.selection_from(progress.parameters)
    chosen = order_list.selected_orders(merchant, selection, now=progress.job.created_at)
    zone = zoneinfo.ZoneInfo(str(progress.parameters.get("time_zone", "UTC")))
    language = str(progress.parameters.get("language", "en"))
    form = str(progress.parameters.get("form", CSV))
    with (
        translation.override(language),
        timezone.override(zone),
        tempfile.TemporaryFile() as target,
    ):
        columns = read_columns(str(progress.parameters.get("columns", "")))
        written = exports.write_orders(
            target, merchant, chosen, zone=zone, form=form, columns=columns
        )
        for count in written:
            progress.advance(count)
        target.seek(0)
        name = exports.file_name(progress.job.created_at, zone, form)
        progress.save_file(name, target.read())


@job_runner(PRODUCTS_EXPORT, permission=permissions.PRODUCTS_VIEW)
def export_products(progress: JobProgress) -> None:
    """Write the chosen products, their prices or their stock into a sheet."""
    merchant = _merchant(progress)
    asked = progress.parameters
    kind, form = str(asked.get("kind")), str(asked.get("form"))
    state = product_list.read_state(QueryDict(str(asked.get("query", ""))))
    chunks = list(product_list.iterate_keys(merchant, state))
    progress.set_total(sum(map(len, chunks)))
    zone = zoneinfo.ZoneInfo(str(asked.get("time_zone", "UTC")))
    with (
        translation.override(str(asked.get("language", "en"))),
        tempfile.TemporaryFile() as target,
    ):
        done = 0
        for count in exporting.write_sheet(
            target,
            chunks,
            merchant=merchant,
            kind=kind,
            form=form,
            has_cost=bool(asked.get("has_cost")),
        ):
            done += count
            # A file is written in one go: a slice that ends does not stop it.
            with suppress(JobPaused):
                progress.advance(max(0, done - progress.done_count))
        target.seek(0)
        name = exporting.file_name(kind, form, progress.job.created_at.astimezone(zone))
        progress.save_file(name, target.read())


@job_runner(stock_exports.JOB_KIND, permission=permissions.STOCK_VIEW)
def export_stock(progress: JobProgress) -> None:
    """Write the stock list into a file in the language of who asked."""
    merchant = _merchant(progress)
    asked = progress.parameters
    state = stock_list.read_state(QueryDict(str(asked.get("query", ""))))
    form, zone = str(asked.get("form")), zoneinfo.ZoneInfo(str(asked.get("time_zone", "UTC")))
    lines = stock_list.iterate_lines(merchant, state, now=progress.job.created_at)
    with (
        translation.override(str(asked.get("language", "en"))),
        tempfile.TemporaryFile() as target,
    ):
        done = 0
        for count in stock_exports.write_sheet(target, lines, form=form):
            done += count
            # A file is written in one go: a slice that ends does not stop it.
            with suppress(JobPaused):
                progress.advance(max(0, done - progress.done_count))
        target.seek(0)
        name = stock_exports.file_name(progress.job.created_at.astimezone(zone), form)
        progress.save_file(name, target.read())
