"""What a promotion would do: prices, the 30-day rule, what is kept, and the worst it can meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from apps.catalog.models import Listing, ListingPrice
from apps.catalog.pricing.reductions import WINDOW, PricePoint, lowest_price
from apps.common.money import Money
from apps.compliance.promoting.wares import MOST_WARES, Ware, read_wares
from apps.compliance.publishing.waterfall import Waterfall, build_waterfall
from apps.journal.services import Json
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.promotions.models import Promotion, PromotionMarket
from apps.promotions.policies import current_policy
from apps.promotions.pricing.cart import Cart, Line
from apps.promotions.pricing.program import Program, compile_program
from apps.promotions.pricing.quote import Gift
from apps.promotions.pricing.rows import KINDS, Row, text
from apps.promotions.pricing.worst_case import Found, Search, Worst
from apps.promotions.rows import row_of
from apps.promotions.states import PRICING

# Stored with the promotion: the first so many lines of what was found.
KEPT_LINES = 60


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two promotions that do not apply together: ``loser`` stands aside, by a code of ``reasons``."""

    loser: str
    code: str
    winner: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a promotion does to one SKU in one market; amounts in the market's currency.

    ``now`` is the price today with what already runs, ``new`` with the promotion in its plainest
    case (nothing where it never applies), ``lowest`` the lowest of the 30 days before it starts.
    ``kept_*`` are what is kept after every known line of the waterfall, ``unknown`` the others.
    """

    ware: Ware
    now: int
    new: Worst | None
    lowest: int | None
    is_announced: bool
    kept_now: Money
    kept_new: Money | None
    kept_worst: Money
    worst: Worst
    unknown: tuple[str, ...]
    conflicts: tuple[Conflict, ...] = ()
    is_complete: bool = True

    @property
    def sku(self) -> str:
        """The SKU."""
        return self.ware.sku

    @property
    def market(self) -> str:
        """The market's code."""
        return self.ware.market.code

    @property
    def currency(self) -> str:
        """The market's currency."""
        return self.ware.market.currency

    @property
    def is_loss(self) -> bool:
        """Whether the worst case leaves less than nothing."""
        return self.kept_worst.minor < 0

    @property
    def is_reduction(self) -> bool:
        """Whether the new price is below the lowest of 30 days, so that a reduction may be announced."""
        if self.new is None or self.lowest is None:
            return False
        return self.new.unit_paid < self.lowest

    def as_json(self) -> dict[str, Json]:
        """Return what is stored of it."""
        return {
            "sku": self.sku,
            "market": self.market,
            "currency": self.currency,
            "now_minor": self.now,
            "new_minor": None if self.new is None else self.new.unit_paid,
            "lowest_minor": self.lowest,
            "kept_minor": None if self.kept_new is None else self.kept_new.minor,
            "worst_minor": self.worst.unit_paid,
            "kept_worst_minor": self.kept_worst.minor,
            "promotions": list[Json](one.promotion for one in self.worst.taken),
            "quantity": self.worst.quantity,
            "is_at_floor": self.worst.is_at_floor,
            "unknown": list[Json](self.unknown),
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a promotion does everywhere, and what the answer rests on.

    ``total`` counts the offers of the promotion, ``outcomes`` those that were looked at.
    ``versions`` are the other promotions it may meet with their versions; ``names`` of them all.
    """

    outcomes: tuple[Outcome, ...]
    total: int
    at: datetime
    versions: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()

    @property
    def losses(self) -> list[Outcome]:
        """The offers whose worst case loses money, the worst first."""
        found = [one for one in self.outcomes if one.is_loss]
        return sorted(found, key=lambda one: one.kept_worst.minor)

    @property
    def is_complete(self) -> bool:
        """Whether every offer and every case was looked at."""
        looked = len(self.outcomes) >= self.total
        return looked and all(one.is_complete for one in self.outcomes)

    @property
    def has_unknown(self) -> bool:
        """Whether some line of a waterfall is not known, so that less may be kept."""
        return any(one.unknown for one in self.outcomes)

    def as_json(self) -> dict[str, Json]:
        """Return what is stored with the promotion."""
        worst = sorted(self.outcomes, key=lambda one: one.kept_worst.minor)
        return {
            "at": self.at.isoformat(),
            "offers": self.total,
            "checked": len(self.outcomes),
            "is_complete": self.is_complete,
            "losses": len(self.losses),
            "versions": dict[str, Json](self.versions),
            "rules": list[Json](self.rules),
            "lines": [one.as_json() for one in worst[:KEPT_LINES]],
        }


def simulate(
    merchant: Merchant,
    row: Row,
    *,
    markets: Sequence[Market],
    now: datetime,
    most: int = MOST_WARES,
) -> Simulation:
    """Return what a row would do beside the promotions that run or are planned; thirteen statements.

    Amounts are per unit. Raises ``PromotionRowError`` for a row that cannot be read.
    """
    others = _others(merchant, markets, str(row["id"]))
    rows = {one.public_id: row_of(one) for one, _codes in others}
    wares = read_wares(merchant, [row, *rows.values()], markets=markets, on=now.date(), most=most)
    listings = [ware.listing for group in wares.by_market.values() for ware in group]
    history = _history(listings)
    outcomes: list[Outcome] = []
    used: set[str] = set()
    for market in markets:
        here = [rows[one.public_id] for one, codes in others if market.code in codes]
        group = _Group(market, wares.by_market[market.code], row, here, history, now)
        outcomes += group.outcomes()
        used |= group.rules
    return Simulation(
        tuple(outcomes),
        wares.total,
        now,
        {one.public_id: one.version for one, _codes in others},
        {one.public_id: one.name for one, _codes in others} | {str(row["id"]): str(row["name"])},
        tuple(sorted(used)),
    )


def _others(
    merchant: Merchant, markets: Sequence[Market], but: str
) -> list[tuple[Promotion, set[str]]]:
    """Return what prices carts in the markets besides one promotion, with its market codes."""
    rows = PromotionMarket.objects.filter(
        merchant=merchant, market__in=markets, promotion__status__in=PRICING
    ).exclude(promotion__public_id=but)
    found: dict[int, tuple[Promotion, set[str]]] = {}
    for one in rows.select_related("promotion", "market").order_by("promotion_id"):
        found.setdefault(one.promotion_id, (one.promotion, set()))[1].add(one.market.code)
    return list(found.values())


_History = Mapping[int, Sequence[PricePoint]]


def _history(listings: Sequence[Listing]) -> _History:
    points: dict[int, list[PricePoint]] = {}
    currencies = {listing.pk: listing.currency for listing in listings}
    rows = ListingPrice.objects.filter(listing__in=list(currencies))
    for key, at, minor, currency in rows.values_list(
        "listing_id", "from_at", "price_minor", "currency"
    ):
        if currency == currencies[key]:
            points.setdefault(key, []).append(PricePoint(at, minor))
    return points


class _Group:
    """The offers of one market, priced with and without the promotion."""

    def __init__(
        self,
        market: Market,
        wares: Sequence[Ware],
        row: Row,
        others: Sequence[Row],
        history: _History,
        now: datetime,
    ) -> None:
        self.market, self.wares, self.row, self.others = market, wares, row, others
        self.history, self.now = history, now
        self.rules: set[str] = set()
        self._falls: dict[tuple[int, int], Waterfall] = {}
        self._pieces = {ware.sku: ware for ware in wares}

    def outcomes(self) -> list[Outcome]:
        """Return an outcome for every offer that the row speaks about."""
        if not self.wares:
            return []
        rows = [self.row, *self.others]
        program = self._compile(rows)
        ident = text(self.row, "id")
        lines = [ware.line for ware in self.wares]
        search = Search(program, rows, lines, since=self.now, focus=ident)
        before = self._compile(self.others)
        return [
            self._outcome(ware, search.find(ware.line), self._shown(before, ware.line))
            for ware in self.wares
            if search.concerns(ident, ware.line)
        ]

    def _compile(self, rows: Sequence[Row]) -> Program:
        market = self.market
        return compile_program(
            rows,
            current_policy(),
            market=market.code,
            currency=market.currency,
            timezone=market.time_zone,
        )

    def _shown(self, program: Program, line: Line) -> int:
        """Return what anybody pays for one unit now."""
        cart = Cart((line,), self.market.code, self.market.currency, self.now)
        return program.quote(cart).goods_total

    def _outcome(self, ware: Ware, found: Found, now: int) -> Outcome:
        new, worst = found.first, found.worst
        waterfall = self._fall(ware, worst.unit_paid)
        return Outcome(
            ware=ware,
            now=now,
            new=new,
            lowest=self._lowest(ware),
            is_announced=text(self.row, "level", KINDS[text(self.row, "kind")].level) == "shown",
            kept_now=self._fall(ware, now).keep,
            kept_new=None if new is None else self._kept(ware, new),
            kept_worst=self._kept(ware, worst),
            worst=worst,
            unknown=waterfall.unknown,
            conflicts=tuple(Conflict(*one) for one in found.clashes),
            is_complete=found.is_complete,
        )

    def _lowest(self, ware: Ware) -> int | None:
        """Return the lowest price asked in the 30 days before the promotion starts.

        Earlier promotions on the shown price count as prices too.
        """
        zone = ZoneInfo(self.market.time_zone)
        starts = datetime.fromisoformat(text(self.row, "starts")).replace(tzinfo=zone)
        until = max(starts.astimezone(UTC), self.now)
        listed = lowest_price(self.history.get(ware.listing.pk, ()), until=until)
        shown = [self._at(ware.line, moment) for moment in self._moments(until)]
        prices = [price for price in (listed, *shown) if price is not None]
        return min(prices, default=None)

    def _moments(self, until: datetime) -> Iterator[datetime]:
        """Return the moments of the 30 days at which another promotion on shown prices begins."""
        zone = ZoneInfo(self.market.time_zone)
        for row in self.others:
            if text(row, "level", KINDS[text(row, "kind")].level) != "shown" or row.get("codes"):
                continue
            starts = datetime.fromisoformat(text(row, "starts")).replace(tzinfo=zone)
            moment = max(starts.astimezone(UTC), until - WINDOW)
            if moment < until:
                yield moment

    def _at(self, line: Line, moment: datetime) -> int:
        cart = Cart((line,), self.market.code, self.market.currency, moment)
        return self._earlier.quote(cart).goods_total

    @cached_property
    def _earlier(self) -> Program:
        """The other promotions on shown prices."""
        shown = [
            row
            for row in self.others
            if text(row, "level", KINDS[text(row, "kind")].level) == "shown"
        ]
        return self._compile(shown)

    def _kept(self, ware: Ware, case: Worst) -> Money:
        """Return what is kept of one unit: the waterfall of what is paid, and the platform's part."""
        waterfall = self._fall(ware, case.unit_paid)
        extra = case.unit_received - case.unit_paid
        gifts = sum(self._gift(gift) for gift in case.gifts)
        minor = waterfall.keep.minor + extra - -(-gifts // case.quantity)
        return Money.from_minor(minor, self.market.currency)

    def _gift(self, gift: Gift) -> int:
        """Return what a gift costs the merchant; one of unknown cost counts at its list price."""
        ware = self._pieces.get(gift.sku)
        cost = (
            ware.line.cost if ware is not None and ware.line.cost is not None else gift.list_price
        )
        return cost * gift.quantity

    def _fall(self, ware: Ware, minor: int) -> Waterfall:
        """Return the waterfall of a price; nothing can be declared at zero, so one unit stands for it."""
        key = (ware.listing.pk, max(minor, 1))
        if key not in self._falls:
            waterfall = build_waterfall(ware.case, ware.offer(key[1]))
            if waterfall is None:
                raise TypeError("an offer without a price")
            self._falls[key] = waterfall
            self.rules |= {rule for line in waterfall.lines for rule in line.rows}
        return self._falls[key]


def lines_of(simulation: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return the lines that were stored with a promotion."""
    lines = simulation.get("lines")
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
