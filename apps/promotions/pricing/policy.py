"""Where public engines disagree: ten choices and the defaults of this portal."""

from __future__ import annotations

from dataclasses import dataclass, fields

CHOICES: dict[str, tuple[str, ...]] = {
    "shown_prices": ("best", "stack"),
    "threshold": ("after", "before"),
    "percent_base": ("running", "shown"),
    "odd_cent": ("largest_remainder", "first", "last"),
    "rounded": ("discount", "price"),
    "rounded_per": ("unit", "line", "promotion"),
    "rounding": ("half_up", "half_even", "down"),
    "limited_units": ("cheapest", "dearest"),
    "exclusive": ("priority", "best"),
    "group": ("best", "first"),
    "order_covers": ("goods", "goods_and_shipping"),
    "cancelled_orders": ("forgotten", "counted"),
    "codes": ("any_case", "exact"),
    "sequence": ("priority", "levels"),
    "floored_share": ("redistribute", "drop"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The choices of one program; every field takes one of ``CHOICES``.

    The defaults, their reasons and what other engines do are in ``docs/guides/promotions.md``.
    Raises ``ValueError`` that names the field and its choices.
    """

    # 1. Several promotions on the shown price of one line: the best one, or all in sequence.
    shown_prices: str = "best"
    # 2. A threshold is read after or before the earlier promotions of the cart.
    threshold: str = "after"
    # 3. A percentage of the running price (compounding), or of the shown price (additive).
    percent_base: str = "running"
    # 4. Who takes the odd cent of an amount that is divided.
    odd_cent: str = "largest_remainder"
    # 5. What is rounded, for which piece, and how.
    rounded: str = "discount"
    rounded_per: str = "unit"
    rounding: str = "half_up"
    # 6. Which units are free, or discounted, when not all are.
    limited_units: str = "cheapest"
    # 7. Which exclusive promotion wins; and which one of a group.
    exclusive: str = "priority"
    group: str = "best"
    # 8. Whether a discount on the order is also spread over the shipping fee.
    order_covers: str = "goods"
    # 9. Whether cancelled orders count as uses and as orders of the buyer.
    cancelled_orders: str = "forgotten"
    # 10. Whether codes are compared letter by letter.
    codes: str = "any_case"
    # Further choices the ten depend on: in which order promotions are tried, and whether the part of
    # an order discount that a line at its floor cannot take goes to the other lines.
    sequence: str = "priority"
    floored_share: str = "redistribute"

    def __post_init__(self) -> None:
        """Refuse what is no choice."""
        for one in fields(self):
            value, known = getattr(self, one.name), CHOICES[one.name]
            if value not in known:
                raise ValueError(f"{one.name}: {value!r} is none of {', '.join(known)}")
