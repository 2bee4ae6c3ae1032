"""The same rules evaluated the plain way: every row is read, dated, ordered and computed per quote.

It shares no code with ``apps.markets.landed`` but the shapes of input and errors. ``bench landed``
measures the compiled book beside it, and the property tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from apps.common.money import allocate
from apps.markets.landed.result import MissingRateError, NoRuleError
from apps.markets.landed.sale import Item, Sale

Row = Mapping[str, Any]
_EU = {
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES"),
    *("FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"),
    *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
}


def evaluate(rows: Sequence[Row], sale: Sale) -> dict[str, object]:
    """Return duty, tax, fees, landed total, collector and row ids; raises as the engine does."""
    day = sale.sold_on.isoformat()
    markets = {sale.destination} | ({"EU"} if sale.destination in _EU else set())
    found = [
        row
        for row in rows
        if row["market"] in markets
        and row["status"] not in {"pending_confirmation", "rejected", "superseded", "proposed"}
        and row["effective_from"] <= day <= (row["effective_to"] or "9999")
    ]
    found.sort(key=lambda row: (row.get("priority", 50), row["id"]))
    return _Evaluation(sale, found).run()


class _Evaluation:
    def __init__(self, sale: Sale, rows: Sequence[Row]) -> None:
        self.sale, self.rows, self.day = sale, rows, sale.sold_on.isoformat()
        self.used: dict[str, None] = {}

    def run(self) -> dict[str, object]:
        pairs = self._pairs()
        duty = tax = Decimal(0)
        collectors: dict[str, None] = {}
        for (tax_row, duty_row, items), (shipping, insurance) in zip(
            pairs, self._carriage([items for _t, _d, items in pairs]), strict=True
        ):
            self.used |= {tax_row["id"]: None, duty_row["id"]: None}
            part = self._round(self._duty(duty_row, items, shipping + insurance))
            duty += part
            tax += self._round(self._tax(tax_row, items, shipping, insurance, part))
            collectors[self._collector(tax_row)] = None
        fees = sum((self._fee(row) for row in self._of_role("fee")), Decimal(0))
        total = self._cif() + duty + tax + fees
        return {
            "duty": self._round(duty),
            "tax": self._round(tax),
            "fees": self._round(fees),
            "landed_total": self._round(total),
            "collector": "+".join(collectors),
            "row_ids": tuple(self.used),
        }

    def _of_role(self, role: str) -> list[Row]:
        return [row for row in self.rows if row["role"] == role and self._whole(row)]

    def _pairs(self) -> list[tuple[Row, Row, list[Item]]]:
        tax, duty = self._first_rows("tax"), self._first_rows("duty")
        pairs: list[tuple[Row, Row, list[Item]]] = []
        for item, tax_row, duty_row in self._in_order(tax, duty):
            for one_tax, one_duty, items in pairs:
                if one_tax is tax_row and one_duty is duty_row:
                    items.append(item)
                    break
            else:
                pairs.append((tax_row, duty_row, [item]))
        order = {row["id"]: place for place, row in enumerate(self.rows)}
        return sorted(pairs, key=lambda pair: (order[pair[0]["id"]], order[pair[1]["id"]]))

    def _in_order(self, tax: list[Row], duty: list[Row]) -> list[tuple[Item, Row, Row]]:
        return list(zip(self.sale.items, tax, duty, strict=True))

    def _first_rows(self, charge: str) -> list[Row]:
        rows = [row for row in self._of_role("primary") if charge in row["answers"]]
        chosen = []
        for item in self.sale.items:
            row = next((row for row in rows if self._line(row, item)), None)
            if row is None:
                raise NoRuleError(charge, f"nothing answers for {item.hs6}")
            chosen.append(row)
        return chosen

    # -- conditions
    def _whole(self, row: Row) -> bool:
        when, sale = row["when"], self.sale
        checks = [
            "channel" not in when or sale.channel in when["channel"],
            sale.channel not in when.get("channel_not", ()),
            "ship_from" not in when or sale.shipped_from in self._countries(when["ship_from"]),
            sale.region not in when.get("region_not", ()),
            "certified_platform" not in when
            or sale.is_certified_platform == when["certified_platform"],
            (sale.weight_g or 0) <= when.get("max_weight_g", 10**12),
        ]
        limit = row["threshold"]
        if not all(checks):
            return False
        if not limit or limit["measure"] == "unit_price":
            return True
        values = {
            "goods": self._goods(self.sale.items),
            "cif": self._cif(),
            "goods_and_shipping": self._goods(self.sale.items) + sale.shipping,
        }
        return self._compare(values[limit["measure"]], limit, row["id"])

    def _line(self, row: Row, item: Item) -> bool:
        when, limit = row["when"], row["threshold"]
        if "origin" in when and item.origin not in self._countries(when["origin"]):
            return False
        is_dated = when.get("origin_not_from", "") <= self.day
        if is_dated and item.origin in self._countries(when.get("origin_not", ())):
            return False
        if "usmca" in when and bool(self._fact(item, "usmca")) != when["usmca"]:
            return False
        if any(item.hs6.startswith(heading) for heading in when.get("hs_not", ())):
            return False
        if limit and limit["measure"] == "unit_price":
            return self._compare(item.unit_price, limit, row["id"])
        return True

    def _compare(self, value: Decimal, limit: Row, ident: str) -> bool:
        bound = Decimal(limit["amount"])
        if limit["currency"] != self.sale.currency:
            rate = self._rate(limit["currency"], ident)
            value, bound = value * rate[1], bound * rate[0]
        signs = {"<=": value <= bound, "<": value < bound, ">": value > bound}
        return signs[limit["operator"]]

    # -- charges
    def _duty(self, row: Row, items: Sequence[Item], extra: Decimal) -> Decimal:
        amount = self._charge(row, items, extra)
        if (row["duty"] or {}).get("type") == "tariff_schedule":
            for more in self._of_role("surcharge"):
                lines = [item for item in items if self._line(more, item)]
                if lines:
                    amount += self._charge(more, lines, Decimal(0))
                    self.used[more["id"]] = None
        return amount

    def _fee(self, row: Row) -> Decimal:
        lines = [item for item in self.sale.items if self._line(row, item)]
        if not lines:
            return Decimal(0)
        self.used[row["id"]] = None
        return self._round(self._charge(row, lines, self.sale.shipping + self.sale.insurance))

    def _charge(self, row: Row, items: Sequence[Item], extra: Decimal) -> Decimal:
        duty = row["duty"] or {"type": "exempt"}
        if duty["type"] == "choice":
            wanted = self.sale.facts.get("duty_option", duty["default"])
            duty = next(option for option in duty["options"] if option["type"] == wanted)
        if duty["type"] == "exempt" or self._is_below(duty, row["id"]):
            return Decimal(0)
        if duty["type"] == "flat":
            return self._money(duty["amount"], duty, row["id"]) * self._count(duty["unit"], items)
        if duty["type"] == "flat_by_band":
            return self._banded(duty, items, row["id"])
        goods = self._goods(items)
        base = goods + extra if duty["base"] == "cif" else goods
        weighted = sum(
            (item.unit_price * item.quantity * self._line_rate(duty, item, row["id"]))
            for item in items
        )
        amount = weighted * base / goods if weighted else Decimal(0)
        if "minus" in duty:
            amount = max(amount - self._money(duty["minus"], duty, row["id"]), Decimal(0))
        if "min" in duty:
            amount = max(amount, self._money(duty["min"], duty, row["id"]))
            amount = min(amount, self._money(duty["max"], duty, row["id"]))
        return amount

    def _is_below(self, duty: Row, ident: str) -> bool:
        limit = duty.get("exempt_up_to")
        if not limit:
            return False
        value = self._cif() if limit["measure"] == "cif" else self._goods(self.sale.items)
        return value <= self._money(limit["amount"], limit, ident)

    def _banded(self, duty: Row, items: Sequence[Item], ident: str) -> Decimal:
        total = Decimal(0)
        for item in items:
            rate = self._known_rate(duty, item, ident)
            for band in duty["bands"]:
                below, upto = band.get("rate_lt", "9"), band.get("rate_lte", "9")
                if rate < Decimal(below) and rate <= Decimal(upto):
                    total += self._money(band["amount"], duty, ident) * item.quantity
                    break
        return total

    def _count(self, unit: str, items: Sequence[Item]) -> int:
        if unit == "consignment":
            return 1
        return len({(item.hs6, item.description, item.origin) for item in items})

    def _line_rate(self, duty: Row, item: Item, ident: str) -> Decimal:
        kind = duty["type"]
        if kind == "tariff_schedule":
            if item.tariff_rate is None:
                raise NoRuleError("duty", "the tariff rate is missing")
            return item.tariff_rate
        if kind == "ad_valorem_by_fact":
            return self._known_rate(duty, item, ident)
        if kind == "ad_valorem_by_hs":
            hits = [
                group["rate"]
                for group in duty["groups"]
                if any(item.hs6.startswith(heading) for heading in group["hs"])
            ]
            return Decimal((hits or [duty["default"]])[0])
        if kind == "ad_valorem_by_origin":
            return self._rate_by_origin(duty, item)
        return Decimal(duty["rate"])

    def _rate_by_origin(self, duty: Row, item: Item) -> Decimal:
        place = self.sale.shipped_from if duty.get("by") == "ship_from" else item.origin
        rate = Decimal(duty["default"])
        for group in duty["groups"]:
            if place in self._countries(group["origin"]):
                rate = Decimal(group["rate"])
        if "cap" in duty and item.origin in self._countries(duty["cap"]["origin"]):
            rate = max(rate - (item.tariff_rate or 0), Decimal(0))
        extra = duty.get("extra_by_fact")
        return rate + Decimal(extra["rate"]) if extra and self._fact(item, extra["fact"]) else rate

    def _known_rate(self, duty: Row, item: Item, ident: str) -> Decimal:
        fact = self._fact(item, duty["fact"])
        if isinstance(fact, Decimal):
            return fact
        for dated in duty.get("dated_by_origin", ()):
            if item.origin in dated["origin"] and self.day <= dated["until"]:
                return Decimal(dated["rate"])
        for place, rate in duty.get("default_by_origin", {}).items():
            if item.origin in self._countries([place]):
                return Decimal(rate)
        raise NoRuleError("duty", f"{ident}: {duty['fact']} is missing")

    def _tax(
        self,
        row: Row,
        items: Sequence[Item],
        shipping: Decimal,
        insurance: Decimal,
        duty: Decimal,
    ) -> Decimal:
        tax = row["tax"]
        if not tax:
            return Decimal(0)
        amounts = {
            "goods": self._goods(items),
            "shipping": shipping,
            "insurance": insurance,
            "duty": duty,
            "duty_if_charged_to_buyer": duty,
        }
        base = sum((amounts.get(name, Decimal(0)) for name in tax["base"]), Decimal(0))
        rate = self._tax_rate(tax)
        return base * rate / (1 - rate) if "icms_itself" in tax["base"] else base * rate

    def _tax_rate(self, tax: Row) -> Decimal:
        rate = tax["rate"]
        if isinstance(rate, str):
            return Decimal(rate)
        place = self.sale.destination if rate["type"].startswith("dest") else self.sale.region
        for change in tax.get("earlier", ()):
            if change["region"] == place and self.day <= change["until"]:
                return Decimal(change["rate"])
        known = rate.get("rates", {}) if rate.get("rates_from", "") <= self.day else {}
        found = known.get(place, rate.get("default"))
        if found is None:
            raise NoRuleError("tax", f"no rate for {place}")
        return Decimal(found)

    # -- amounts
    def _collector(self, row: Row) -> str:
        before = row.get("collector_code_before")
        return before["code"] if before and self.day <= before["until"] else row["collector_code"]

    def _carriage(self, groups: Sequence[Sequence[Item]]) -> list[tuple[Decimal, Decimal]]:
        places = self.sale.decimals
        if len(groups) == 1:
            return [(self.sale.shipping, self.sale.insurance)]
        weights = [int(self._goods(items).scaleb(places)) for items in groups]
        shares = [
            [
                Decimal(minor).scaleb(-places)
                for minor in allocate(int(amount.scaleb(places)), weights)
            ]
            for amount in (self.sale.shipping, self.sale.insurance)
        ]
        return list(zip(*shares, strict=True))

    def _goods(self, items: Sequence[Item]) -> Decimal:
        return sum((item.unit_price * item.quantity for item in items), Decimal(0))

    def _cif(self) -> Decimal:
        return self._goods(self.sale.items) + self.sale.shipping + self.sale.insurance

    def _round(self, amount: Decimal) -> Decimal:
        return amount.quantize(Decimal(1).scaleb(-self.sale.decimals), rounding=ROUND_HALF_UP)

    def _money(self, amount: str, row: Row, ident: str) -> Decimal:
        if row["currency"] == self.sale.currency:
            return Decimal(amount)
        rate = self._rate(row["currency"], ident)
        return Decimal(amount) * rate[0] / rate[1]

    def _rate(self, currency: str, ident: str) -> tuple[Decimal, Decimal]:
        if currency not in self.sale.fx:
            raise MissingRateError(currency, ident)
        return self.sale.fx[currency]

    def _fact(self, item: Item, name: str) -> object:
        found = item.facts.get(name)
        return found if found is not None else self.sale.facts.get(name)

    def _countries(self, names: Sequence[str]) -> set[str]:
        return {one for name in names for one in (_EU if name == "EU" else {name})}
