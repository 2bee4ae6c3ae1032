"""What applying rows would do, worked out a chunk at a time; and doing it, and undoing it."""

from __future__ import annotations

from apps.imports.models import ImportRun
from apps.imports.planning.common import Parsed, Plan, Planner, Problem, SheetReader, Undone
from apps.imports.planning.prices import PricePlanner
from apps.imports.planning.products import ProductPlanner
from apps.imports.planning.stock import StockPlanner
from apps.merchants.models import Merchant

_PLANNERS: dict[str, type[ProductPlanner | PricePlanner | StockPlanner]] = {
    ImportRun.Kind.PRODUCTS: ProductPlanner,
    ImportRun.Kind.PRICES: PricePlanner,
    ImportRun.Kind.STOCK: StockPlanner,
}


def planner_of(kind: str, merchant: Merchant) -> Planner:
    """Return the planner of a kind of sheet for one company."""
    return _PLANNERS[kind](merchant)


__all__ = ["Parsed", "Plan", "Planner", "Problem", "SheetReader", "Undone", "planner_of"]
