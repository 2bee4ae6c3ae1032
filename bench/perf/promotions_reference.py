"""The plain evaluation of promotion rows under the default policy, written apart from the engine.

It reads each row anew for every cart, walks through all of them, keeps a price for every unit and
computes with fractions. It knows the core kinds: product discounts, order discounts, tiers, buy and
get, bundles and shipping, with floors, caps and thresholds. It is slow, and it is what the compiled
program must agree with to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

from apps.promotions.pricing.cart import Cart, Line

Row = dict[str, Any]
_FIELDS = {
    "skus": lambda line: {line.sku},
    "products": lambda line: {line.product} - {""},
    "categories": lambda line: set(line.categories),
    "brands": lambda line: {line.brand} - {""},
    "tags": lambda line: set(line.tags),
}


class Piece:
    """Units of one line that have always been treated alike, each with its price."""

    def __init__(self, line: Line, prices: list[int]) -> None:
        """Start with the given prices."""
        self.line, self.prices, self.is_used = line, prices, False
        self.shown = sum(prices)

    @property
    def total(self) -> int:
        """What the units cost together."""
        return sum(self.prices)

    @property
    def room(self) -> int:
        """How much may still be taken off before the floor."""
        return max(0, self.total - len(self.prices) * self.line.floor)

    def take(self, amount: int) -> None:
        """Take an amount off; the units share it evenly, the first ones the odd cents of all."""
        count = len(self.prices)
        rest = self.total - amount
        lower, more = divmod(rest, count)
        self.prices = [lower] * (count - more) + [lower + 1] * more


class Till:
    """One cart being priced."""

    def __init__(self, cart: Cart) -> None:
        """Start with full prices and the full fee."""
        self.cart = cart
        ordered = sorted(cart.lines, key=lambda line: (line.position, line.sku))
        self.pieces = [Piece(line, [line.unit_price] * line.quantity) for line in ordered]
        self.shipping = cart.shipping
        self.applied: list[str] = []

    @property
    def goods(self) -> int:
        """What the goods cost now."""
        return sum(piece.total for piece in self.pieces)

    def meant(self, target: Row) -> list[Piece]:
        """Return the pieces a target means."""
        found = []
        for piece in self.pieces:
            line = piece.line
            named = [
                bool(_FIELDS[name](line) & set(target[name])) for name in _FIELDS if name in target
            ]
            if not line.is_discountable or (named and not any(named)):
                continue
            if _is_named(line, target.get("not") or {}):
                continue
            count = len(piece.prices)
            if piece.shown < target.get("min_unit_price", 0) * count:
                continue
            if "max_unit_price" in target and piece.shown > target["max_unit_price"] * count:
                continue
            found.append(piece)
        return found

    def cut(self, piece: Piece, first: int) -> Piece:
        """Cut the first units off a piece and return them; the others follow as a piece."""
        if first == len(piece.prices):
            return piece
        rest = Piece(piece.line, piece.prices[first:])
        piece.prices = piece.prices[:first]
        share = Fraction(piece.shown, first + len(rest.prices))
        piece.shown, rest.shown = floor(share * first), ceil(share * len(rest.prices))
        self.pieces.insert(self.pieces.index(piece) + 1, rest)
        return piece


def _is_named(line: Line, target: Row) -> bool:
    return any(_FIELDS[name](line) & set(target[name]) for name in _FIELDS if name in target)


def evaluate(rows: Sequence[Row], cart: Cart) -> dict[str, object]:
    """Return goods, shipping, the total of each line and the promotions that applied."""
    till = Till(cart)
    shown = [row for row in rows if _level(row) == "shown"]
    _best_price(till, shown)
    for piece in till.pieces:
        piece.shown = piece.total
    others = [row for row in rows if _level(row) != "shown"]
    for row in sorted(others, key=lambda row: -row.get("priority", 0)):
        if _is_met(till, row.get("conditions") or {}) and _apply(till, row):
            till.applied.append(row["id"])
    lines = {
        line.sku: sum(piece.total for piece in till.pieces if piece.line is line)
        for line in cart.lines
    }
    return {
        "goods": till.goods,
        "shipping": till.shipping,
        "lines": lines,
        "applied": sorted(set(till.applied)),
    }


def _level(row: Row) -> str:
    default = "shown" if row["kind"] == "product_discount" else "cart"
    return str(row.get("level", default))


def _best_price(till: Till, rows: Sequence[Row]) -> None:
    """Give each line the product discount that saves most; these rows have no caps."""
    met = [row for row in rows if _is_met(till, row.get("conditions") or {})]
    ordered = sorted(met, key=lambda row: -row.get("priority", 0))
    for piece in list(till.pieces):
        best, most = None, 0
        for row in ordered:
            if piece in till.meant(row.get("target") or {}):
                saving = min(_off_units(piece, row["value"]), piece.room)
                if saving > most:
                    best, most = row, saving
        if best is not None:
            piece.take(most)
            till.applied.append(best["id"])


def _is_met(till: Till, conditions: Row) -> bool:
    if till.goods < conditions.get("min_spend", 0):
        return False
    return sum(line.quantity for line in till.cart.lines) >= conditions.get("min_quantity", 0)


def _apply(till: Till, row: Row) -> bool:
    return {
        "product_discount": _product,
        "quantity_tiers": _quantity_tiers,
        "order_discount": _order,
        "spend_tiers": _spend_tiers,
        "buy_get": _buy_get,
        "bundle": _bundle,
        "shipping": _shipping,
    }[row["kind"]](till, row)


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def _off_one(price: int, value: Row) -> int:
    if "percent" in value:
        return _half_up(price * Fraction(value["percent"]) / 100)
    if "amount" in value:
        return min(price, int(value["amount"]))
    return max(0, price - int(value["price"]))


def _off_units(piece: Piece, value: Row) -> int:
    return sum(_off_one(price, value) for price in piece.prices)


def _take_all(till: Till, row: Row, pieces: Sequence[Piece], wanted: Sequence[int]) -> bool:
    amounts = [min(one, piece.room) for one, piece in zip(wanted, pieces, strict=True)]
    most = (row.get("limits") or {}).get("max_discount")
    if most is not None and sum(amounts) > most:
        amounts = divide(most, amounts)
    for piece, one in zip(pieces, amounts, strict=True):
        piece.take(one)
    return sum(amounts) > 0


def _product(till: Till, row: Row) -> bool:
    pieces = [piece for piece in till.meant(row.get("target") or {}) if not piece.is_used]
    return _take_all(till, row, pieces, [_off_units(piece, row["value"]) for piece in pieces])


def _quantity_tiers(till: Till, row: Row) -> bool:
    pieces = [piece for piece in till.meant(row.get("target") or {}) if not piece.is_used]
    units = sum(len(piece.prices) for piece in pieces)
    reached = [tier for tier in row["tiers"] if tier["quantity"] <= units]
    if not reached:
        return False
    value = max(reached, key=lambda tier: tier["quantity"])["value"]
    return _take_all(till, row, pieces, [_off_units(piece, value) for piece in pieces])


def _order(till: Till, row: Row) -> bool:
    return _off_order(till, row, row["value"])


def _spend_tiers(till: Till, row: Row) -> bool:
    worth = sum(piece.total for piece in till.meant(row.get("target") or {}))
    reached = [tier for tier in row["tiers"] if tier["spend"] <= worth]
    if not reached:
        return False
    return _off_order(till, row, max(reached, key=lambda tier: tier["spend"])["value"])


def _off_order(till: Till, row: Row, value: Row) -> bool:
    pieces = till.meant(row.get("target") or {})
    left = _off_one(sum(piece.total for piece in pieces), value)
    most = (row.get("limits") or {}).get("max_discount")
    if most is not None:
        left = min(left, most)
    open_pieces, amounts = list(pieces), dict.fromkeys(pieces, 0)
    while left and open_pieces:
        parts = divide(left, [piece.total for piece in open_pieces])
        full = [piece for piece, part in zip(open_pieces, parts, strict=True) if part > piece.room]
        if not full:
            amounts |= dict(zip(open_pieces, parts, strict=True))
            break
        for piece in full:
            amounts[piece] = piece.room
            left -= piece.room
            open_pieces.remove(piece)
    for piece, amount in amounts.items():
        piece.take(amount)
    return sum(amounts.values()) > 0


def divide(total: int, weights: Sequence[int]) -> list[int]:
    """Divide a total by weight; the largest fractions are rounded up, the earlier of equal ones."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [floor(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def _units(pieces: Sequence[Piece]) -> list[tuple[Piece, int]]:
    """Return single units, those of the piece with the lowest price of a unit first."""
    ordered = sorted(pieces, key=lambda piece: Fraction(piece.total, len(piece.prices)))
    return [(piece, price) for piece in ordered for price in piece.prices]


