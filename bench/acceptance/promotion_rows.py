"""Turns the promotions of a case (layout of ``promotion_cases.json``) into rows of the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bench.acceptance.promotion_cases import MOMENT, Case, currency_of, fact, minor

_AHEAD = {"future", "scheduled", "not_started", "upcoming", "not started"}
_IN_FORCE = {"", "active", "valid", "enabled", "running", "started", "current", "ongoing"}
_LANES = {"pre": 2, "default": 1, "post": 0}


def read_rows(case: Case) -> list[dict[str, object]]:
    """Return the promotions of a case as rows, in the order in which the case lists them."""
    listed = sorted(case["promotions"], key=lambda one: one.get("order_index", 0))
    return [PromotionReader(one, case).row() for one in listed]


class PromotionReader:
    """Turns one promotion of a case into a row."""

    def __init__(self, promotion: Case, case: Case) -> None:
        """Keep the promotion and the context of its case."""
        self.given = promotion
        self.case = case
        self.currency = currency_of(case)
        self.level = str(promotion["level"])
        self.kind = str(promotion["kind"])

    def row(self) -> dict[str, object]:
        """Return the row."""
        given = self.given
        row: dict[str, object] = {
            "id": str(given["id"]),
            "currency": self.currency,
            **self._terms(),
        }
        row |= {"conditions": self._conditions(), "limits": self._limits(), **self._period()}
        row |= {"exclusive": bool(given.get("exclusive")), "priority": self._priority()}
        if row["kind"] in {"product_discount", "order_discount", "quantity_tiers", "spend_tiers"}:
            row["target"] = self._target(given.get("target") or {})
        if given.get("coupon"):
            row["codes"] = [given["coupon"]]
        if "lane" in given:
            row["group"] = f"lane {given['lane']}"
        if self.level == "order_and_shipping":
            row["covers_shipping"] = True
        if given.get("source") == "manual" and "replaces" in str(self.case.get("policy", "")):
            row["replaces_codes"] = True
        return row

    def _terms(self) -> dict[str, object]:
        readers = {
            "cheapest_free": self._cheapest_free,
            "bundle_fixed_price": self._bundle,
            "bundle": self._bundle,
            "buy_x_get_y": self._buy_get,
            "gift": self._gift,
            "gift_per_unit": self._gift,
            "tiered_percent": self._tiers,
            "tiered_fixed": self._tiers,
            "first_then_additional": self._first,
        }
        if self.kind in readers:
            return readers[self.kind]()
        if self.level == "shipping":
            return {"kind": "shipping", "value": self._value()}
        if self.level in {"order", "order_and_shipping"}:
            return {"kind": "order_discount", "value": self._value()}
        if self.level in {"catalog", "line", "line_once"}:
            level = "shown" if self.level == "catalog" else "product"
            return {"kind": "product_discount", "level": level, "value": self._value()}
        raise ValueError(f"level {self.level}")

    def _value(self) -> dict[str, object]:
        value = self.given.get("value")
        by_channel = self.given.get("value_by_channel") or {}
        channel = (self.case.get("context") or {}).get("channel")
        if channel in by_channel:
            value = by_channel[channel][1]
        if self.kind in {"free", "free_shipping"}:
            return {"percent": "100"}
        if self.kind in {"percent", "percentage"}:
            return {"percent": str(value)}
        if self.kind in {"fixed", "amount"}:
            return {"amount": self._minor(value)}
        if self.kind in {"set_price", "fixed_price"}:
            return {"price": self._minor(value)}
        raise ValueError(f"kind {self.kind}")

    def _minor(self, value: object) -> int:
        return minor(value, self.currency)

    def _cheapest_free(self) -> dict[str, object]:
        condition = self.given.get("condition") or {}
        buy: dict[str, object] = self._target(self.given.get("target") or {})
        if "min_items_total" in condition:
            buy["spend"] = self._minor(condition["min_items_total"])
        else:
            buy["quantity"] = int(condition.get("min_qty") or self.given.get("group_size") or 1)
        get = {"quantity": 1, "within": True, "value": {"percent": "100"}}
        return {"kind": "buy_get", "buy": buy, "get": get}

    def _bundle(self) -> dict[str, object]:
        given = self.given
        pieces = given.get("components") or given.get("parts") or [
            {**(given.get("target") or {}), "qty": given.get("group_size", 1)}
        ]  # fmt: skip
        bundle = [{**self._target(one), "quantity": int(one.get("qty", 1))} for one in pieces]
        return {"kind": "bundle", "bundle": bundle, "value": {"price": self._minor(given["value"])}}

    def _buy_get(self) -> dict[str, object]:
        buy, get = self.given["buy"], self.given.get("get") or self.given["buy"]
        value = str(self.given.get("value", "100%"))
        part = {"percent": value[:-1]} if value.endswith("%") else {"amount": self._minor(value)}
        return {
            "kind": "buy_get",
            "buy": {**self._target(buy), "quantity": int(buy.get("qty", 1))},
            "get": {**self._target(get), "quantity": int(get.get("qty", 1)), "value": part},
        }

    def _gift(self) -> dict[str, object]:
        gift, per = self.given["gift"], self.given.get("buy")
        row: dict[str, object] = {
            "sku": gift["sku"],
            "quantity": int(gift.get("qty", 1)),
            "list_price": self._minor(gift.get("list_price", "0")),
        }
        if per:
            row["per"] = {**self._target(per), "quantity": int(per.get("qty", 1))}
        return {"kind": "gift", "gift": row}

    def _tiers(self) -> dict[str, object]:
        given = self.given
        by_quantity = str(given.get("tier_by", given.get("tiers_by", ""))) in {"qty", "quantity"}
        tiers = {"0": given["base"], **given["tiers"]} if "base" in given else dict(given["tiers"])
        found = []
        for bound, value in tiers.items():
            is_percent = self.kind == "tiered_percent"
            part = {"percent": str(value)} if is_percent else {"amount": self._minor(value)}
            if by_quantity:
                found.append({"quantity": max(int(bound), 1), "value": part})
            else:
                found.append({"spend": self._minor(bound), "value": part})
        return {"kind": "quantity_tiers" if by_quantity else "spend_tiers", "tiers": found}

    def _first(self) -> dict[str, object]:
        first, more = self._minor(self.given["first"]), self._minor(self.given["additional"])
        value = {"first": first, "additional": more}
        return {"kind": "product_discount", "level": "product", "value": value}

    def _target(self, target: Case) -> dict[str, object]:
        found: dict[str, object] = {}
        for name in ("skus", "products", "categories", "brands", "tags"):
            if name in target:
                found[name] = list(target[name])
        for name in ("min_unit_price", "max_unit_price"):
            if name in target:
                found[name] = self._minor(target[name])
        left_out = {
            name.removeprefix("exclude_").removeprefix("not_"): list(value)
            for name, value in target.items()
            if name.startswith(("exclude_", "not_"))
        }
        if left_out:
            found["not"] = left_out
        if self.given.get("applies_to_discounted") is False:
            found["only_undiscounted"] = True
        known = {*found, "qty", "cheapest_unit", "sku"}
        unknown = {name for name in target if not name.startswith(("exclude_", "not_"))} - known
        if unknown:
            raise ValueError(f"target {', '.join(sorted(unknown))}")
        if "sku" in target:
            found.setdefault("skus", [target["sku"]])
        return found

    def _conditions(self) -> dict[str, object]:
        found: dict[str, object] = {}
        by_channel = self.given.get("value_by_channel") or {}
        channels = list(by_channel) or self.given.get("channels") or []
        if channels:
            found["channels"] = list(channels)
        for name, value in (self.given.get("condition") or {}).items():
            if self.kind == "cheapest_free" and name in {"min_items_total", "min_qty"}:
                continue
            self._condition(name, value, found)
        return found

    def _condition(self, name: str, value: Any, found: dict[str, object]) -> None:
        plain = {
            "min_qty": "min_quantity",
            "nth_order": "nth_order",
            "min_line_qty": "min_line_quantity",
            "min_distinct": "min_distinct",
            "min_distinct_skus": "min_distinct",
        }
        lists = {
            "customer_group": "buyer_tags",
            "customer_groups": "buyer_tags",
            "shipping_method": "shipping_methods",
            "country": "countries",
            "shipping_country": "countries",
            "countries": "countries",
            "channel": "channels",
            "channels": "channels",
        }
        if name in plain:
            found[plain[name]] = int(value)
        elif name in lists:
            found[lists[name]] = [value] if isinstance(value, str) else list(value)
        elif name in {"min_items_total", "min_total", "min_subtotal"}:
            found["min_spend"] = self._minor(value)
        elif name.startswith("contains_"):
            found["contains"] = _contains(name, value)
        elif match := re.fullmatch(r"min_(tag|sku|product|category|brand)_(total|qty)", name):
            self._of_some(match[1], match[2], value, found)
        elif name == "first_order" and value:
            found["nth_order"] = 1
        elif isinstance(value, str | int) and not name.startswith(("min_", "max_")):
            found["buyer_tags"] = [fact(name, value)]
        else:
            raise ValueError(f"condition {name}")

    def _of_some(self, what: str, measure: str, value: Case, found: dict[str, object]) -> None:
        names = {"category": "categories"}.get(what, f"{what}s")
        target = {names: [value[what]] if what in value else list(value[names])}
        if measure == "qty":
            found["contains"] = [{**target, "quantity": int(value["qty"])}]
        else:
            found["min_spend"] = self._minor(value["amount"])
            found["spend_on"] = target

    def _limits(self) -> dict[str, object]:
        given, found = self.given, {}
        names = {
            "max_applications": "applications",
            "max_units": "units_per_order",
            "max_units_per_line": "units_per_line",
            "usage_limit": "uses",
            "per_customer_limit": "uses_per_buyer",
        }
        for name, own in names.items():
            if given.get(name) is not None:
                found[own] = int(given[name])
        once = (given.get("target") or {}).get(
            "cheapest_unit", 1 if self.level == "line_once" else None
        )
        if once is not None:
            found["units_per_order"] = int(once)
        if given.get("max_discount") is not None:
            found["max_discount"] = self._minor(given["max_discount"])
        found |= self._budget(given.get("budget"))
        if "reusable_from_cancelled" in given:
            found["cancelled_orders"] = (
                "forgotten" if given["reusable_from_cancelled"] else "counted"
            )
        return found

    def _budget(self, budget: Any) -> dict[str, object]:
        if budget is None:
            return {}
        if not isinstance(budget, Mapping):
            return {"budget": self._minor(budget)}
        if str(budget.get("type")) == "usage":
            return {"uses": int(budget["limit"])}
        return {"budget": self._minor(budget["limit"])}

    def _period(self) -> dict[str, object]:
        states = {str(self.given.get("state", "")), str(self.given.get("coupon_state", ""))}
        if states & _AHEAD:
            return {"starts": (MOMENT + timedelta(hours=1)).isoformat()}
        if any("between cart and confirm" in state for state in states):
            return {"ends": (MOMENT + timedelta(hours=1)).isoformat()}
        if states - _IN_FORCE:
            return {"ends": (MOMENT - timedelta(hours=1)).isoformat()}
        return {}

    def _priority(self) -> int:
        lane = _LANES.get(str(self.given.get("lane", "")), 0) * 1_000_000
        return lane + int(self.given.get("priority", 0))


def _contains(name: str, value: Any) -> list[dict[str, object]]:
    what, _, how = name.removeprefix("contains_").partition("_")
    names = [value] if isinstance(value, str) else list(value)
    if how == "all":
        return [{what: [one], "quantity": 1} for one in names]
    return [{what: names, "quantity": 1}]
