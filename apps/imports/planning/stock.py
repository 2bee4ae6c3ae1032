"""Stock from a sheet: one row sets what is available of one SKU at one place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from apps.catalog.models import Variant
from apps.imports.planning.common import Parsed, Plan, Undo, Undone
from apps.inventory import buckets
from apps.inventory import selectors as stock
from apps.inventory import services as inventory
from apps.inventory.models import Node, StockBalance
from apps.inventory.services import Count
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

REASON = "import"
UNDO_REASON = "undo"


@dataclass(slots=True)
class StockPlan(Plan):
    """The figures to set, and their rows."""

    counts: list[Count] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


class StockPlanner:
    """Plans figures of stock; the difference to what stands there becomes a posting."""

    def __init__(self, merchant: Merchant) -> None:
        """Plan for a company."""
        self._merchant = merchant
        self._nodes: dict[str, Node] = {node.code: node for node in stock.list_nodes(merchant)}

    def group_of(self, parsed: Parsed) -> str:
        """Return nothing: rows stand alone."""
        return ""

    def key_of(self, parsed: Parsed) -> str:
        """Return SKU and place: one row for each."""
        return f"{parsed.values['sku']} · {parsed.values.get('node', '')}"

    def plan(self, rows: Sequence[Parsed], *, lock: bool) -> StockPlan:
        """Work out which figures differ; two statements, however many rows."""
        plan = StockPlan()
        skus = {str(item.values["sku"]) for item in rows}
        found = Variant.objects.filter(merchant=self._merchant, sku__in=skus)
        variants = dict(found.values_list("sku", "pk"))
        known = self._balances(list(variants.values()), lock=lock)
        for parsed in rows:
            node = self._node(plan, parsed)
            sku = str(parsed.values["sku"])
            if sku not in variants:
                plan.refuse(parsed, "sku", "unknown_sku", value=sku)
            elif node is not None:
                self._plan_count(plan, parsed, Count(variants[sku], sku, node, 0), known)
        return plan

    def _plan_count(
        self, plan: StockPlan, parsed: Parsed, place: Count, known: dict[tuple[int, int], int]
    ) -> None:
        wanted = int(parsed.values["available"])
        before = known.get((place.variant_id, place.node.pk))
        if wanted == (before or 0):
            plan.unchanged.append(parsed)
            return
        if before is None:
            plan.new.append(parsed)
        else:
            plan.changed.append(parsed)
            plan.show(parsed, "available", before, wanted)
        plan.counts.append(Count(place.variant_id, place.sku, place.node, wanted))
        plan.rows.append(parsed.row.number)

    def _node(self, plan: Plan, parsed: Parsed) -> Node | None:
        code = str(parsed.values.get("node", ""))
        if not code and len(self._nodes) == 1:
            return next(iter(self._nodes.values()))
        node = self._nodes.get(code)
        if node is None:
            choices = ", ".join(sorted(self._nodes))
            problem = "unknown_node" if code else "node_missing"
            plan.refuse(parsed, "node", problem, value=code, choices=choices)
        return node

    def _balances(self, variants: Collection[int], *, lock: bool) -> dict[tuple[int, int], int]:
        rows = StockBalance.objects.filter(merchant=self._merchant, variant__in=variants)
        ordered = rows.order_by("pk")
        if lock:
            ordered = ordered.select_for_update()
        found = list(ordered)
        buckets.fold(found, lock=lock)
        return {(item.variant_id, item.node_id): item.available for item in found}

    def write(self, plan: Plan, *, reference: str, actor: Actor, now: datetime) -> Undo:
        """Set the figures; undoing needs each balance with its figures before and after."""
        if not isinstance(plan, StockPlan):
            raise TypeError("a plan of another kind")
        done = inventory.set_many(
            plan.counts,
            merchant=self._merchant,
            reason=REASON,
            reference=f"{REASON}:{reference}",
            actor=actor,
            now=now,
        )
        rows = zip(plan.rows, done, strict=True)
        return {"stock": [[row, item.balance_id, item.before, item.after] for row, item in rows]}

    def undo(
        self, undo: Undo, *, made_at: datetime, reference: str, actor: Actor, now: datetime
    ) -> Undone:
        """Put figures back where no unit moved since."""
        undone = Undone()
        rows = cast("list[tuple[int, int, int, int]]", undo["stock"])
        keys = [key for _row, key, _before, _after in rows]
        locked = StockBalance.objects.filter(merchant=self._merchant, pk__in=keys).order_by("pk")
        balances = {item.pk: item for item in locked.select_for_update()}
        buckets.fold(balances.values(), lock=True)
        newest = stock.find_newest_postings(self._merchant, keys)
        skus = dict(
            Variant.objects.filter(
                pk__in={item.variant_id for item in balances.values()}
            ).values_list("pk", "sku")
        )
        nodes = {node.pk: node for node in Node.objects.filter(merchant=self._merchant)}
        counts = []
        for row, key, before, after in rows:
            balance = balances.get(key)
            if balance is None:
                undone.refuse(row, "undo_gone")
            elif balance.available != after or newest.get(key) != f"{REASON}:{reference}:{key}":
                undone.refuse(row, "undo_moved", now=balance.available, then=after)
            else:
                sku, node = skus[balance.variant_id], nodes[balance.node_id]
                counts.append(Count(balance.variant_id, sku, node, before))
                undone.restored += 1
        inventory.set_many(
            counts,
            merchant=self._merchant,
            reason=UNDO_REASON,
            reference=f"{UNDO_REASON}:{reference}",
            actor=actor,
            now=now,
        )
        return undone