def _buy_get(till: Till, row: Row) -> bool:
    """Any units of one target, bought and got from the same: the cheapest ones are got."""
    buy, get = row["buy"], row["get"]
    pieces = [piece for piece in till.meant(buy) if not piece.is_used]
    units = _units(pieces)
    size = buy["quantity"] + (0 if get.get("within") else get["quantity"])
    sets = len(units) // size
    most = (row.get("limits") or {}).get("applications")
    sets = sets if most is None else min(sets, most)
    count = sets * get["quantity"]
    got: dict[Piece, int] = {}
    for piece, _price in units[:count]:
        got[piece] = got.get(piece, 0) + 1
    bought: dict[Piece, int] = {}
    by_dearest = list(dict.fromkeys(piece for piece, _price in reversed(units)))
    left = sets * size - count
    for piece in by_dearest:
        bought[piece] = min(left, len(piece.prices) - got.get(piece, 0))
        left -= bought[piece]
    used, free = [], []
    for piece in pieces:
        cut = piece
        if got.get(piece):
            free.append(till.cut(piece, got[piece]))
            following = till.pieces.index(piece) + 1
            cut = till.pieces[following] if bought.get(piece) else piece
            used.append(piece)
        if bought.get(piece):
            used.append(till.cut(cut, bought[piece]))
    has_given = _take_all(till, row, free, [_off_units(piece, get["value"]) for piece in free])
    for piece in used if has_given else ():
        piece.is_used = True
    return has_given


