"""How goods are divided into parcels by weight alone, where nobody knows their sides."""

from __future__ import annotations

from apps.common.money import allocate


def divide_by_weight(weight_g: int, *, parcel_max_g: int, parcels_max: int) -> tuple[int, ...]:
    """Return the weights of as few parcels of at most ``parcel_max_g`` as there can be.

    Weights differ by at most one gram and sum exactly; at least one parcel. Beyond ``parcels_max``
    parcels get heavier than their limit: the caller decides whether somebody takes them.
    """
    count = min(max(1, -(-weight_g // parcel_max_g)), parcels_max)
    return tuple(allocate(weight_g, [1] * count))
