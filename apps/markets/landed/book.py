"""The rows of one market and day, compiled to closures: the rule book that prices sales."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.common.money import allocate
from apps.markets.landed.conditions import ConsignmentTest, LineTest, compile_conditions
from apps.markets.landed.consignment import Consignment, Group, Line, sum_values
from apps.markets.landed.duties import Charge, compile_charge
from apps.markets.landed.result import Banner, LandedCostError, NoRuleError, Quote
from apps.markets.landed.rows import (
    PENDING,
    Row,
    countries,
    part,
    parts,
    rows_in_force,
    text,
    words,
)
from apps.markets.landed.sale import Item, Sale
from apps.markets.landed.taxes import Tax, compile_tax

Caution = tuple[Banner, Callable[[Item], bool]]
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Compiled:
    """One row as closures."""

    ident: str
    answers: frozenset[str]
    whole_test: ConsignmentTest | None
    line_test: LineTest | None
    charge: Charge
    tax: Tax
    collector: str
    is_deemed_supplier: bool
    takes_surcharges: bool
    gates: tuple[str, ...]
    cautions: tuple[Caution, ...]
    pending: Banner | None

    def holds(self, consignment: Consignment) -> bool:
        """Say whether the row speaks about the consignment."""
        test = self.whole_test
        return test is None or test(consignment)

    def choose(self, consignment: Consignment, lines: Sequence[Line]) -> Sequence[Line]:
        """Return the lines that the row speaks about."""
        test = self.line_test
        if test is None:
            return lines
        return [line for line in lines if test(consignment, line.item)]


@dataclass(frozen=True, slots=True)
class Book:
    """The compiled rows about one country on one day; ``quote`` prices a sale by them."""

    country: str
    on: date
    tax_rows: tuple[Compiled, ...]
    duty_rows: tuple[Compiled, ...]
    surcharges: tuple[Compiled, ...]
    fees: tuple[Compiled, ...]
    gates: tuple[Compiled, ...]
    pending: tuple[Compiled, ...]

    def quote(self, sale: Sale) -> Quote:
        """Return the landed cost of ``sale``.

        Duty is rounded before it enters the tax base; duty and tax are rounded once for all lines
        that the same rows price, each fee by itself. Raises ``NoRuleError`` where duty or tax of a
        line is answered by no row, ``MissingRateError`` without a rate that is needed, and
        ``ValueError`` for a sale to another country or of another day.
        """
        if (sale.destination, sale.sold_on) != (self.country, self.on):
            raise ValueError(f"This book is of {self.country} on {self.on}")
        consignment = Consignment(sale)
        used: dict[str, Compiled] = {}
        duty = tax = consignment.zero
        collectors: dict[str, None] = {}
        is_deemed = False
        for tax_row, duty_row, group in self._groups(consignment):
            used[tax_row.ident], used[duty_row.ident] = tax_row, duty_row
            part_duty = self._duty(consignment, duty_row, group, used)
            duty += part_duty
            tax += consignment.rounded(tax_row.tax(consignment, group, part_duty))
            collectors[tax_row.collector] = None
            is_deemed = is_deemed or tax_row.is_deemed_supplier
        fees = self._fees(consignment, used)
        charges = duty + tax + fees
        return Quote(
            currency=sale.currency,
            duty=duty,
            tax=tax,
            fees=fees,
            total_charges=charges,
            landed_total=consignment.rounded(consignment.cif + charges),
            collector="+".join(collectors),
            is_deemed_supplier=is_deemed,
            row_ids=tuple(used),
            steps=tuple(consignment.steps),
            banners=tuple(self._banners(consignment, used)),
            gates=self._required(consignment),
        )

    def _groups(self, consignment: Consignment) -> list[tuple[Compiled, Compiled, Group]]:
        taxed = self._assign(consignment, "tax", self.tax_rows)
        dutied = self._assign(consignment, "duty", self.duty_rows)
        if len(taxed) == len(dutied) == 1:
            sale = consignment.sale
            whole = Group(consignment.lines, consignment.goods, sale.shipping, sale.insurance)
            return [(taxed[0][0], dutied[0][0], whole)]
        parts_of: list[tuple[Compiled, Compiled, list[Line]]] = []
        for tax_row, tax_lines in taxed:
            for duty_row, duty_lines in dutied:
                both = [line for line in tax_lines if any(line is other for other in duty_lines)]
                if both:
                    parts_of.append((tax_row, duty_row, both))
        return _with_carriage(consignment, parts_of)

    def _assign(
        self, consignment: Consignment, charge: str, rows: Sequence[Compiled]
    ) -> list[tuple[Compiled, Sequence[Line]]]:
        """Give each line to the first row that answers the charge for it."""
        rest: Sequence[Line] = consignment.lines
        found: list[tuple[Compiled, Sequence[Line]]] = []
        for row in rows:
            if not row.holds(consignment):
                continue
            chosen = row.choose(consignment, rest)
            if len(chosen) == len(rest):
                return [*found, (row, rest)]
            if chosen:
                found.append((row, chosen))
                rest = [line for line in rest if not any(line is one for one in chosen)]
        headings = ", ".join(sorted({f"{line.item.hs6} {line.item.origin}" for line in rest}))
        reason = f"no rule of {self.country} on {self.on} answers for {headings}"
        matched = [row.ident for row in (*self.tax_rows, *self.duty_rows) if row.holds(consignment)]
        raise NoRuleError(charge, reason, row_ids=tuple(dict.fromkeys(matched)))

    def _duty(
        self, consignment: Consignment, row: Compiled, group: Group, used: dict[str, Compiled]
    ) -> Decimal:
        amount = row.charge(consignment, group)
        if row.takes_surcharges:
            for extra in self.surcharges:
                if extra.holds(consignment) and (lines := extra.choose(consignment, group.lines)):
                    amount += extra.charge(consignment, _subgroup(group, lines))
                    used[extra.ident] = extra
        return consignment.rounded(amount)

    def _fees(self, consignment: Consignment, used: dict[str, Compiled]) -> Decimal:
        total = consignment.zero
        for fee in self.fees:
            if fee.holds(consignment) and (lines := fee.choose(consignment, consignment.lines)):
                group = _whole(consignment, lines)
                total += consignment.rounded(fee.charge(consignment, group))
                used[fee.ident] = fee
        return total

    def _banners(self, consignment: Consignment, used: dict[str, Compiled]) -> list[Banner]:
        found = [
            banner
            for row in used.values()
            for banner, concerns in row.cautions
            if any(concerns(line.item) for line in consignment.lines)
        ]
        found += [
            row.pending for row in self.pending if row.pending and _may_hold(row, consignment)
        ]
        return found

    def _required(self, consignment: Consignment) -> tuple[str, ...]:
        names = [name for row in self.gates if row.holds(consignment) for name in row.gates]
        return tuple(dict.fromkeys(names))


def _may_hold(row: Compiled, consignment: Consignment) -> bool:
    """Say whether a pending row would speak; it cannot be ruled out without a rate it needs."""
    try:
        return row.holds(consignment) and bool(row.choose(consignment, consignment.lines))
    except LandedCostError:
        return True


def _whole(consignment: Consignment, lines: Sequence[Line]) -> Group:
    sale = consignment.sale
    whole = Group(consignment.lines, consignment.goods, sale.shipping, sale.insurance)
    return _subgroup(whole, lines)


def _subgroup(group: Group, lines: Sequence[Line]) -> Group:
    """Return some lines of a group with their part of its carriage by value."""
    if len(lines) == len(group.lines):
        return group
    goods = sum_values(lines)
    share = goods / group.goods if group.goods else _ZERO
    return Group(lines, goods, group.shipping * share, group.insurance * share)


def _with_carriage(
    consignment: Consignment, found: list[tuple[Compiled, Compiled, list[Line]]]
) -> list[tuple[Compiled, Compiled, Group]]:
    """Split shipping and insurance by value over groups of lines, so that the parts sum exactly."""
    sale, decimals = consignment.sale, consignment.sale.decimals
    goods = [sum_values(lines) for _tax, _duty, lines in found]
    weights = [int(value.scaleb(decimals)) for value in goods]
    shipping, insurance = (
        [Decimal(minor).scaleb(-decimals) for minor in allocate(int(amount), weights)]
        for amount in (sale.shipping.scaleb(decimals), sale.insurance.scaleb(decimals))
    )
    return [
        (tax_row, duty_row, Group(lines, value, carriage, cover))
        for (tax_row, duty_row, lines), value, carriage, cover in zip(
            found, goods, shipping, insurance, strict=True
        )
    ]


def compile_book(rows: Iterable[Row], country: str, on: date) -> Book:
    """Compile the rows that speak about ``country`` on a day; a malformed row raises ``ValueError``."""
    found = [
        (text(row, "role", "primary"), compile_row(row, country, on))
        for row in rows_in_force(rows, country, on)
    ]
    by_role: dict[str, list[Compiled]] = {}
    for role, row in found:
        by_role.setdefault("pending" if row.pending else role, []).append(row)
    primary = by_role.get("primary", [])
    return Book(
        country=country,
        on=on,
        tax_rows=tuple(row for row in primary if "tax" in row.answers),
        duty_rows=tuple(row for row in primary if "duty" in row.answers),
        surcharges=tuple(by_role.get("surcharge", ())),
        fees=tuple(by_role.get("fee", ())),
        gates=tuple(by_role.get("gate", ())),
        pending=tuple(by_role.get("pending", ())),
    )


def compile_row(row: Row, country: str, on: date) -> Compiled:
    """Compile one row; raises ``ValueError`` with the row's id for what cannot be interpreted."""
    ident, role = text(row, "id"), text(row, "role", "primary")
    whole_test, line_test = compile_conditions(row, on)
    pending = Banner("pending", ident, text(row, "notes")) if row.get("status") == PENDING else None
    return Compiled(
        ident=ident,
        answers=frozenset(words(row, "answers")),
        whole_test=whole_test,
        line_test=line_test,
        charge=compile_charge(row, "fee" if role == "fee" else "duty", on),
        tax=compile_tax(row, country, on),
        collector=_collector(row, on),
        is_deemed_supplier=bool(row.get("marketplace_is_deemed_supplier")),
        takes_surcharges=text(part(row, "duty"), "type") == "tariff_schedule",
        gates=words(row, "requires"),
        cautions=tuple(_cautions(row)),
        pending=pending,
    )


def _collector(row: Row, on: date) -> str:
    before = part(row, "collector_code_before")
    if before and on.isoformat() <= text(before, "until"):
        return text(before, "code")
    return text(row, "collector_code", "none")


def _cautions(row: Row) -> list[Caution]:
    return [_caution(text(row, "id"), caution) for caution in parts(row, "cautions")]


def _caution(ident: str, caution: Row) -> Caution:
    headings, origins = words(caution, "hs"), countries(caution, "origin")
    banner = Banner("caution", ident, text(caution, "text"))

    def concerns(item: Item) -> bool:
        if headings and not item.hs6.startswith(headings):
            return False
        return not origins or item.origin in origins

    return banner, concerns
