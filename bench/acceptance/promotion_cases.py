"""Reads a case of the layout of ``promotion_cases.json``: rows, cart, policy.

The file states amounts in major units, a policy as a sentence, and promotions by level and kind. All
of it is read by its meaning; nothing depends on which case it is. What cannot be read raises
``ValueError`` with the name that is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from apps.common.money import precision
from apps.promotions.pricing.cart import Buyer, Cart, Line, Usage
from apps.promotions.pricing.policy import Policy

Case = Mapping[str, Any]
MARKET = "XX"
MOMENT = datetime(2026, 11, 27, 12, tzinfo=UTC)
_ODD = r"\b(remainder|odd cents?|rest|rounding difference|difference)\b"
# The first pattern of a field that occurs earliest in the sentence decides it.
_SENTENCES: dict[str, dict[str, str]] = {
    "shown_prices": {
        "best": r"catalog\w* promotions? (do|does) not stack|best catalog",
        "stack": r"catalog\w* promotions? (all )?stack|in sequence",
    },
    "threshold": {
        "after": r"after (the )?(earlier|previous|other)",
        "before": r"before (the |any )?(earlier|previous|other|discount)|undiscounted|base price",
    },
    "percent_base": {
        "shown": r"additive|(on|of) the (original|base|undiscounted) (unit )?price",
        "running": r"compound",
    },
    "odd_cent": {
        "first": rf"{_ODD}[^.;]*\bfirst|\bfirst (line|unit|item)\b[^.;]*{_ODD}",
        "last": rf"{_ODD}[^.;]*\blast|\blast (line|unit|item)\b[^.;]*{_ODD}",
    },
    "rounded": {
        "price": r"price is rounded|round(s|ed|ing)? the (resulting )?price",
        "discount": r"discount is rounded|round(s|ed|ing)? the discount",
    },
    "rounded_per": {
        "unit": r"round\w* (once )?per (unit|item|piece)",
        "line": r"round\w* (once )?per line",
        "promotion": r"round\w* (once )?(per|over|on) (the )?(whole |promotion|range|sum|total|order)",
    },
    "rounding": {
        "half_up": r"half[- ]up",
        "half_even": r"half[- ]even|banker",
        "down": r"round\w*( the discount)?[- ]down|truncat",
    },
    "limited_units": {
        "cheapest": r"cheapest",
        "dearest": r"dearest|most expensive|highest[- ]priced",
    },
    "exclusive": {
        "priority": r"(highest|higher) priority|exclusive beats",
        "best": r"best (saving|offer|discount) wins",
    },
    "order_covers": {
        "goods_and_shipping": r"(spread|applies|applied|taken) [^.;]*shipping",
        "goods": r"never touches shipping|not (eat|touch)[^.;]*shipping",
    },
    "cancelled_orders": {
        "forgotten": r"cancel\w* (orders? )?(do|does) not (count|affect)|releases? the use|gives? back",
        "counted": r"keeps? the use|cancel\w* orders? (do |still )?(count|affect)",
    },
    "codes": {
        "exact": r"case[- ]sensitive",
        "any_case": r"case[- ]insensitive|any case",
    },
    "sequence": {
        "levels": r"(items?|lines?|products?) before (the )?orders?",
        "priority": r"list order|order the codes are given",
    },
    "floored_share": {
        "drop": r"not redistributed|is lost",
        "redistribute": r"redistributed",
    },
}


def currency_of(case: Case) -> str:
    """Return the currency of a case."""
    return str(case.get("currency", "USD"))


def minor(value: object, currency: str) -> int:
    """Return an amount of the file in minor units."""
    found = Decimal(str(value)).scaleb(precision(currency))
    if found != int(found):
        raise ValueError(f"{value} has more digits than {currency}")
    return int(found)


def read_policy(case: Case) -> Policy:
    """Return the policy that the sentence of a case names; what it leaves open is the default."""
    sentence = str(case.get("policy", "")).casefold()
    found: dict[str, str] = {}
    for name, patterns in _SENTENCES.items():
        places = {
            value: match.start()
            for value, pattern in patterns.items()
            if (match := re.search(pattern, sentence))
        }
        if places:
            found[name] = min(places, key=lambda value: places[value])
    return replace(Policy(), **found)


def read_cart(case: Case, moment: datetime = MOMENT) -> Cart:
    """Return the cart of a case."""
    context, currency = case.get("context") or {}, currency_of(case)
    codes = context.get("coupons") or [context["coupon"]] if context.get("coupon") else []
    group = context.get("customer_group") or context.get("customer_groups") or ()
    orders = context.get("orders_placed", context.get("guest_email_has_orders"))
    return Cart(
        lines=tuple(_line(line, place, currency) for place, line in enumerate(case["lines"])),
        market=MARKET,
        currency=currency,
        moment=moment,
        channel=str(context.get("channel", "")),
        country=str(context.get("country") or context.get("shipping_country") or ""),
        buyer=Buyer(
            orders=None if orders is None else int(orders),
            cancelled_orders=int(context.get("orders_cancelled", 0)),
            tags=frozenset([group] if isinstance(group, str) else group) | _facts(context),
        ),
        codes=tuple(codes),
        shipping=minor(shipping_of(case), currency),
        shipping_method=str(context.get("shipping_method", "")),
        usage={str(one["id"]): _usage({**context, **one}, currency) for one in case["promotions"]},
    )


def _facts(context: Case) -> frozenset[str]:
    """Return every plain fact of a context as a tag, for conditions of the same name."""
    return frozenset(fact(name, value) for name, value in context.items() if value is not None)


def fact(name: str, value: object) -> str:
    """Return the tag of a fact that has no place of its own in a cart."""
    return f"{name}={value}"


def shipping_of(case: Case) -> object:
    """Return the shipping fee before promotions; some cases name it only beside the result."""
    tax = case.get("tax") or {}
    otherwise = case["expect"].get("shipping_net_before", "0")
    return case.get("shipping", tax.get("shipping_excl", otherwise))


def _line(line: Case, place: int, currency: str) -> Line:
    return Line(
        sku=str(line["sku"]),
        unit_price=minor(line["unit_price"], currency),
        quantity=int(line.get("qty", 1)),
        product=str(line.get("product", "")),
        categories=tuple(line.get("categories", ())),
        brand=str(line.get("brand", "")),
        tags=tuple(line.get("tags", ())),
        floor=minor(line.get("min_unit_price", "0"), currency),
        position=place,
        is_discountable=bool(line.get("discountable", True)),
    )


def _usage(facts: Case, currency: str) -> Usage:
    """Sort the counters of a case by what their names say."""
    counts = {"uses": 0, "cancelled_uses": 0, "buyer_uses": 0, "buyer_cancelled_uses": 0}
    for name, value in facts.items():
        is_count = isinstance(value, int) and not isinstance(value, bool)
        if not is_count or "limit" in name or not re.search(r"uses|used|usage", name):
            continue
        buyer = "buyer_" if re.search(r"customer|buyer|user_", name) else ""
        counts[f"{buyer}{'cancelled_' if 'cancel' in name else ''}uses"] += value
    budget = facts.get("budget")
    if isinstance(budget, Mapping):
        used = budget.get("used", 0)
        if str(budget.get("type")) != "usage":
            return Usage(**counts, spent=minor(used, currency))
        counts["uses"] += int(used)
    return Usage(**counts)