def _bundle(till: Till, row: Row) -> bool:
    """Any so many units of one target at one price, the cheapest ones that save something first."""
    [part] = row["bundle"]
    units = _units([piece for piece in till.meant(part) if not piece.is_used])
    size, price = part["quantity"], row["value"]["price"]
    most = (row.get("limits") or {}).get("applications")
    taken: dict[Piece, int] = {}
    savings: dict[Piece, int] = {}
    start = sets = 0
    while start + size <= len(units) and (most is None or sets < most):
        group = units[start : start + size]
        saving = sum(cost for _piece, cost in group) - price
        if saving <= 0:
            start += 1
            continue
        shares = divide(saving, [cost for _piece, cost in group])
        for (piece, _cost), share in zip(group, shares, strict=True):
            taken[piece] = taken.get(piece, 0) + 1
            savings[piece] = savings.get(piece, 0) + share
        start, sets = start + size, sets + 1
    used = [till.cut(piece, count) for piece, count in taken.items()]
    has_given = _take_all(till, row, used, [savings[piece] for piece in used])
    for piece in used if has_given else ():
        piece.is_used = True
    return has_given


def _shipping(till: Till, row: Row) -> bool:
    off = min(_off_one(till.shipping, row["value"]), till.shipping)
    most = (row.get("limits") or {}).get("max_discount")
    off = off if most is None else min(off, most)
    till.shipping -= off
    return off > 0
