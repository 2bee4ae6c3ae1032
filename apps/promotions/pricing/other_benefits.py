"""Discounts of the shipping fee, and gifts."""

from __future__ import annotations

from collections.abc import Sequence

from apps.promotions.pricing import reasons
from apps.promotions.pricing.gates import Setting
from apps.promotions.pricing.order_benefits import take_shipping
from apps.promotions.pricing.rows import Row, amount, number, part, text
from apps.promotions.pricing.state import Run, State
from apps.promotions.pricing.taking import Benefit, cap, compile_limits
from apps.promotions.pricing.targets import compile_target
from apps.promotions.pricing.unit_benefits import compile_value


def compile_shipping(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit of ``value`` on the shipping fee: percent, amount, or what it then costs."""
    value = compile_value(part(row, "value"), setting)
    if value is None:
        return None
    wanted, rate, limits = value.of_unit, value.rate, compile_limits(row, setting)

    def benefit(state: State, _runs: Sequence[Run]) -> bool:
        if not state.shipping:
            state.notes.append((no, reasons.NO_SHIPPING_FEE, ()))
            return False
        left = limits(state) if limits is not None else None
        if take_shipping(state, no, cap(state, no, left, wanted(state.shipping)), "shipping", rate):
            return True
        state.notes.append((no, reasons.NO_GAIN, ()))
        return False

    return benefit


def compile_gift(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit of ``gift``: units that are added, once or for so many units bought."""
    gift = part(row, "gift")
    per = part(gift, "per")
    bought, each = compile_target(per, setting.currency), number(per, "quantity", 1)
    sku, times = text(gift, "sku"), number(gift, "quantity", 1)
    list_price = amount(gift, "list_price", setting.currency) or 0
    limits = compile_limits(row, setting)

    def benefit(state: State, _runs: Sequence[Run]) -> bool:
        units = times
        if per:
            reached = sum(run.n for run in bought.choose(state.everything()))
            if reached < each:
                state.notes.append((no, reasons.ITEMS_MISSING, (each, reached)))
                return False
            units = times * (reached // each)
        most = limits(state).units if limits is not None else None
        if most is not None and most < units:
            state.notes.append((no, reasons.UNITS_LIMITED, (most, units)))
            units = most
        state.gifts.append((no, sku, units, list_price))
        state.steps.append((no, "gift", units, sku, 0, (), ()))
        return True

    return benefit
