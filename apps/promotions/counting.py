"""How far promotions are used up: read before a cart is priced, taken when its order is placed.

Taking is one guarded update of all counters of all orders of a batch, keys sorted, before any insert
of a child row; what would pass a limit changes nothing and raises ``UsedUpError`` (guarantee G9).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.common.bulk import insert_missing_rows, insert_rows, select_rows, slots
from apps.promotions.models import PromotionCode, PromotionCounter, Redemption
from apps.promotions.pricing.cart import Usage
from apps.promotions.programs import Limits, Loaded
from apps.promotions.requests import Taking
from apps.promotions.rows import plain_code

ALL = "all"
_COUNTERS = """
SELECT promotion_id, scope, id, uses, units, spent_minor, uses_limit
FROM promotions_promotioncounter
WHERE promotion_id IN ({promotions}) AND scope IN ({scopes})
"""
_COUNTER_COLUMNS = (
    "merchant",
    "promotion",
    "scope",
    "uses",
    "units",
    "spent_minor",
    "uses_limit",
    "units_limit",
    "spent_limit_minor",
)
_REDEMPTION_COLUMNS = (
    "merchant",
    "promotion",
    "order_ref",
    "buyer_index",
    "code",
    "currency",
    "uses",
    "units",
    "amount_minor",
    "platform_minor",
    "is_returned",
    "taken_at",
    "returned_at",
)


class UsedUpError(Exception):
    """A limit was reached between pricing and taking; the caller's transaction must roll back."""


def buyer_scope(buyer_index: str) -> str:
    """Return the scope of one buyer's counter."""
    return f"buyer:{buyer_index}"


def code_scope(plain: str) -> str:
    """Return the scope of one code's counter."""
    return f"code:{plain}"


def money_scope(currency: str) -> str:
    """Return the scope of the money spent in one currency."""
    return f"money:{currency}"


