"""What a cart costs: totals, who pays for each discount, why others did not apply, and the arithmetic."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from apps.promotions.pricing import reasons
from apps.promotions.pricing.gates import plain_code
from apps.promotions.pricing.pieces import Piece, cut_fee, cut_runs, platform_part
from apps.promotions.pricing.state import Run, State, head_of

if TYPE_CHECKING:
    from apps.promotions.pricing.program import Program

Parameter = str | int | None | tuple[str, ...]


class Reason(NamedTuple):
    """Why a promotion gave nothing, or (``is_partial``) less than it says; codes of ``reasons``."""

    promotion: str
    code: str
    parameters: Mapping[str, Parameter]
    is_partial: bool


class Applied(NamedTuple):
    """What a promotion gave: on goods, on shipping, and who pays for it."""

    promotion: str
    goods: int
    shipping: int
    units: int
    merchant: int
    platform: int


class Share(NamedTuple):
    """The part of a discount that lies on some equal units of a line, and who pays for it."""

    promotion: str
    sku: str
    position: int
    units: int
    amount: int
    merchant: int
    platform: int


class UnitPrice(NamedTuple):
    """One unit: what it costs, and what each promotion took off it, in the order they applied."""

    sku: str
    position: int
    price: int
    discounts: tuple[tuple[str, int], ...]


class LineTotal(NamedTuple):
    """A line before promotions, at its shown price, and at what the buyer pays."""

    sku: str
    position: int
    quantity: int
    before: int
    shown: int
    total: int


class Gift(NamedTuple):
    """Units that come for nothing; ``list_price`` of one is what they are worth."""

    promotion: str
    sku: str
    quantity: int
    list_price: int


class Step(NamedTuple):
    """One line of the arithmetic: ``amount`` is what was taken off ``base`` at ``rate``."""

    promotion: str
    what: str
    base: int
    rate: str
    amount: int


class CodeAnswer(NamedTuple):
    """What became of a code the buyer entered: ``reason`` is empty when it gave something."""

    code: str
    promotions: tuple[str, ...]
    reason: str


class Quote:
    """The price of one cart under one program; amounts in minor units.

    Totals are worked out; the lists are made from the kept arithmetic when they are read, always the
    same. Two quotes are equal when their ``as_bytes`` are.
    """

    __slots__ = ("_program", "_state", "currency", "goods_before", "goods_total", "shipping_total")

    def __init__(self, program: Program, state: State, goods_before: int) -> None:
        """Keep the totals and what the lists are made of."""
        self._program, self._state = program, state
        self.currency = program.setting.currency
        self.goods_before = goods_before
        self.goods_total = state.goods
        self.shipping_total = state.shipping

    @property
    def discount(self) -> int:
        """What is taken off the goods."""
        return self.goods_before - self.goods_total

    @property
    def shipping_before(self) -> int:
        """The shipping fee without promotions."""
        return self._state.cart.shipping

    @property
    def shipping_discount(self) -> int:
        """What is taken off the shipping fee."""
        return self.shipping_before - self.shipping_total

    @property
    def total(self) -> int:
        """Goods and shipping after all promotions."""
        return self.goods_total + self.shipping_total

    @property
    def lines(self) -> tuple[LineTotal, ...]:
        """The lines in the order of the cart."""
        found = []
        for first in self._state.runs:
            line, runs = first.line, (first, *first.siblings)
            before = line.quantity * line.unit_price
            shown, net = sum(run.shown for run in runs), sum(run.net for run in runs)
            found.append(LineTotal(line.sku, line.position, line.quantity, before, shown, net))
        return tuple(found)

    @property
    def shares(self) -> tuple[Share, ...]:
        """Every discount on goods by promotion and run of units; together they are ``discount``."""
        given: dict[int, int] = {}
        found = []
        for run in self._runs():
            for number, amount in run.shares:
                if amount:
                    found.append(self._share(run, number, amount, given.get(number, 0)))
                    given[number] = given.get(number, 0) + amount
        return tuple(found)

    def _share(self, run: Run, number: int, amount: int, before: int) -> Share:
        """Return a share whose platform part makes the platform's running total right to the cent."""
        ratio = self._program.platform_share(number)
        platform = platform_part(before + amount, ratio) - platform_part(before, ratio)
        ident, line = self._program.idents[number], run.line
        merchant = amount - platform
        return Share(ident, line.sku, line.position, run.n, amount, merchant, platform)

    @property
    def units(self) -> tuple[UnitPrice, ...]:
        """Every unit by itself, as a refund needs it."""
        return tuple(unit for run in self._runs() for unit in self._units(run))

    def _units(self, run: Run) -> Iterator[UnitPrice]:
        idents, line = self._program.idents, run.line
        for place in range(run.n):
            taken = 0
            price, off = line.unit_price, []
            for number, amount in run.shares:
                before = _of_place(taken, run.n, place)
                taken += amount
                here = _of_place(taken, run.n, place) - before
                if here:
                    off.append((idents[number], here))
                    price -= here
            yield UnitPrice(line.sku, line.position, price, tuple(off))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every discount by promotion and units that carry the same of it; those of shipping last."""
        program, state = self._program, self._state
        found = list(cut_runs(self._runs(), program.idents, program.platform_share))
        found += cut_fee(state.shipping_shares, program.idents, program.platform_share)
        return tuple(found)

    @property
    def applied(self) -> tuple[Applied, ...]:
        """What each promotion gave, in the order they applied."""
        state = self._state
        goods: dict[int, int] = {}
        units: dict[int, int] = {}
        for run in self._runs():
            for number, amount in run.shares:
                goods[number] = goods.get(number, 0) + amount
            for number in {number for number, amount in run.shares if amount}:
                units[number] = units.get(number, 0) + run.n
        fees = dict.fromkeys(goods, 0)
        for number, amount in state.shipping_shares:
            fees[number] = fees.get(number, 0) + amount
        found = []
        for number in dict.fromkeys(step[0] for step in state.steps):
            of_goods, of_fee = goods.get(number, 0), fees.get(number, 0)
            ratio = self._program.platform_share(number)
            platform = platform_part(of_goods, ratio) + platform_part(of_fee, ratio)
            merchant = of_goods + of_fee - platform
            ident, count = self._program.idents[number], units.get(number, 0)
            found.append(Applied(ident, of_goods, of_fee, count, merchant, platform))
        return tuple(found)

    @property
    def gifts(self) -> tuple[Gift, ...]:
        """The gifts, in the order they were given."""
        idents = self._program.idents
        return tuple(
            Gift(idents[number], sku, quantity, price)
            for number, sku, quantity, price in self._state.gifts
        )

    @property
    def trace(self) -> tuple[Step, ...]:
        """The arithmetic, in the order it was done."""
        idents = self._program.idents
        return tuple(
            Step(idents[number], what, base, rate, amount)
            for number, what, base, rate, amount, *_runs in self._state.steps
        )

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why each promotion that gave nothing did not apply, and what kept others from all of it."""
        state, program = self._state, self._program
        applied = {step[0] for step in state.steps}
        refused: dict[int, tuple[str, tuple[object, ...]]] = {}
        partial: dict[int, dict[str, tuple[object, ...]]] = {}
        for number, code, parameters in state.notes:
            if code in reasons.PARTIAL:
                partial.setdefault(number, {}).setdefault(code, parameters)
            else:
                refused.setdefault(number, (code, parameters))
        found = []
        for number, ident in enumerate(program.idents):
            if number in applied:
                for code, parameters in partial.get(number, {}).items():
                    found.append(_reason(ident, code, parameters))
            else:
                known = refused.get(number) or program.refuse(number, state.cart, state.codes)
                found.append(_reason(ident, *known))
        return tuple(found)

    def reason_of(self, promotion: str) -> Reason | None:
        """Return why a promotion did not apply, ``None`` for one that did or is not known."""
        for reason in self.reasons:
            if reason.promotion == promotion and not reason.is_partial:
                return reason
        return None

    @property
    def consumed(self) -> Mapping[str, int]:
        """How many units each offer on sets has used; they are barred from other offers on units."""
        return {self._program.idents[no]: units for no, units in self._state.consumed.items()}

    @property
    def codes(self) -> tuple[CodeAnswer, ...]:
        """What became of every code the buyer entered."""
        program, state = self._program, self._state
        if not state.cart.codes:
            return ()
        applied = {program.idents[step[0]] for step in state.steps}
        refusals = {one.promotion: one.code for one in self.reasons if not one.is_partial}
        found = []
        for code in state.cart.codes:
            rules = program.rules_of_code(plain_code(code, state.policy))
            given = tuple(ident for ident in rules if ident in applied)
            if not rules:
                found.append(CodeAnswer(code, (), reasons.CODE_UNKNOWN))
            elif given:
                found.append(CodeAnswer(code, given, ""))
            else:
                found.append(CodeAnswer(code, rules, refusals[rules[0]]))
        return tuple(found)

    def _runs(self) -> list[Run]:
        self._state.settle()
        return self._state.everything()

    def as_json(self) -> dict[str, object]:
        """Return all of the quote as JSON values."""
        lists: dict[str, tuple[NamedTuple, ...]] = {
            "lines": self.lines,
            "shares": self.shares,
            "applied": self.applied,
            "gifts": self.gifts,
            "reasons": self.reasons,
            "codes": self.codes,
            "trace": self.trace,
        }
        return {
            "currency": self.currency,
            "goods_before": self.goods_before,
            "discount": self.discount,
            "goods_total": self.goods_total,
            "shipping_before": self.shipping_before,
            "shipping_total": self.shipping_total,
            "total": self.total,
            **{name: [_named(one) for one in found] for name, found in lists.items()},
        }

    def as_bytes(self) -> bytes:
        """Return the one byte form of the quote: equal quotes have equal bytes."""
        return json.dumps(
            self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    def __eq__(self, other: object) -> bool:
        """Compare everything the quotes say."""
        return isinstance(other, Quote) and self.as_bytes() == other.as_bytes()

    def __hash__(self) -> int:
        """Hash everything the quote says."""
        return hash(self.as_bytes())


def _named(one: NamedTuple) -> dict[str, object]:
    return one._asdict()  # noqa: SLF001 - the public way to read a NamedTuple


def _reason(ident: str, code: str, parameters: tuple[object, ...]) -> Reason:
    named = dict(zip(reasons.PARAMETERS[code], parameters, strict=True))
    return Reason(ident, code, named, code in reasons.PARTIAL)  # type: ignore[arg-type]


def _of_place(amount: int, units: int, place: int) -> int:
    return head_of(amount, units, place + 1) - head_of(amount, units, place)
