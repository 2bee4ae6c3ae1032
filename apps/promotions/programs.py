"""The compiled promotions of a merchant's markets, kept by the processes that price carts.

A merchant without promotions in a market costs one small read; one with promotions the same read and
a look into memory, until a change of them draws another version.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from apps.common.bulk import select_rows, slots
from apps.common.ids import new_public_id
from apps.markets.models import Market
from apps.promotions.models import MarketProgram, Promotion, PromotionMarket
from apps.promotions.policies import current_policy
from apps.promotions.pricing.policy import Policy
from apps.promotions.pricing.program import Program, compile_program
from apps.promotions.pricing.rows import amount, limit, part
from apps.promotions.rows import row_of
from apps.promotions.states import PRICING

_KEPT = 1000
_VERSIONS = """
SELECT market.code, program.version, market.currency, market.time_zone
FROM promotions_marketprogram program
JOIN markets_market market ON market.id = program.market_id
WHERE program.merchant_id = %s AND market.code IN ({markets})
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What of a promotion is limited; ``None`` is no limit. ``budget_minor`` is in the market's money."""

    uses: int | None = None
    units: int | None = None
    buyer_uses: int | None = None
    buyer_units: int | None = None
    budget_minor: int | None = None
    has_codes: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether there is anything to count before a cart is priced."""
        numbers = (self.uses, self.units, self.buyer_uses, self.buyer_units, self.budget_minor)
        return self.has_codes or any(number is not None for number in numbers)


@dataclass(frozen=True, slots=True)
class Active:
    """A promotion of a program: its key and name, and what of it is limited."""

    key: int
    name: str
    version: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Loaded:
    """The compiled promotions of a merchant in one market, by public id in ``promotions``.

    ``needs_history`` says that some promotion asks how many orders the buyer has placed.
    """

    version: str
    market: str
    program: Program
    promotions: Mapping[str, Active]
    needs_history: bool

    @property
    def names(self) -> dict[str, str]:
        """The names of the promotions by public id."""
        return {ident: active.name for ident, active in self.promotions.items()}

    @property
    def limited(self) -> dict[int, str]:
        """The public ids of the promotions with limits or codes, by their keys."""
        return {
            active.key: ident
            for ident, active in self.promotions.items()
            if active.limits.is_limited
        }


@dataclass(frozen=True, slots=True)
class _Version:
    version: str
    currency: str
    time_zone: str


_kept: OrderedDict[tuple[int, str, Policy], Loaded] = OrderedDict()
_lock = threading.Lock()


def find_programs(merchant_id: int, markets: Collection[str]) -> dict[str, Loaded]:
    """Return the programs of the markets in which the merchant has promotions, by market code.

    One statement when nothing changed since the last call, two more for each market that did.
    """
    wanted = sorted(markets)
    if not wanted:
        return {}
    rows = select_rows(_VERSIONS.format(markets=slots(wanted)), (merchant_id, *wanted))
    return {row[0]: _find(merchant_id, row[0], _Version(*row[1:])) for row in rows}


def _find(merchant_id: int, market: str, version: _Version) -> Loaded:
    policy = current_policy()
    key = (merchant_id, market, policy)
    with _lock:
        known = _kept.get(key)
        if known is not None and known.version == version.version:
            _kept.move_to_end(key)
            return known
    # Two threads may compile the same version; both are right.
    loaded = _load(merchant_id, market, version, policy)
    with _lock:
        _kept[key] = loaded
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return loaded


def _load(merchant_id: int, market: str, version: _Version, policy: Policy) -> Loaded:
    promotions = list(
        Promotion.objects.filter(
            merchant=merchant_id, status__in=PRICING, markets__market__code=market
        ).order_by("id")
    )
    return compile_loaded(
        promotions,
        market=market,
        currency=version.currency,
        time_zone=version.time_zone,
        version=version.version,
        policy=policy,
    )


def compile_loaded(
    promotions: Iterable[Promotion],
    *,
    market: str,
    currency: str,
    time_zone: str,
    version: str = "",
    policy: Policy | None = None,
    more: Iterable[Mapping[str, object]] = (),
) -> Loaded:
    """Compile promotions, and rows that are not saved yet (``more``), for one market.

    Raises ``PromotionRowError`` for rows that cannot be read; saved promotions always can.
    """
    listed = list(promotions)
    rows = [row_of(promotion) for promotion in listed]
    extra = list(more)
    policy = policy or current_policy()
    program = compile_program(
        [*rows, *extra], policy, market=market, currency=currency, timezone=time_zone
    )
    active = {
        promotion.public_id: Active(
            promotion.pk,
            promotion.name,
            promotion.version,
            limits_of(row, currency),
        )
        for promotion, row in zip(listed, rows, strict=True)
    }
    needs_history = any(map(_asks_history, [*rows, *extra]))
    return Loaded(version, market, program, active, needs_history)


def limits_of(row: Mapping[str, object], currency: str) -> Limits:
    """Return what a row limits in a currency."""
    limits = part(row, "limits")
    return Limits(
        limit(limits, "uses"),
        limit(limits, "units"),
        limit(limits, "uses_per_buyer"),
        limit(limits, "units_per_buyer"),
        amount(limits, "budget", currency),
        bool(row.get("codes")),
    )


def _asks_history(row: Mapping[str, object]) -> bool:
    asked = part(row, "conditions").get("nth_order") is not None
    return asked or row.get("kind") == "first_order_price"


def renew_versions(merchant_id: int, markets: Collection[Market]) -> None:
    """Make every process compile the markets' programs anew, once the caller's transaction commits."""
    for key in sorted(market.pk for market in markets):
        programs = MarketProgram.objects.filter(merchant=merchant_id, market=key)
        version = new_public_id("pgm")
        if not programs.update(version=version):
            MarketProgram.objects.create(merchant_id=merchant_id, market_id=key, version=version)


def list_running_markets(promotion: Promotion) -> list[Market]:
    """Return the markets of a promotion."""
    rows = PromotionMarket.objects.filter(promotion=promotion).select_related("market")
    return [row.market for row in rows.order_by("market__code")]
