"""The lowest price at which a unit can leave: every context, code and quantity that can meet.

For each SKU the search prices carts with the program itself. A cart holds the SKU in the quantities
that rows ask for, and beside it what may complete a promotion: the goods that sets and conditions
name (the cheapest and the dearest of them), other goods up to a spend, cheap goods up to a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, product

from apps.promotions.pricing import reasons
from apps.promotions.pricing.cart import Cart, Line
from apps.promotions.pricing.contexts import Context, Contexts, list_contexts
from apps.promotions.pricing.program import Program
from apps.promotions.pricing.quote import Gift, Quote
from apps.promotions.pricing.rows import Row, amount, limit, number, part, parts, text
from apps.promotions.pricing.targets import Target, compile_target

# So many carts are priced for one SKU in one context.
MOST_CARTS = 240
_LARGEST = 1_000
_STEPS = 4
# Carts looked at in one context for the plainest case of a promotion.
_PLAINEST = 60
# Other goods that no promotion names; they only fill the cart.
FILLER = "*"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a promotion takes off the units of the SKU, and the platform's part of it."""

    promotion: str
    amount: int
    platform: int


@dataclass(frozen=True, slots=True)
class Worst:
    """The cart in which the merchant is left with least for a unit of a SKU, in minor units.

    ``paid`` is what buyers pay for all ``quantity`` units, ``received`` that with the platform's part.
    ``others`` are the goods beside it with their quantities, ``FILLER`` for any other goods.
    """

    sku: str
    quantity: int
    before: int
    paid: int
    received: int
    others: tuple[tuple[str, int], ...]
    context: Context
    taken: tuple[Taken, ...]
    gifts: tuple[Gift, ...]
    is_at_floor: bool
    clashes: tuple[tuple[str, str, str], ...] = ()

    @property
    def unit_paid(self) -> int:
        """What the buyer pays for one unit, rounded down."""
        return self.paid // self.quantity

    @property
    def unit_received(self) -> int:
        """What is left of one unit before costs, rounded down."""
        return self.received // self.quantity

    def is_below(self, other: Worst) -> bool:
        """Say whether less is left of a unit than in another cart; then, whether the buyer pays less."""
        mine = (self.received * other.quantity, self.paid * other.quantity)
        return mine < (other.received * self.quantity, other.paid * self.quantity)