@dataclass(frozen=True, slots=True)
class Entered:
    """A code a buyer entered that leads to a promotion; ``uses_limit`` is the code's own."""

    plain: str
    promotion: str
    uses_limit: int | None


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters that a batch of carts needs, read in one statement."""

    rows: Mapping[tuple[int, str], tuple[int, int, int, int, int | None]]

    def usage(
        self, loaded: Loaded, *, buyer_index: str, currency: str, entered: Sequence[Entered]
    ) -> dict[str, Usage]:
        """Return how far the limited promotions are used up for one buyer, by public id."""
        found = {}
        for key, ident in loaded.limited.items():
            total = self._row(key, ALL)
            buyer = self._row(key, buyer_scope(buyer_index)) if buyer_index else (0, 0, 0)
            money = self._row(key, money_scope(currency))
            found[ident] = Usage(
                uses=total[0],
                units=total[1],
                buyer_uses=buyer[0],
                buyer_units=buyer[1],
                spent=money[2],
                code_uses={ident: 0 if self._has_open_code(key, ident, entered) else 1},
            )
        return found

    def _has_open_code(self, key: int, ident: str, entered: Sequence[Entered]) -> bool:
        codes = [code for code in entered if code.promotion == ident]
        return any(self.is_open(key, code) for code in codes)

    def is_open(self, key: int, code: Entered) -> bool:
        """Say whether a code may be used once more."""
        return (
            code.uses_limit is None or self._row(key, code_scope(code.plain))[0] < code.uses_limit
        )

    def _row(self, key: int, scope: str) -> tuple[int, int, int]:
        row = self.rows.get((key, scope))
        return (0, 0, 0) if row is None else row[1:4]


def find_codes(merchant_id: int, codes: Iterable[str]) -> dict[str, Entered]:
    """Return the codes that lead to promotions, by the form the buyer entered; unknown ones are absent."""
    by_plain: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        by_plain[plain_code(code)].append(code)
    if not by_plain:
        return {}
    rows = PromotionCode.objects.filter(merchant=merchant_id, plain__in=sorted(by_plain))
    found = rows.values_list("plain", "promotion__public_id", "uses_limit")
    return {code: Entered(*row) for row in found for code in by_plain[row[0]]}


def read_counters(
    programs: Collection[Loaded], *, buyers: Iterable[str], codes: Iterable[Entered]
) -> Counters:
    """Return the counters of the limited promotions for these buyers and codes, in one statement."""
    keys = sorted({key for loaded in programs for key in loaded.limited})
    if not keys:
        return Counters({})
    currencies = {loaded.program.setting.currency for loaded in programs}
    scopes = sorted(
        {ALL}
        | {buyer_scope(buyer) for buyer in buyers if buyer}
        | {money_scope(currency) for currency in currencies}
        | {code_scope(code.plain) for code in codes}
    )
    statement = _COUNTERS.format(promotions=slots(keys), scopes=slots(scopes))
    return Counters({(row[0], row[1]): row[2:] for row in select_rows(statement, (*keys, *scopes))})


@dataclass(slots=True)
class _Amounts:
    uses: int = 0
    units: int = 0
    spent: int = 0


def take(
    takings: Sequence[Taking],
    programs: Mapping[str, Loaded],
    *,
    merchant_id: int,
    now: datetime,
) -> None:
    """Count what orders take from promotions and remember it, in the caller's transaction.

    ``programs`` are those the orders were priced with, by public id of the promotion. Raises
    ``UsedUpError`` when a limit no longer covers it.
    """
    if not takings:
        return
    wanted: dict[tuple[int, str], _Amounts] = defaultdict(_Amounts)
    limits: dict[tuple[int, str], tuple[int | None, int | None, int | None]] = {}
    for taking in takings:
        active = programs[taking.promotion].promotions[taking.promotion]
        for scope, uses_limit, units_limit, money_limit in _scopes(taking, active.limits):
            amounts = wanted[active.key, scope]
            amounts.uses += 1
            amounts.units += taking.units
            amounts.spent += taking.amount_minor if scope.startswith("money:") else 0
            limits[active.key, scope] = (uses_limit, units_limit, money_limit)
    if wanted:
        _count(wanted, limits, merchant_id)
    rows = [
        (
            merchant_id,
            programs[taking.promotion].promotions[taking.promotion].key,
            taking.order_ref,
            taking.buyer_index,
            taking.code,
            taking.currency,
            1,
            taking.units,
            taking.amount_minor,
            taking.platform_minor,
            False,
            now,
            None,
        )
        for taking in takings
    ]
    insert_rows(Redemption, _REDEMPTION_COLUMNS, rows)


def _scopes(taking: Taking, limits: Limits) -> list[tuple[str, int | None, int | None, int | None]]:
    """Return the counters one taking moves, with their limits; unlimited ones are not counted."""
    found: list[tuple[str, int | None, int | None, int | None]] = []
    if limits.uses is not None or limits.units is not None:
        found.append((ALL, limits.uses, limits.units, None))
    per_buyer = limits.buyer_uses is not None or limits.buyer_units is not None
    if per_buyer and taking.buyer_index:
        found.append((buyer_scope(taking.buyer_index), limits.buyer_uses, limits.buyer_units, None))
    if limits.budget_minor is not None:
        found.append((money_scope(taking.currency), None, None, limits.budget_minor))
    if taking.code:
        found.append((code_scope(plain_code(taking.code)), None, None, None))
    return found


def _count(
    wanted: Mapping[tuple[int, str], _Amounts],
    limits: Mapping[tuple[int, str], tuple[int | None, int | None, int | None]],
    merchant_id: int,
) -> None:
    known = _keys(wanted)
    missing = [pair for pair in sorted(wanted) if pair not in known]
    if missing:
        rows = [(merchant_id, *pair, 0, 0, 0, *limits[pair]) for pair in missing]
        insert_missing_rows(PromotionCounter, _COUNTER_COLUMNS, rows)
        known = _keys(wanted)
    amounts = {known[pair]: item for pair, item in wanted.items()}
    if not _add(amounts):
        raise UsedUpError


def _keys(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    pairs = set(wanted)
    promotions = sorted({promotion for promotion, _scope in pairs})
    scopes = sorted({scope for _promotion, scope in pairs})
    statement = _COUNTERS.format(promotions=slots(promotions), scopes=slots(scopes))
    rows = select_rows(statement, (*promotions, *scopes))
    return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) in pairs}


def _add(amounts: Mapping[int, _Amounts], sign: int = 1) -> bool:
    """Add to the counters, all or nothing; returns whether every one had room."""
    keys = sorted(amounts)
    case = "CASE id " + " ".join(["WHEN %s THEN %s"] * len(keys)) + " ELSE 0 END"
    columns = (
        ("uses", "uses_limit"),
        ("units", "units_limit"),
        ("spent_minor", "spent_limit_minor"),
    )
    parts = {
        "uses": [value for key in keys for value in (key, sign * amounts[key].uses)],
        "units": [value for key in keys for value in (key, sign * amounts[key].units)],
        "spent_minor": [value for key in keys for value in (key, sign * amounts[key].spent)],
    }
    sets = ", ".join(f"{column} = {column} + ({case})" for column, _limit in columns)
    guards = " AND ".join(
        f"({limit} IS NULL OR {column} + ({case}) <= {limit})" for column, limit in columns
    )
    statement = (
        f"UPDATE promotions_promotioncounter SET {sets} "  # noqa: S608 - names of our own columns
        f"WHERE id IN ({slots(keys)}) AND {guards}"
    )
    values = [value for column, _limit in columns for value in parts[column]]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *keys, *values])
        changed: int = cursor.rowcount
    return changed == len(keys)


def give_back(
    order_ref: str, *, merchant_id: int, now: datetime, counts_cancelled: bool = False
) -> int:
    """Return everything an order took, once; gives the number of promotions.

    With ``counts_cancelled`` (policy 9) the uses stay taken; units and money come back always.
    """
    held = Redemption.objects.filter(merchant=merchant_id, order_ref=order_ref, is_returned=False)
    redemptions = list(held.order_by("promotion_id").select_for_update())
    if not redemptions:
        return 0
    _subtract(redemptions, counts_cancelled=counts_cancelled)
    keys = [redemption.pk for redemption in redemptions]
    Redemption.objects.filter(pk__in=keys).update(is_returned=True, returned_at=now)
    return len(redemptions)


def _subtract(redemptions: Sequence[Redemption], *, counts_cancelled: bool) -> None:
    wanted: dict[tuple[int, str], _Amounts] = defaultdict(_Amounts)
    for item in redemptions:
        scopes = [ALL, money_scope(item.currency)]
        scopes += [buyer_scope(item.buyer_index)] if item.buyer_index else []
        scopes += [code_scope(plain_code(item.code))] if item.code else []
        for scope in scopes:
            amounts = wanted[item.promotion_id, scope]
            amounts.uses += 0 if counts_cancelled else item.uses
            amounts.units += item.units
            amounts.spent += item.amount_minor if scope.startswith("money:") else 0
    known = _keys(wanted)
    if known:
        _add({known[pair]: wanted[pair] for pair in known}, sign=-1)
