"""A cart while it is priced: runs of equal units, what was given so far, and the notes on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from apps.promotions.pricing.cart import Cart, Line
from apps.promotions.pricing.policy import Policy

# Promotion number, code and parameters in the order of ``reasons.PARAMETERS``.
Note = tuple[int, str, tuple[object, ...]]
# Promotion number, SKU, quantity, list price of a unit.
RawGift = tuple[int, str, int, int]


def head_of(amount: int, units: int, first: int) -> int:
    """Return the part of ``amount`` that the ``first`` of ``units`` carry.

    An amount lies evenly on the units of a run; the earlier ones carry its odd cents. Because the sum
    of all discounts is laid out so, the units of a run never differ by more than one cent.
    """
    each, odd = divmod(amount, units)
    return first * each + min(first, odd)


class Run:
    """Units of one line that have had the same discounts; ``net`` is the price of all of them.

    ``low`` is the lowest ``net`` may fall, ``shown`` the net before promotions of the cart,
    ``shares`` what each promotion took off in order. ``siblings`` are runs split off the first one.
    """

    __slots__ = ("is_barred", "line", "low", "n", "net", "shares", "shown", "siblings")

    def __init__(self, line: Line, n: int) -> None:
        """Start with ``n`` units at the price of the line."""
        self.line = line
        self.n = n
        self.net = self.shown = n * line.unit_price
        self.low = n * line.floor
        self.shares: Sequence[tuple[int, int]] = ()
        self.is_barred = False
        self.siblings: Sequence[Run] = ()

    def split(self, first: int) -> Run:
        """Keep the ``first`` units here and return a new run with the others."""
        tail = Run(self.line, self.n - first)
        taken = 0
        kept: list[tuple[int, int]] = []
        rest: list[tuple[int, int]] = []
        for number, amount in self.shares:
            before = head_of(taken, self.n, first)
            taken += amount
            here = head_of(taken, self.n, first) - before
            kept.append((number, here))
            rest.append((number, amount - here))
        tail.shares = rest
        price = self.line.unit_price
        shown = first * price - head_of(self.n * price - self.shown, self.n, first)
        tail.shown, self.shown = self.shown - shown, shown
        tail.net -= sum(amount for _number, amount in tail.shares)
        tail.is_barred = self.is_barred
        self.net -= tail.net
        self.n, self.low, self.shares = first, first * self.line.floor, kept
        return tail


# Promotion number, what was done, base, rate, amount; on which runs how much.
RawStep = tuple[int, str, int, str, int, Sequence[Run], Sequence[int]]


class Limits(NamedTuple):
    """What may still be given; ``None`` is no limit. ``why`` names the code of the money limit."""

    money: int | None
    units: int | None
    why: str


class RunMemo(NamedTuple):
    """A run as it was."""

    run: Run
    n: int
    net: int
    low: int
    shown: int
    is_barred: bool
    shares: Sequence[tuple[int, int]]
    siblings: Sequence[Run]

    def restore(self) -> None:
        """Put the run back."""
        run = self.run
        run.n, run.net, run.low, run.shown = self.n, self.net, self.low, self.shown
        run.is_barred, run.shares, run.siblings = self.is_barred, self.shares, self.siblings


class Memo(NamedTuple):
    """A state as it was before a trial."""

    runs: list[RunMemo]
    goods: int
    shipping: int
    replaced_by: int
    is_split: bool
    has_barred: bool
    shipping_shares: list[tuple[int, int]]
    units_given: dict[int, int]
    consumed: dict[int, int]
    notes: int
    steps: int
    gifts: int


class State:
    """The cart while promotions are tried one after the other."""

    __slots__ = (
        *("cart", "policy", "runs", "open", "goods", "goods_shown", "shipping", "shipping_shares"),
        *("settled", "units_given", "notes", "steps", "gifts", "replaced_by", "is_split"),
        *("has_barred", "can_spread", "has_floors", "codes", "consumed"),
    )

    def __init__(self, cart: Cart, policy: Policy) -> None:
        """Start with full prices."""
        self.cart = cart
        self.policy = policy
        runs = [Run(line, line.quantity) for line in cart.lines]
        self.runs = self.open = runs
        goods = floors = 0
        for run in runs:
            goods += run.net
            floors += run.low
            if not run.line.is_discountable:
                self.open = [one for one in runs if one.line.is_discountable]
        self.goods = goods
        self.has_floors = floors > 0
        self.can_spread = not floors and policy.odd_cent == "largest_remainder"
        self.goods_shown = self.goods
        self.shipping = cart.shipping
        self.shipping_shares: list[tuple[int, int]] = []
        self.settled = 0
        self.units_given: dict[int, int] = {}
        self.consumed: dict[int, int] = {}
        self.notes: list[Note] = []
        self.steps: list[RawStep] = []
        self.gifts: list[RawGift] = []
        self.codes: frozenset[str] = frozenset()
        self.replaced_by = -1
        self.is_split = self.has_barred = False

    def all_of(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs with those that were split off them."""
        return [one for run in runs for one in (run, *run.siblings)]

    def everything(self) -> list[Run]:
        """Return every run of the cart in the order of its lines."""
        return self.all_of(self.runs) if self.is_split else self.runs

    def split(self, run: Run, first: int) -> Run:
        """Split ``run`` after its ``first`` units and return the rest, a sibling of its line's run."""
        self.settle()
        tail = run.split(first)
        owner = next(one for one in self.runs if one is run or run in one.siblings)
        family = [owner, *owner.siblings]
        family.insert(family.index(run) + 1, tail)
        owner.siblings = family[1:]
        self.is_split = True
        return tail

    def show(self) -> None:
        """End the shown prices: what follows are promotions of the cart."""
        for run in self.everything():
            run.shown = run.net
        self.goods_shown = self.goods

    @property
    def saved(self) -> int:
        """All that was given so far: on goods, on shipping, and gifts at their list price.

        A gift without a price counts as one minor unit, so that it is never nothing.
        """
        gifts = sum(quantity * max(price, 1) for _number, _sku, quantity, price in self.gifts)
        return sum(step[4] for step in self.steps) + gifts

    def given_by(self, number: int) -> int:
        """What one promotion gave so far."""
        return sum(step[4] for step in self.steps if step[0] == number)

    def settle(self) -> None:
        """Write the amounts of the latest steps to the runs they were taken off."""
        for number, _what, _base, _rate, _total, runs, amounts in self.steps[self.settled :]:
            for run, amount in zip(runs, amounts, strict=True):
                if amount:
                    run.shares = (*run.shares, (number, amount))
        self.settled = len(self.steps)

    def save(self) -> Memo:
        """Return what ``restore`` needs to undo a trial."""
        self.settle()
        return Memo(
            [
                RunMemo(
                    *(run, run.n, run.net, run.low, run.shown, run.is_barred),
                    *(run.shares, run.siblings),
                )
                for run in self.everything()
            ],
            *(self.goods, self.shipping, self.replaced_by, self.is_split, self.has_barred),
            *([*self.shipping_shares], {**self.units_given}, {**self.consumed}),
            *(len(self.notes), len(self.steps), len(self.gifts)),
        )

    def restore(self, memo: Memo) -> None:
        """Undo everything since ``memo`` was saved; a memo may be restored again."""
        for run in memo.runs:
            run.restore()
        self.goods, self.shipping, self.replaced_by = memo.goods, memo.shipping, memo.replaced_by
        self.is_split, self.has_barred = memo.is_split, memo.has_barred
        self.shipping_shares = [*memo.shipping_shares]
        self.units_given = {**memo.units_given}
        self.consumed = {**memo.consumed}
        self.settled = memo.steps
        del self.notes[memo.notes :], self.steps[memo.steps :], self.gifts[memo.gifts :]
