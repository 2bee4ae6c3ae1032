"""Promotions in words: kinds, values, and a rule as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import get_day_names
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.common.formatting import (
    current_locale,
    format_count,
    format_day,
    format_money,
    join_words,
)
from apps.promotions.models import Promotion
from apps.promotions.pricing.rows import Row, limit, number, part, parts, text, words


@dataclass(frozen=True, slots=True)
class KindWords:
    """How a kind of promotion is called and explained, and its icon."""

    label: str | Promise
    hint: str | Promise
    icon: str = "percent"


KINDS: dict[str, KindWords] = {
    "product_discount": KindWords(
        gettext_lazy("Product discount"), gettext_lazy("A lower price in the shop.")
    ),
    "flash_sale": KindWords(
        gettext_lazy("Flash sale"), gettext_lazy("A short sale of limited units."), "zap"
    ),
    "voucher": KindWords(
        gettext_lazy("Voucher"), gettext_lazy("Off the order, for who enters a code."), "tag"
    ),
    "order_discount": KindWords(
        gettext_lazy("Order discount"), gettext_lazy("Off the order, without a code."), "receipt"
    ),
    "quantity_tiers": KindWords(
        gettext_lazy("Quantity tiers"), gettext_lazy("The more units, the more off."), "layers"
    ),
    "spend_tiers": KindWords(
        gettext_lazy("Spend tiers"), gettext_lazy("The more is spent, the more off."), "coins"
    ),
    "buy_get": KindWords(
        gettext_lazy("Buy X, get Y"), gettext_lazy("Units free or cheaper beside others."), "plus"
    ),
    "bundle": KindWords(
        gettext_lazy("Bundle"), gettext_lazy("Several goods together at one price."), "boxes"
    ),
    "gift": KindWords(
        gettext_lazy("Gift"), gettext_lazy("Goods that come for nothing."), "package-open"
    ),
    "shipping": KindWords(
        gettext_lazy("Shipping"), gettext_lazy("Cheaper or free shipping."), "truck"
    ),
    "live_price": KindWords(
        gettext_lazy("Live price"), gettext_lazy("Only in live sessions."), "radio"
    ),
    "follower_price": KindWords(
        gettext_lazy("Follower price"), gettext_lazy("Only for followers."), "users"
    ),
    "first_order_price": KindWords(
        gettext_lazy("First-order price"), gettext_lazy("Only for a buyer’s first order."), "star"
    ),
}


def kind_label(kind: str) -> str:
    """Return the name of a kind."""
    known = KINDS.get(kind)
    return str(known.label) if known is not None else kind


def describe(promotion: Promotion) -> list[str]:
    """Return what a promotion says, sentence by sentence."""
    row = {**promotion.rule, "kind": promotion.kind, "priority": promotion.priority}
    return describe_row(row)


def describe_row(row: Row) -> list[str]:
    """Return what a row says, sentence by sentence."""
    return [
        *_benefit(row),
        *_goods(row),
        *_conditions(part(row, "conditions")),
        *_limits(part(row, "limits")),
        *_together(row),
    ]


def value_text(value: Row) -> str:
    """Return a value in words: “20 % off”, “€5.00 off”, “for €9.90”."""
    if "percent" in value:
        percent = str(value["percent"])
        return _("free") if percent == "100" else _("%(percent)s%% off") % {"percent": percent}
    if "price" in value:
        return _("for %(amount)s") % {"amount": amounts_text(value["price"])}
    name = "amount" if "amount" in value else "first"
    return _("%(amount)s off") % {"amount": amounts_text(value.get(name))}


def amounts_text(amounts: object) -> str:
    """Return an amount in each of its currencies."""
    if isinstance(amounts, Mapping):
        return join_words(format_money(int(minor), code) for code, minor in amounts.items())
    return str(amounts)


def _benefit(row: Row) -> Iterator[str]:
    kind = text(row, "kind")
    if kind == "buy_get":
        buy, get = part(row, "buy"), part(row, "get")
        yield _("Buy %(buy)s, get %(get)s: %(value)s.") % {
            "buy": format_count(number(buy, "quantity"))
            if "quantity" in buy
            else amounts_text(buy.get("spend")),
            "get": format_count(number(get, "quantity", 1)),
            "value": value_text(part(get, "value")),
        }
    elif kind in {"quantity_tiers", "spend_tiers"}:
        for tier in parts(row, "tiers"):
            reached = amounts_text(tier["spend"]) if "spend" in tier else str(tier.get("quantity"))
            yield _("From %(reached)s: %(value)s.") % {
                "reached": reached,
                "value": value_text(part(tier, "value")),
            }
    elif kind == "bundle":
        goods = [
            f"{number(one, 'quantity', 1)} × {join_words(words(one, 'skus'))}"
            for one in parts(row, "bundle")
        ]
        yield _("Together %(value)s: %(goods)s.") % {
            "value": value_text(part(row, "value")),
            "goods": join_words(goods),
        }
    elif kind == "gift":
        gift = part(row, "gift")
        yield _("As a gift: %(count)s × %(sku)s.") % {
            "count": number(gift, "quantity", 1),
            "sku": text(gift, "sku"),
        }
    elif kind == "shipping":
        yield _("Shipping %(value)s.") % {"value": value_text(part(row, "value"))}
    else:
        yield _("%(kind)s: %(value)s.") % {
            "kind": kind_label(kind),
            "value": value_text(part(row, "value")),
        }


def _goods(row: Row) -> Iterator[str]:
    target = part(row, "target") or part(row, "buy")
    names = {
        "skus": _("SKUs %(names)s."),
        "products": _("Products %(names)s."),
        "brands": _("Brands %(names)s."),
        "categories": _("Categories %(names)s."),
        "tags": _("Tags %(names)s."),
    }
    found = [
        sentence % {"names": join_words(words(target, key))}
        for key, sentence in names.items()
        if words(target, key)
    ]
    yield from found
    if not found and text(row, "kind") not in {"bundle", "shipping"}:
        yield _("Every product.")


def _conditions(conditions: Row) -> Iterator[str]:
    named = {
        "channels": _("Only through %(names)s."),
        "contents": _("Only in the live session or video %(names)s."),
        "countries": _("Only for deliveries to %(names)s."),
        "shipping_methods": _("Only with the shipping method %(names)s."),
        "buyer_tags": _("Only for buyers tagged %(names)s."),
    }
    for key, sentence in named.items():
        if words(conditions, key):
            yield sentence % {"names": join_words(words(conditions, key))}
    if conditions.get("follower"):
        yield _("Only for followers.")
    nth = limit(conditions, "nth_order")
    if nth is not None:
        yield _("Only for a buyer’s order number %(count)s.") % {"count": nth}
    hours = part(conditions, "hours")
    if hours:
        yield _hours(hours)
    if "min_spend" in conditions:
        yield _("From a spend of %(amount)s.") % {"amount": amounts_text(conditions["min_spend"])}
    least = limit(conditions, "min_quantity")
    if least is not None:
        yield ngettext("From %(count)s unit on.", "From %(count)s units on.", least) % {
            "count": format_count(least)
        }


def _hours(hours: Row) -> str:
    spans = {"from": text(hours, "from", "00:00"), "to": text(hours, "to", "24:00")}
    names = get_day_names("abbreviated", locale=current_locale())
    days = [names[int(day) - 1] for day in words(hours, "weekdays")]
    if not days:
        return _("Daily from %(from)s to %(to)s.") % spans
    return _("%(days)s from %(from)s to %(to)s.") % {**spans, "days": join_words(days)}


def _limits(limits: Row) -> Iterator[str]:
    counted = {
        "uses": _("At most %(count)s orders."),
        "uses_per_buyer": _("At most %(count)s orders a buyer."),
        "uses_per_code": _("At most %(count)s orders a code."),
        "units": _("At most %(count)s units in all."),
        "units_per_buyer": _("At most %(count)s units a buyer."),
        "units_per_order": _("At most %(count)s units an order."),
    }
    for key, sentence in counted.items():
        count = limit(limits, key)
        if count is not None:
            yield sentence % {"count": format_count(count)}
    if "max_discount" in limits:
        amount = amounts_text(limits["max_discount"])
        yield _("At most %(amount)s off an order.") % {"amount": amount}
    if "budget" in limits:
        yield _("Budget: %(amount)s.") % {"amount": amounts_text(limits["budget"])}


def _together(row: Row) -> Iterator[str]:
    priority = number(row, "priority")
    if row.get("exclusive"):
        yield _("Applies alone.")
    if row.get("group"):
        yield _("One promotion of the group “%(group)s” applies.") % {"group": text(row, "group")}
    if priority:
        yield _("Priority %(count)s.") % {"count": priority}
    if row.get("margin_guard"):
        yield _("Keeps at least %(percent)s%% of the price above the cost.") % {
            "percent": text(row, "margin_guard")
        }


def goods_text(row: Row) -> str:
    """Return the goods of a row in a few words."""
    target = part(row, "target") or part(row, "buy")
    named = [
        word for key in ("skus", "products", "brands", "categories") for word in words(target, key)
    ]
    named += [word for one in parts(row, "bundle") for word in words(one, "skus")]
    if not named:
        return _("All products")
    if len(named) == 1:
        return named[0]
    return _("%(first)s and %(count)s more") % {"first": named[0], "count": len(named) - 1}


def moment_text(local: str, *, today: date) -> str:
    """Return a moment of a market’s own clock as people read it; nothing for no end."""
    if not local:
        return ""
    moment = datetime.fromisoformat(local)
    return f"{format_day(moment.date(), today=today)} {moment:%H:%M}"