@dataclass(frozen=True, slots=True)
class Found:
    """The worst case of a SKU, the plainest cart in which one promotion applies, and the plain price.

    ``first`` is nothing where the promotion never applies to the SKU. ``clashes`` tell which
    promotion stood aside for or because of it: loser, code of ``reasons``, winner. ``is_complete`` is
    false when there were more contexts or carts than are looked at.
    """

    worst: Worst
    plain: Worst
    first: Worst | None
    clashes: tuple[tuple[str, str, str], ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class _Basket:
    quantity: int
    others: tuple[tuple[int, int], ...] = ()
    spend: int = 0
    fill: int = 0


class Search:
    """Looks for worst cases of many SKUs under one program.

    ``pieces`` are one unit of every SKU that may be in a cart. ``focus`` is the promotion whose
    plainest case is kept.
    """

    def __init__(
        self,
        program: Program,
        rows: Sequence[Row],
        pieces: Sequence[Line],
        *,
        since: datetime,
        focus: str = "",
    ) -> None:
        """Work out the contexts, which are the same for every SKU."""
        self.program, self.rows, self.pieces, self.focus = program, rows, pieces, focus
        self.contexts: Contexts = list_contexts(program, rows, since=since)
        self.since = since
        currency = program.setting.currency
        self._parts = {text(row, "id"): list(_targets(row, currency)) for row in rows}
        # From the cheapest to the dearest.
        self._order = sorted(range(len(pieces)), key=lambda place: pieces[place].unit_price)
        self._cheapest = min((one.unit_price for one in pieces), default=0)
        self._places = {rule.ident: place for place, rule in enumerate(program.rules)}

    def find(self, piece: Line) -> Found:
        """Return what can happen to one SKU; ``piece`` is one unit of it."""
        rows = [row for row in self.rows if self.concerns(text(row, "id"), piece)]
        places = frozenset(
            self._places[text(row, "id")] for row in rows if text(row, "id") in self._places
        )
        plain = self._plain(piece)
        worst, first, is_complete = plain, None, self.contexts.is_complete
        clashes: dict[tuple[str, str, str], None] = {}
        contexts = self.contexts.among(places)
        focus = self._places.get(self.focus, -1)
        for opened, context in (one for one in contexts if focus in one[0]):
            here = self._opened(rows, opened)
            for case in islice(self._cases(piece, here, context), _PLAINEST):
                clashes |= dict.fromkeys(case.clashes)
                if first is None and any(one.promotion == self.focus for one in case.taken):
                    first = case
                    break
            if first is not None:
                break
        for opened, context in self._largest(contexts, places):
            count = 0
            here = self._opened(rows, opened)
            for case in islice(self._cases(piece, here, context), MOST_CARTS):
                count += 1
                clashes |= dict.fromkeys(case.clashes)
                worst = case if case.is_below(worst) else worst
            is_complete = is_complete and count < MOST_CARTS
        return Found(worst, plain, first, tuple(clashes), is_complete)

    def _opened(self, rows: Sequence[Row], opened: frozenset[int]) -> list[Row]:
        return [row for row in rows if self._places.get(text(row, "id"), -1) in opened]

    def _largest(
        self, contexts: Sequence[tuple[frozenset[int], Context]], places: frozenset[int]
    ) -> list[tuple[frozenset[int], Context]]:
        """Leave out contexts in which fewer promotions meet, unless one may keep another out."""
        rules = [self.program.rules[place] for place in places]
        if any(rule.is_exclusive or rule.group or rule.replaces_codes for rule in rules):
            return list(contexts)
        sets = [opened & places for opened, _context in contexts]
        return [
            one for one, own in zip(contexts, sets, strict=True) if not any(own < x for x in sets)
        ]

    def concerns(self, ident: str, piece: Line) -> bool:
        """Say whether a promotion speaks about a SKU."""
        return any(target.names(piece) for target in self._parts[ident])

    def _plain(self, piece: Line) -> Worst:
        context = next((one for _set, one in self.contexts.found), Context(self.since))
        bare = Context(max(self.since, context.moment), orders=context.orders)
        return self._price(piece, _Basket(1), bare)

    def _cases(self, piece: Line, rows: Sequence[Row], context: Context) -> Iterator[Worst]:
        # A percentage is the same from the threshold on; of an amount, less of it lies elsewhere.
        is_exact = any(_has_amount(row) for row in rows)
        for basket in self._baskets(piece, rows):
            yield self._price(piece, basket, context)
            if basket.spend:
                yield from self._filled(piece, basket, context, is_exact=is_exact)

    def _filled(
        self, piece: Line, basket: _Basket, context: Context, *, is_exact: bool
    ) -> Iterator[Worst]:
        """Put just so many other goods into the cart that it is worth the spend after earlier offers."""
        cart = self._cart(piece, basket, context)
        worth = sum(line.unit_price * line.quantity for line in cart.lines)
        low, fill = -1, max(basket.spend - worth, 0)
        for _step in range(_STEPS):
            filled = replace(basket, fill=fill)
            quote = self._quote(piece, filled, context)
            yield self._read(piece, filled, context, quote)
            missing = _missing(quote, basket.spend)
            if not missing:
                break
            # Other goods are reduced too: what is missing counts at the price before.
            low = fill
            fill += -(-missing * quote.goods_before // max(quote.goods_total, 1))
        while is_exact and low >= 0 and fill - low > 1:
            middle = (low + fill) // 2
            filled = replace(basket, fill=middle)
            quote = self._quote(piece, filled, context)
            yield self._read(piece, filled, context, quote)
            low, fill = (middle, fill) if _missing(quote, basket.spend) else (low, middle)

    def _baskets(self, piece: Line, rows: Sequence[Row]) -> Iterator[_Basket]:
        """Return the carts worth trying: quantities and spends that rows name, and what completes."""
        currency = self.program.setting.currency
        spends = sorted({spend for row in rows for spend in _spends(row, currency)})
        quantities = sorted({1, *(count for row in rows for count in _counts(row))})
        by_spend = {-(-spend // max(piece.unit_price, 1)) for spend in spends}
        quantities = sorted({*quantities, *by_spend, *(count + 1 for count in by_spend)})
        quantities = [count for count in quantities if 1 <= count <= _LARGEST]
        companions = list(dict.fromkeys(self._companions(piece, rows)))
        for others, quantity in product(((), *companions), quantities):
            yield _Basket(quantity, others)
            for spend in spends:
                yield _Basket(quantity, others, spend)

    def _companions(
        self, piece: Line, rows: Sequence[Row]
    ) -> Iterator[tuple[tuple[int, int], ...]]:
        for row in rows:
            asked = list(_asked(row, self.program.setting.currency))
            for some, dearest in product((*([one] for one in asked), asked), (False, True)):
                others = self._others(piece, some, dearest=dearest)
                if others:
                    yield others
        fillers = sorted({count - 1 for row in rows for count in _numbers(row)})
        for count in fillers:
            if 0 < count <= _LARGEST:
                yield ((-1, count),)
        for kinds in sorted({limit(part(row, "conditions"), "min_distinct") or 1 for row in rows}):
            if 1 < kinds <= len(self.pieces):
                yield tuple((place, 1) for place in self._ranked(piece)[: kinds - 1])

    def _others(
        self, piece: Line, asked: Iterable[tuple[Target, int]], *, dearest: bool
    ) -> tuple[tuple[int, int], ...]:
        """Return goods for what a row asks: for what the SKU is not, and for what it is beside it."""
        found: dict[int, int] = {}
        for target, count in asked:
            order = reversed(self._order) if dearest else self._order
            able = (at for at in order if self.pieces[at].sku != piece.sku)
            place = next((at for at in able if target.names(self.pieces[at])), None)
            if place is not None:
                found[place] = found.get(place, 0) + count
        return tuple(sorted(found.items()))

    def _ranked(self, piece: Line) -> list[int]:
        return [place for place in self._order if self.pieces[place].sku != piece.sku]

    def _price(self, piece: Line, basket: _Basket, context: Context) -> Worst:
        return self._read(piece, basket, context, self._quote(piece, basket, context))

    def _quote(self, piece: Line, basket: _Basket, context: Context) -> Quote:
        return self.program.quote(self._cart(piece, basket, context))

    def _cart(self, piece: Line, basket: _Basket, context: Context) -> Cart:
        lines = [replace(piece, quantity=basket.quantity)]
        for place, count in basket.others:
            one = self.pieces[place] if place >= 0 else Line(FILLER, self._cheapest, 1)
            lines.append(replace(one, quantity=count))
        if basket.fill:
            lines.append(Line(FILLER, basket.fill, 1, position=1))
        setting = self.program.setting
        return Cart(tuple(lines), setting.market, setting.currency, **context.facts())  # type: ignore[arg-type]

    def _read(self, piece: Line, basket: _Basket, context: Context, quote: Quote) -> Worst:
        taken: dict[str, tuple[int, int]] = {}
        for share in quote.shares:
            if share.sku == piece.sku:
                sum_of, platform = taken.get(share.promotion, (0, 0))
                taken[share.promotion] = (sum_of + share.amount, platform + share.platform)
        before = piece.unit_price * basket.quantity
        paid = before - sum(sum_of for sum_of, _platform in taken.values())
        others = [
            (self.pieces[place].sku if place >= 0 else FILLER, count)
            for place, count in basket.others
        ]
        others += [(FILLER, 1)] if basket.fill else []
        return Worst(
            piece.sku,
            basket.quantity,
            before,
            paid,
            paid + sum(platform for _sum, platform in taken.values()),
            tuple(others),
            context,
            tuple(Taken(ident, *amounts) for ident, amounts in taken.items()),
            quote.gifts,
            is_at_floor=bool(piece.floor) and paid <= piece.floor * basket.quantity,
            clashes=_clashes(quote, self.focus),
        )


_CLASHES = (
    reasons.EXCLUDED_BY,
    reasons.REPLACED_BY,
    reasons.BETTER_IN_GROUP,
    reasons.BETTER_PRICE,
)


def _clashes(quote: Quote, focus: str) -> tuple[tuple[str, str, str], ...]:
    """Return which promotions stood aside for or because of one: the loser, the code, the winner."""
    if not focus:
        return ()
    found = [
        (one.promotion, one.code, str(one.parameters["promotion"]))
        for one in quote.reasons
        if one.code in _CLASHES and focus in (one.promotion, one.parameters["promotion"])
    ]
    return tuple(found)


def _has_amount(row: Row) -> bool:
    values = [part(row, "value"), *(part(tier, "value") for tier in parts(row, "tiers"))]
    return any("amount" in value for value in values) or bool(part(row, "limits"))


def _missing(quote: Quote, spend: int) -> int:
    """Return how much more the cart must be worth for the promotions that ask for a spend."""
    gaps = [
        spend - one.parameters["reached_minor"]  # type: ignore[operator]
        for one in quote.reasons
        if one.code == reasons.SPEND_BELOW and one.parameters["needed_minor"] == spend
    ]
    return max(gaps, default=0)


def _targets(row: Row, currency: str) -> Iterator[Target]:
    pieces = [part(row, "buy"), part(row, "get"), *parts(row, "bundle")]
    given = [one for one in pieces if one]
    for one in given or [part(row, "target")]:
        yield compile_target(one, currency)


def _asked(row: Row, currency: str) -> Iterator[tuple[Target, int]]:
    """Return what must be in the cart beside the SKU, with quantities."""
    pieces = [part(row, "buy"), part(row, "get"), *parts(row, "bundle")]
    for one in (*pieces, *parts(part(row, "conditions"), "contains")):
        if one:
            yield compile_target(one, currency), number(one, "quantity", 1)
    for tier in parts(row, "tiers"):
        count = (limit(tier, "quantity") or 1) - 1
        if count:
            yield compile_target(part(row, "target"), currency), count
    on = part(part(row, "conditions"), "spend_on")
    if on:
        yield compile_target(on, currency), 1


def _counts(row: Row) -> Iterator[int]:
    """Return quantities of one SKU at which a row may begin to apply or give more."""
    conditions, buy, get = part(row, "conditions"), part(row, "buy"), part(row, "get")
    for name in ("min_quantity", "min_line_quantity"):
        yield limit(conditions, name) or 1
    for tier in parts(row, "tiers"):
        yield limit(tier, "quantity") or 1
    for one in (*parts(row, "bundle"), *parts(conditions, "contains"), buy, get):
        yield number(one, "quantity", 1)
    if buy:
        yield number(buy, "quantity", 1) + number(get, "quantity", 1)
    per = part(part(row, "gift"), "per")
    yield number(per, "quantity", 1)
    yield sum(number(one, "quantity", 1) for one in parts(row, "bundle")) or 1


def _numbers(row: Row) -> Iterator[int]:
    """Return how many units of anything a row asks for."""
    conditions = part(row, "conditions")
    yield limit(conditions, "min_quantity") or 1
    yield limit(conditions, "min_line_quantity") or 1
    for tier in parts(row, "tiers"):
        yield limit(tier, "quantity") or 1


def _spends(row: Row, currency: str) -> Iterator[int]:
    for holder, name in ((part(row, "conditions"), "min_spend"), (part(row, "buy"), "spend")):
        spend = amount(holder, name, currency)
        if spend:
            yield spend
    for tier in parts(row, "tiers"):
        spend = amount(tier, "spend", currency)
        if spend:
            yield spend
