"""Why an order costs what it costs, in words: what promotions gave, and why others gave nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.common.money import Money
from apps.orders.models import Order
from apps.orders.selectors import find_explanation
from apps.promotions.explanation import Explanation


@dataclass(frozen=True, slots=True)
class GivenLine:
    """What a promotion took off, and what the platform pays of it; with a note where it gave less."""

    name: str
    amount: Money
    platform: Money
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A name and a sentence; ``is_good`` for a code that gave something."""

    name: str
    sentence: str
    is_good: bool = False


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the arithmetic: the amount taken off a base at a rate."""

    name: str
    rate: str
    base: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class PriceStory:
    """Everything the page says of an order's price; ``program`` is the version of the promotions."""

    before: Money
    total: Money
    given: tuple[GivenLine, ...]
    gifts: tuple[ToldLine, ...]
    codes: tuple[ToldLine, ...]
    refused: tuple[ToldLine, ...]
    steps: tuple[StepLine, ...]
    program: str


def tell_price(order: Order) -> PriceStory | None:
    """Return why an order costs what it costs; nothing where no promotion had a say. One statement."""
    told = find_explanation(order)
    if told is None:
        return None
    return PriceStory(
        before=Money.from_minor(told.goods_minor + told.shipping_minor, told.currency),
        total=Money.from_minor(told.total_minor, told.currency),
        given=tuple(_given(told)),
        gifts=tuple(
            ToldLine(told.names[gift.promotion], f"{gift.quantity} × {gift.sku}")
            for gift in told.gifts
        ),
        codes=tuple(
            ToldLine(one.code, told.tell_code(one) or _("Applied"), not one.reason)
            for one in told.codes
        ),
        refused=tuple(
            ToldLine(told.names[one.promotion], told.tell(one))
            for one in told.reasons
            if not one.is_partial or one.promotion not in {item.promotion for item in told.applied}
        ),
        steps=tuple(
            StepLine(
                told.names[step.promotion],
                step.rate,
                Money.from_minor(step.base, told.currency),
                Money.from_minor(step.amount, told.currency),
            )
            for step in told.trace
            if step.amount
        ),
        program=told.program,
    )


def _given(told: Explanation) -> Iterator[GivenLine]:
    for one in told.applied:
        notes = tuple(
            told.tell(reason)
            for reason in told.reasons
            if reason.promotion == one.promotion and reason.is_partial
        )
        if one.goods or one.shipping:
            yield GivenLine(
                told.names[one.promotion],
                Money.from_minor(-(one.goods + one.shipping), told.currency),
                Money.from_minor(one.platform, told.currency),
                notes,
            )
