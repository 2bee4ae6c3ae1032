"""Pure rules of stock: what may be sold where, and which node serves which line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Demand:
    """A quantity of one variant that an order needs."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units or a share of a variant that are set aside for a market, a channel or both."""

    market: str
    channel: str
    units: int
    percent: int

    def share(self, total: int) -> int:
        """Return how many of ``total`` units are set aside."""
        return min(self.units, total) + total * self.percent // 100

    def serves(self, market: str, channel: str) -> bool:
        """Say whether a sale there may take from it."""
        return self.market in {"", market} and self.channel in {"", channel}


@dataclass(frozen=True, slots=True)
class Supply:
    """What is available of a variant at a node; ``balance_id`` names the row to reserve from.

    ``safety`` units of it are kept back, ``allocations`` are the variant's at all nodes.
    """

    balance_id: int
    node_id: int
    variant_id: int
    available: int
    is_hot: bool = False
    safety: int = 0
    allocations: tuple[Allocation, ...] = ()


@dataclass(frozen=True, slots=True)
class Sellable:
    """How many units a market and channel may sell of a variant, and where the others went.

    ``available = kept_back + set_aside + units``; ``own`` is the allocation that decided, if any.
    """

    available: int
    kept_back: int
    set_aside: int
    units: int
    own: Allocation | None = None


def explain_sellable(supplies: Sequence[Supply], market: str, channel: str) -> Sellable:
    """Work out what a market and channel may sell of the supplies of one variant.

    Its own allocation counts (the most exact one: market and channel, then channel, then market);
    without one it sells what no allocation sets aside.
    """
    available = sum(supply.available for supply in supplies)
    free = sum(_free(supply) for supply in supplies)
    allocations = supplies[0].allocations if supplies else ()
    serving = [item for item in allocations if item.serves(market, channel)]
    own = max(serving, key=lambda item: (bool(item.channel), bool(item.market)), default=None)
    if own is not None:
        units = min(own.share(free), free)
    else:
        units = max(0, free - sum(item.share(free) for item in allocations))
    return Sellable(available, available - free, free - units, units, own)


def sellable(supplies: Sequence[Supply], market: str, channel: str) -> list[Supply]:
    """Return the supplies with what may be sold of each; together never more than may be sold.

    A variant's units lie where most are free, then by balance. Without safety units and allocations
    everything that is available may be sold.
    """
    if not any(supply.safety or supply.allocations for supply in supplies):
        return list(supplies)
    limits: dict[int, int] = {}
    by_variant: dict[int, list[Supply]] = {}
    for supply in supplies:
        by_variant.setdefault(supply.variant_id, []).append(supply)
    for group in by_variant.values():
        rest = explain_sellable(group, market, channel).units
        for supply in sorted(group, key=lambda item: (-_free(item), item.balance_id)):
            limits[supply.balance_id] = min(_free(supply), rest)
            rest -= limits[supply.balance_id]
    return [replace(supply, available=limits[supply.balance_id]) for supply in supplies]


def _free(supply: Supply) -> int:
    return max(0, supply.available - supply.safety)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The balance that serves a demand."""

    demand: Demand
    supply: Supply


def assign(
    demands: Sequence[Demand], supplies: Sequence[Supply], node_order: Sequence[int]
) -> list[Assignment] | list[Demand]:
    """Choose a balance for every demand, or return the demands that nothing can serve.

    One node for the whole order if there is one (fewest parcels), in ``node_order``; otherwise per
    demand the first node in that order that has enough. Quantities already assigned to earlier
    demands of the same variant count as taken.
    """
    by_node: dict[int, dict[int, Supply]] = {}
    for supply in supplies:
        by_node.setdefault(supply.node_id, {})[supply.variant_id] = supply
    for node_id in node_order:
        whole = _from_nodes(demands, by_node, [node_id])
        if whole is not None:
            return whole
    split = _from_nodes(demands, by_node, node_order)
    return split if split is not None else _unserved(demands, by_node)


def share_evenly(total: int, parts: int) -> list[int]:
    """Split a number of units into ``parts`` that differ by one at most, the larger ones first."""
    share, rest = divmod(total, parts)
    return [share + (number < rest) for number in range(parts)]


def _from_nodes(
    demands: Sequence[Demand],
    by_node: Mapping[int, Mapping[int, Supply]],
    node_order: Sequence[int],
) -> list[Assignment] | None:
    taken: dict[int, int] = {}
    result: list[Assignment] = []
    for demand in demands:
        for node_id in node_order:
            supply = by_node.get(node_id, {}).get(demand.variant_id)
            if supply is None:
                continue
            used = taken.get(supply.balance_id, 0)
            if supply.available - used >= demand.quantity:
                taken[supply.balance_id] = used + demand.quantity
                result.append(Assignment(demand, supply))
                break
        else:
            return None
    return result


def _unserved(
    demands: Sequence[Demand], by_node: Mapping[int, Mapping[int, Supply]]
) -> list[Demand]:
    best: dict[int, int] = {}
    for shelf in by_node.values():
        for variant_id, supply in shelf.items():
            best[variant_id] = max(best.get(variant_id, 0), supply.available)
    wanted: dict[int, int] = {}
    for demand in demands:
        wanted[demand.variant_id] = wanted.get(demand.variant_id, 0) + demand.quantity
    short = [d for d in demands if wanted[d.variant_id] > best.get(d.variant_id, 0)]
    return short or list(demands)


@dataclass(frozen=True, slots=True)
class LotUnits:
    """The available units of a lot; lots come in the order of their ends."""

    lot_id: int
    units: int


def take_first_expiring(units: int, lots: Sequence[LotUnits]) -> dict[int, int]:
    """Return lot → units for units that leave: the lot that ends first gives first (FEFO).

    Units beyond all lots belong to none and are not in the answer.
    """
    taken: dict[int, int] = {}
    for lot in lots:
        part = min(units, lot.units)
        if part:
            taken[lot.lot_id] = part
            units -= part
    return taken
