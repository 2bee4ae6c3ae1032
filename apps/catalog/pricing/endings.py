"""Rounding a price to an ending, within a floor and a ceiling."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from apps.common.money import precision

NONE, WHOLE, END_99, END_95, END_90 = "none", "whole", "99", "95", "90"
STYLES = (NONE, WHOLE, END_99, END_95, END_90)
_ONE = Decimal(1)


def round_price(
    amount: Decimal,
    style: str,
    currency: str,
    *,
    floor: Decimal | None = None,
    ceiling: Decimal | None = None,
) -> Decimal:
    """Return the price nearest to ``amount`` that has the ending; of two equally near the higher.

    ``floor`` and ``ceiling`` are in ``currency`` and never crossed: the nearest price with the ending
    between them counts, and where none lies there the limit itself at the currency's digits. The
    floor wins over a ceiling below it. A currency without minor units (JPY) knows whole prices only.
    The result is never below one minor unit.
    """
    step = Decimal(1).scaleb(-precision(currency))
    lowest = max(_up(floor, step) if floor is not None else step, step)
    highest = _down(ceiling, step) if ceiling is not None else None
    near = _nearest(max(amount, lowest), style, currency)
    if near < lowest:
        near = _next(lowest, style, currency)
    if highest is not None and near > highest:
        near = _before(highest, style, currency)
    if near < lowest or (highest is not None and near > highest):
        near = highest if highest is not None and highest >= lowest else lowest
    return near.quantize(step)


def _grid(style: str, currency: str) -> tuple[Decimal, Decimal]:
    """Return the distance between allowed prices and the first of them."""
    digits = precision(currency)
    if style == NONE:
        return _ONE.scaleb(-digits), Decimal(0)
    if style == WHOLE or digits < 2:
        return _ONE, Decimal(0)
    if style not in STYLES:
        raise ValueError(f"The ending {style!r} is unknown; known: {', '.join(STYLES)}")
    return _ONE, Decimal(f"0.{style}")


def _nearest(amount: Decimal, style: str, currency: str) -> Decimal:
    step, first = _grid(style, currency)
    steps = ((amount - first) / step).quantize(_ONE, rounding=ROUND_HALF_UP)
    return first + step * steps


def _next(amount: Decimal, style: str, currency: str) -> Decimal:
    step, first = _grid(style, currency)
    return first + _up((amount - first) / step, _ONE) * step


def _before(amount: Decimal, style: str, currency: str) -> Decimal:
    step, first = _grid(style, currency)
    return first + _down((amount - first) / step, _ONE) * step


def _up(amount: Decimal, step: Decimal) -> Decimal:
    return amount.quantize(step, rounding=ROUND_CEILING)


def _down(amount: Decimal, step: Decimal) -> Decimal:
    return amount.quantize(step, rounding=ROUND_FLOOR)
