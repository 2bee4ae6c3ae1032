"""Pure rules of stock: which node serves which line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """A quantity of one variant that an order needs."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What is available of a variant at a node; ``balance_id`` names the row to reserve from."""

    balance_id: int
    node_id: int
    variant_id: int
    available: int
    is_hot: bool = False


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
