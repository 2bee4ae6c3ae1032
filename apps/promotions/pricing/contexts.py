"""The situations in which promotions can meet: who buys, where, when, and with which codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import chain, combinations, islice, product
from zoneinfo import ZoneInfo

from apps.promotions.pricing.cart import Buyer, Cart
from apps.promotions.pricing.gates import Gate, Setting, compile_gate, plain_code, timestamp_of
from apps.promotions.pricing.program import Program
from apps.promotions.pricing.rows import Row, limit, part, text, words

# So many situations are looked at; what is left out is told (``Contexts.is_complete``).
MOST = 20_000
# From more words than this, only none, each, each pair and all of them are combined.
_ALL_SETS = 5
_DAY = timedelta(days=1)
_WEEK = 8


@dataclass(frozen=True, slots=True)
class Context:
    """What a buyer brings besides the goods; ``orders`` are those placed before."""

    moment: datetime
    channel: str = ""
    content: str = ""
    country: str = ""
    shipping_method: str = ""
    is_follower: bool = False
    orders: int | None = None
    tags: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def facts(self) -> dict[str, object]:
        """Return the context as the fields of a cart."""
        return {
            "moment": self.moment,
            "channel": self.channel,
            "content": self.content,
            "country": self.country,
            "shipping_method": self.shipping_method,
            "buyer": Buyer(self.orders, 0, self.is_follower, frozenset(self.tags)),
            "codes": self.codes,
        }


@dataclass(frozen=True, slots=True)
class Contexts:
    """Each set of promotions that can be open together, with the plainest context that opens it.

    The sets hold places of ``Program.rules``.
    """

    found: tuple[tuple[frozenset[int], Context], ...]
    is_complete: bool

    def among(self, places: frozenset[int]) -> list[tuple[frozenset[int], Context]]:
        """Return the contexts that differ in these promotions."""
        kept: dict[frozenset[int], tuple[frozenset[int], Context]] = {}
        for opened, context in self.found:
            kept.setdefault(opened & places, (opened, context))
        return list(kept.values())


def list_contexts(program: Program, rows: Sequence[Row], *, since: datetime) -> Contexts:
    """Return the situations in which the promotions of a program can meet from a moment on.

    Every value that a row asks for is tried with every other one, and with none; at equal open
    promotions the plainest situation stands for all. ``rows`` are those of the program.
    """
    values: tuple[Sequence[object], ...] = (
        _moments(program, rows, since),
        *(_named(rows, name) for name in ("channels", "contents", "countries")),
        _named(rows, "shipping_methods"),
        (False, True) if any(map(_asks_follower, rows)) else (False,),
        _orders(rows),
        tuple(_subsets(_words(rows, "buyer_tags"))),
        tuple(_subsets(sorted({code for row in rows for code in words(row, "codes")}))),
    )
    kept: dict[frozenset[int], Context] = {}
    for given in islice(product(*values), MOST):
        context = Context(*given)  # type: ignore[arg-type]
        kept.setdefault(_open(program, context), context)
    total = 1
    for one in values:
        total *= len(one)
    return Contexts(tuple(kept.items()), is_complete=total <= MOST)


def _open(program: Program, context: Context) -> frozenset[int]:
    setting = program.setting
    cart = Cart((), setting.market, setting.currency, **context.facts())  # type: ignore[arg-type]
    codes = frozenset(plain_code(code, setting.policy) for code in context.codes)
    return frozenset(
        place
        for place, rule in enumerate(program.rules)
        if rule.starts <= cart.timestamp < rule.ends
        and (rule.gate is None or rule.gate(cart, codes) is None)
    )


def _named(rows: Sequence[Row], name: str) -> tuple[str, ...]:
    found = set(_words(rows, name))
    if name == "channels" and any(row.get("kind") == "live_price" for row in rows):
        found.add("live")
    return ("", *sorted(found))


def _words(rows: Sequence[Row], name: str) -> list[str]:
    return sorted({word for row in rows for word in words(part(row, "conditions"), name)})


def _asks_follower(row: Row) -> bool:
    return row.get("kind") == "follower_price" or bool(part(row, "conditions").get("follower"))


def _orders(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return how many orders were placed before: more than any row asks for, and what each asks."""
    asked = {limit(part(row, "conditions"), "nth_order") for row in rows} - {None}
    if any(row.get("kind") == "first_order_price" for row in rows):
        asked.add(1)
    numbers = sorted(number for number in asked if number is not None)
    return (max(numbers, default=1), *(number - 1 for number in numbers))


def _subsets(names: Sequence[str]) -> Iterable[tuple[str, ...]]:
    sizes: Iterable[int] = range(len(names) + 1)
    if len(names) > _ALL_SETS:
        sizes = (0, 1, 2, len(names))
    return chain.from_iterable(combinations(names, size) for size in sizes)


def _moments(program: Program, rows: Sequence[Row], since: datetime) -> tuple[datetime, ...]:
    """Return one moment for each set of promotions that is in its period and hours at once.

    Where spans overlap, the overlap begins where one of them does.
    """
    setting = program.setting
    spans = [_span(row, setting) for row in rows]
    first = max(since.timestamp(), 0)
    starts = {starts for starts, _ends, _hours in spans if starts > first}
    bases = [datetime.fromtimestamp(one, UTC) for one in sorted({first, *starts})]
    clocks = _clocks(rows)
    zone = ZoneInfo(setting.timezone)
    kept: dict[frozenset[int], datetime] = {}
    for base in bases:
        for moment in _times(base, clocks, zone):
            kept.setdefault(_in_time(spans, moment, setting), moment)
    return tuple(kept.values())


_Span = tuple[float, float, Gate | None]


def _span(row: Row, setting: Setting) -> _Span:
    hours = part(part(row, "conditions"), "hours")
    gate = compile_gate({"kind": "", "conditions": {"hours": hours}}, setting) if hours else None
    starts = timestamp_of(text(row, "starts"), setting.timezone, 0.0)
    return starts, timestamp_of(text(row, "ends"), setting.timezone, float("inf")), gate


def _in_time(spans: Sequence[_Span], moment: datetime, setting: Setting) -> frozenset[int]:
    cart = Cart((), setting.market, setting.currency, moment)
    return frozenset(
        place
        for place, (starts, ends, gate) in enumerate(spans)
        if starts <= cart.timestamp < ends and (gate is None or gate(cart, frozenset()) is None)
    )


def _clocks(rows: Sequence[Row]) -> list[time]:
    """Return the times of day at which hours begin; midnight too, where weekdays change."""
    hours = [part(part(row, "conditions"), "hours") for row in rows]
    begins = {text(one, "from", "00:00") for one in hours if one}
    return sorted({time.fromisoformat(one) for one in begins} | ({time()} if begins else set()))


def _times(base: datetime, clocks: Sequence[time], zone: ZoneInfo) -> Iterator[datetime]:
    yield base
    local = base.astimezone(zone)
    for day in range(_WEEK):
        for clock in clocks:
            on = (local + day * _DAY).date()
            moment = datetime.combine(on, clock, zone).astimezone(UTC)
            if moment > base:
                yield moment
