"""What the stock pages of one SKU show: every place, and the story of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from apps.catalog.models import Variant
from apps.common.pagination import Page
from apps.dashboard.selectors.products import tell_reason
from apps.dashboard.words import country_name
from apps.inventory import buckets
from apps.inventory import selectors as inventory
from apps.inventory.models import Node, StockBalance
from apps.inventory.rules import Sellable, explain_sellable
from apps.inventory.states import COMING, ON_HAND, Disposition
from apps.merchants.models import Merchant
from apps.orders.models import Order

PAGE_SIZE = 50
# Neither a market nor a channel that an allocation could name.
ANYBODY = "*"
ALWAYS = (Disposition.AVAILABLE, Disposition.RESERVED)


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """The stock of a SKU at one place; ``others`` names every other condition that holds units."""

    node: Node
    figures: dict[str, int]

    @property
    def on_hand(self) -> int:
        """Units that stand there."""
        return sum(self.figures[name] for name in ON_HAND)

    @property
    def coming(self) -> int:
        """Units announced or on the way."""
        return sum(self.figures[name] for name in COMING)

    @property
    def available(self) -> int:
        """Units for sale."""
        return self.figures[Disposition.AVAILABLE]

    @property
    def reserved(self) -> int:
        """Units of orders and carts."""
        return self.figures[Disposition.RESERVED]

    @property
    def others(self) -> list[tuple[str, int]]:
        """Return (condition in words, units) of everything that is neither for sale nor reserved."""
        return [
            (str(Disposition(name).label), units)
            for name, units in self.figures.items()
            if units and name not in ALWAYS
        ]


def list_places(merchant: Merchant, variant: Variant, nodes: Sequence[Node]) -> list[PlaceRow]:
    """Return the SKU at every place, also where nothing stands (one statement)."""
    found = list(StockBalance.objects.filter(merchant=merchant, variant=variant))
    buckets.fold(found)
    known = {balance.node_id: balance for balance in found}
    return [PlaceRow(node, figures_of(known.get(node.pk))) for node in nodes]


def figures_of(balance: StockBalance | None) -> dict[str, int]:
    """Return condition → units of a balance, zeros without one."""
    return {name: getattr(balance, name) if balance else 0 for name in Disposition.values}


@dataclass(frozen=True, slots=True)
class Share:
    """What one market and channel may sell of a SKU, and why not more; empty ones mean any."""

    market: str
    channel: str
    found: Sellable
    mode: str = ""
    amount: int = 0

    @property
    def name(self) -> str:
        """The market in words."""
        return country_name(self.market) if self.market else ""


def list_shares(merchant: Merchant, variant: Variant) -> list[Share]:
    """Return what each allocation may sell, and last what everybody else may (two statements)."""
    supplies = inventory.list_supplies(merchant.pk, [variant.pk])
    shares = [
        Share(
            item.market,
            item.channel,
            explain_sellable(supplies, item.market or ANYBODY, item.channel or ANYBODY),
            item.mode,
            item.units or item.percent,
        )
        for item in inventory.list_allocations(merchant, variant)
    ]
    return [*shares, Share("", "", explain_sellable(supplies, ANYBODY, ANYBODY))]


def kept_back(merchant: Merchant, variant: Variant) -> dict[str, int | None]:
    """Return what the form of units kept back shows first: the SKU's own figure."""
    return {"units": inventory.find_safety_units(merchant, variant)}


@dataclass(frozen=True, slots=True)
class Told:
    """A movement in words: what happened, its own note, who did it, and the order behind it."""

    step: inventory.Step
    what: str
    sides: str
    note: str
    who: str
    order_number: str
    url: str
    figures: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A page of movements and the conditions that its columns show."""

    page: Page[inventory.Step]
    columns: tuple[str, ...]
    rows: tuple[Told, ...]


def tell_story(
    merchant: Merchant, balance: StockBalance | None, *, cursor: str = "", size: int = PAGE_SIZE
) -> Story:
    """Return a page of a balance's movements in words; four statements at most."""
    if balance is None:
        return Story(Page([], "", ""), (), ())
    page = inventory.page_of_history(merchant, balance, cursor=cursor, size=size)
    numbers = _order_numbers(merchant, page.rows)
    shown = _columns(page.rows)
    rows = tuple(_told(step, shown, numbers) for step in page.rows)
    return Story(page, tuple(str(Disposition(name).label) for name in shown), rows)


def _columns(steps: Sequence[inventory.Step]) -> list[str]:
    touched = {side for step in steps for side in (step.source, step.target)}
    held = {name for step in steps for name, units in step.after.items() if units}
    return [name for name in Disposition.values if name in ALWAYS or name in touched | held]


def _order_numbers(merchant: Merchant, steps: Sequence[inventory.Step]) -> dict[str, str]:
    wanted = {step.owner for step in steps if step.owner.startswith("ord_")}
    if not wanted:
        return {}
    found = Order.objects.filter(merchant=merchant, public_id__in=wanted)
    return dict(found.values_list("public_id", "number"))


def _told(step: inventory.Step, shown: Sequence[str], numbers: dict[str, str]) -> Told:
    number = numbers.get(step.owner, "")
    by_hand = step.adjustment
    return Told(
        step=step,
        what=tell_reason(step.reason),
        sides=" → ".join(
            str(Disposition(side).label) for side in (step.source, step.target) if side
        ),
        note=by_hand.note if by_hand else "",
        who=by_hand.made_by_name if by_hand else "",
        order_number=number,
        url=reverse("dashboard:order", args=[number]) if number else "",
        figures=tuple((step.after[name], _change(step, name)) for name in shown),
    )


def _change(step: inventory.Step, name: str) -> int:
    if name == step.target:
        return step.quantity
    return -step.quantity if name == step.source else 0
