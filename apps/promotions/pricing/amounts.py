"""Percentages and divided amounts in whole minor units: the only arithmetic that rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from apps.promotions.pricing.policy import Policy

Part = Callable[[int], int]
_MANY = 24


def round_ratio(numerator: int, denominator: int, mode: str = "half_up") -> int:
    """Return ``numerator / denominator`` as a whole number; both are zero or more."""
    if mode == "half_up":
        return (2 * numerator + denominator) // (2 * denominator)
    whole, rest = divmod(numerator, denominator)
    if mode == "half_even" and (2 * rest, whole & 1) > (denominator, 0):
        return whole + 1
    return whole


def ratio_of(percent: str) -> tuple[int, int]:
    """Return a percentage such as ``"12.5"`` as a numerator and a denominator."""
    share = Decimal(percent) / 100
    numerator, denominator = share.as_integer_ratio()
    return numerator, denominator


def compile_part(percent: str, policy: Policy) -> Part:
    """Return the discount of ``percent`` on an amount, rounded as the policy says."""
    numerator, denominator = ratio_of(percent)
    mode, kept = policy.rounding, denominator - numerator
    if policy.rounded == "price":
        return lambda base: base - round_ratio(base * kept, denominator, mode)
    if mode != "half_up":
        return lambda base: round_ratio(base * numerator, denominator, mode)
    # ``round_ratio`` written out: this closure runs for each line of each quote.
    twice, both = 2 * numerator, 2 * denominator
    return lambda base: (base * twice + denominator) // both


def spread(total: int, weights: Sequence[int], odd_cent: str = "largest_remainder") -> list[int]:
    """Divide ``total`` in proportion to ``weights``; the parts sum exactly, odd cents as stated.

    Ties go to the earlier part; ``first`` and ``last`` give all odd cents to that part with weight.
    """
    whole = sum(weights)
    if not whole or not total:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if not left:
        return parts
    if odd_cent != "largest_remainder":
        weighty = [index for index, weight in enumerate(weights) if weight]
        parts[weighty[0 if odd_cent == "first" else -1]] += left
        return parts
    rests = [total * weight % whole for weight in weights]
    if left > _MANY:
        for index in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[:left]:
            parts[index] += 1
        return parts
    for _cent in range(left):
        index = rests.index(max(rests))
        parts[index] += 1
        rests[index] = -1
    return parts


def spread_within(
    total: int, weights: Sequence[int], rooms: Sequence[int], policy: Policy
) -> list[int]:
    """Divide ``total`` by weight so that no part exceeds its room.

    What a full part cannot take goes to the others, unless the policy drops it. The parts sum to
    ``total`` or, where the rooms are smaller, to all of them.
    """
    parts = spread(total, weights, policy.odd_cent)
    for part, room in zip(parts, rooms, strict=True):
        if part > room:
            break
    else:
        return parts
    if policy.floored_share == "drop":
        return [min(part, room) for part, room in zip(parts, rooms, strict=True)]
    return _fill(total, list(weights), rooms, policy.odd_cent)


def _fill(total: int, weights: list[int], rooms: Sequence[int], odd_cent: str) -> list[int]:
    found = [0] * len(weights)
    while total and any(weights):
        parts = spread(total, weights, odd_cent)
        full = [index for index, part in enumerate(parts) if weights[index] and part > rooms[index]]
        if not full:
            return [before + part for before, part in zip(found, parts, strict=True)]
        for index in full:
            found[index], weights[index] = rooms[index], 0
            total -= rooms[index]
    return found
