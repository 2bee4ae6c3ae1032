"""Finding pages, actions, orders, products and parcels, in both languages at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Min, Q
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.carriers.recognition import clean_number, recognize
from apps.catalog.models import Product
from apps.catalog.search.finding import Wanted, find_products
from apps.dashboard.selectors.order_rows import badge_of
from apps.dashboard.selectors.shell import GROUPS, Entry, find_url
from apps.dashboard.selectors.todo_words import describe
from apps.dashboard.selectors.todos import Fact
from apps.fulfillment.models import Parcel
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.orders.models import Order

PER_GROUP = 6
MAX_LENGTH = 100
_ENTRIES = (
    *(entry for group in GROUPS for entry in group.entries),
    Entry("inbox", "dashboard:inbox", "bell", gettext_lazy("Notifications")),
    Entry("settings", "merchants:settings", "settings", gettext_lazy("Settings")),
    Entry("members", "merchants:members", "users", gettext_lazy("Members")),
    Entry("roles", "merchants:roles", "shield-check", gettext_lazy("Roles")),
    Entry("keys", "partners:keys", "key", gettext_lazy("API keys"), permissions.API_MANAGE),
    Entry("profile", "accounts:profile", "user", gettext_lazy("My profile")),
    Entry(
        "publish",
        "dashboard:publish",
        "globe",
        gettext_lazy("Publish a product"),
        permissions.PRODUCTS_MANAGE,
    ),
    Entry(
        "new",
        "dashboard:product_new",
        "plus",
        gettext_lazy("New product"),
        permissions.PRODUCTS_MANAGE,
    ),
    Entry(
        "new_promotion",
        "dashboard:promo_new",
        "percent",
        gettext_lazy("New promotion"),
        permissions.PROMOTIONS_MANAGE,
    ),
)
# Pinyin and its initials, and older names, by which people look for a page.
_ALIASES = {
    "home": "shouye sy start dashboard",
    "orders": "dingdan dd sales",
    "products": "shangpin sp catalog items",
    "shipping": "wuliu wl fahuo fh parcels tracking shipments",
    "finance": "zijin zj jiesuan js money payout",
    "jobs": "renwu rw exports tasks",
    "inbox": "tongzhi tz messages alerts",
    "settings": "shezhi sz company",
    "members": "chengyuan cy yuangong staff team people",
    "roles": "juese js permissions",
    "keys": "miyao my token webhook integration",
    "publish": "fabu fb shangjia sell list markets",
    "profile": "geren gr account language time zone",
    "new": "xinjian xj create add",
    "promotions": "cuxiao cx huodong hd youhui discounts vouchers coupons sales",
    "new_promotion": "xinjian cuxiao xjcx flash sale voucher discount",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    url: str
    icon: str
    title: str
    detail: str = ""
    badge_kind: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Things of one kind."""

    key: str
    label: str
    hits: tuple[Hit, ...]


def search(
    merchant: Merchant,
    text: str,
    *,
    held: frozenset[str],
    facts: Sequence[Fact],
    now: datetime,
) -> list[HitGroup]:
    """Return what the person may see that matches, by kind."""
    wanted = " ".join(text.split())[:MAX_LENGTH]
    if not wanted:
        return []
    groups = [
        HitGroup("orders", _("Orders"), _orders(merchant, wanted, held)),
        HitGroup("products", _("Products"), _products(merchant, wanted, held)),
        HitGroup("parcels", _("Parcels"), _parcels(merchant, wanted, held)),
        HitGroup("do", _("Do"), _actions(wanted, facts, held, now)),
        HitGroup("go", _("Go to"), tuple(_pages(wanted, held))),
    ]
    return [group for group in groups if group.hits]


def tell_carriers(text: str) -> str:
    """Return the names of the carriers whose number a text is by its check digit, or nothing."""
    found = [match.carrier_name for match in recognize(text) if match.is_checked]
    return ", ".join(dict.fromkeys(found))


def _orders(merchant: Merchant, text: str, held: frozenset[str]) -> tuple[Hit, ...]:
    if permissions.ORDERS_VIEW not in held or len(text) < 3:
        return ()
    found = Order.objects.filter(merchant=merchant).filter(
        Q(number__startswith=text.upper()) | Q(external_ref=text) | Q(public_id=text)
    )
    slim = found.only(
        "number", "status", "open_hold_count", "buyer_label", "ship_to_country", "placed_at"
    )
    return tuple(
        Hit(
            reverse("dashboard:order", args=[order.number]),
            "package",
            order.number,
            f"{order.buyer_label} · {order.ship_to_country}",
            "order",
            badge_of(order),
        )
        for order in slim.order_by("-placed_at", "-pk")[:PER_GROUP]
    )


def _products(merchant: Merchant, text: str, held: frozenset[str]) -> tuple[Hit, ...]:
    if permissions.PRODUCTS_VIEW not in held or (len(text) < 2 and text.isascii()):
        return ()
    ids = find_products(merchant, Wanted(text), size=PER_GROUP).ids
    found = Product.objects.filter(merchant=merchant, pk__in=ids)
    rows = found.annotate(sku=Min("variants__sku")).values_list("pk", "public_id", "title", "sku")
    hits = {
        key: Hit(reverse("dashboard:product", args=[public_id]), "tag", title, sku or "")
        for key, public_id, title, sku in rows
    }
    return tuple(hits[key] for key in ids if key in hits)


def _parcels(merchant: Merchant, text: str, held: frozenset[str]) -> tuple[Hit, ...]:
    number = clean_number(text)
    if permissions.SHIPMENTS_VIEW not in held or len(number) < 6:
        return ()
    found = Parcel.objects.filter(merchant=merchant, tracking_number__startswith=number)
    rows = found.order_by("-pk").values_list(
        "tracking_number", "shipment__public_id", "shipment__order__number", "shipment__status"
    )
    return tuple(
        Hit(
            reverse("dashboard:shipment", args=[shipment]),
            "truck",
            tracking,
            order,
            "shipment",
            state,
        )
        for tracking, shipment, order, state in rows[:PER_GROUP]
    )


def _actions(
    text: str, facts: Sequence[Fact], held: frozenset[str], now: datetime
) -> tuple[Hit, ...]:
    can_see_money = permissions.MONEY_VIEW in held
    todos = [describe(fact, now=now, can_see_money=can_see_money) for fact in facts]
    return tuple(
        Hit(todo.url, todo.icon, todo.title)
        for todo in todos
        if text.lower() in f"{todo.title} {todo.button}".lower()
    )[:PER_GROUP]


def _pages(text: str, held: frozenset[str]) -> Iterable[Hit]:
    wanted = text.lower()
    for entry in _ENTRIES:
        if entry.permission and entry.permission not in held:
            continue
        names = [*_in_all_languages(entry.label), *_ALIASES.get(entry.key, "").split()]
        url = find_url(entry.route)
        if url and any(
            wanted in name if len(wanted) > 2 else name.startswith(wanted) for name in names
        ):
            yield Hit(url, entry.icon, str(entry.label))


def _in_all_languages(label: str | Promise) -> list[str]:
    names = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            names.append(str(label).lower())
    return names
