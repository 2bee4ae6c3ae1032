"""The history of a balance: every movement with the figures after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from apps.common.pagination import Page, paginate
from apps.inventory import buckets
from apps.inventory.models import StockAdjustment, StockBalance, StockLotEntry, StockPosting
from apps.inventory.states import Disposition
from apps.merchants.models import Merchant

_SIDES = ("from_disposition", "to_disposition")


@dataclass(frozen=True, slots=True)
class Step:
    """One movement: what changed in which condition, the figures after it, and who did it by hand.

    ``owner`` is the outward id of what moved it: an order, a cart's reservation, an adjustment.
    """

    at: datetime
    reason: str
    quantity: int
    source: str
    target: str
    reference: str
    after: Mapping[str, int]
    adjustment: StockAdjustment | None = None
    lots: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """The outward id within the reference, or nothing."""
        parts = (part for part in self.reference.split(":") if part[3:4] == "_")
        return next(parts, "")


def page_of_history(
    merchant: Merchant, balance: StockBalance, *, cursor: str = "", size: int = 50
) -> Page[Step]:
    """Return a page of a balance's movements, the newest first, each with the figures after it.

    Figures are worked out backwards from the balance: what was moved after the page's first row is
    taken off again. Four statements at most.
    """
    own = StockPosting.objects.filter(merchant=merchant, balance=balance)
    page = paginate(
        own.select_related("balance"), key="id", cursor=cursor, size=size, is_time=False
    )
    if not page.rows:
        return Page([], page.next_cursor, page.previous_cursor)
    # The rows bring the balance as it was when they were read: both are of one moment.
    buckets.fold([page.rows[0].balance])
    figures = {name: getattr(page.rows[0].balance, name) for name in Disposition.values}
    if cursor:
        later = own.filter(id__gt=page.rows[0].pk)
        for source, target, units in (
            later.order_by()
            .values(*_SIDES)
            .annotate(units=Sum("quantity"))
            .values_list(*_SIDES, "units")
        ):
            _undo(figures, source, target, units)
    adjustments, lots = _adjustments(merchant, page.rows), _lots(merchant, page.rows)
    steps = []
    for posting in page.rows:
        steps.append(_step(posting, dict(figures), adjustments, lots.get(posting.pk, ())))
        _undo(figures, posting.from_disposition, posting.to_disposition, posting.quantity)
    return Page(steps, page.next_cursor, page.previous_cursor)


def _undo(figures: dict[str, int], source: str, target: str, units: int) -> None:
    if source:
        figures[source] += units
    if target:
        figures[target] -= units


def _adjustments(
    merchant: Merchant, postings: Iterable[StockPosting]
) -> dict[str, StockAdjustment]:
    wanted = {head for item in postings if (head := item.reference.split(":")[0])[:4] == "adj_"}
    if not wanted:
        return {}
    found = StockAdjustment.objects.filter(merchant=merchant, public_id__in=wanted)
    return {item.public_id: item for item in found}


def _lots(merchant: Merchant, postings: Iterable[StockPosting]) -> dict[int, tuple[str, ...]]:
    keys = [posting.pk for posting in postings]
    found = StockLotEntry.objects.filter(merchant=merchant, posting__in=keys).order_by("id")
    codes: dict[int, tuple[str, ...]] = {}
    for posting, code in found.values_list("posting_id", "lot__code"):
        codes[posting] = (*codes.get(posting, ()), code)
    return codes


def _step(
    posting: StockPosting,
    after: Mapping[str, int],
    adjustments: Mapping[str, StockAdjustment],
    lots: tuple[str, ...],
) -> Step:
    return Step(
        posting.occurred_at,
        posting.reason,
        posting.quantity,
        posting.from_disposition,
        posting.to_disposition,
        posting.reference,
        after,
        adjustments.get(posting.reference.split(":")[0]),
        lots,
    )
