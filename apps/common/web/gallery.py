"""Examples for the component gallery: invented names and amounts, every state once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import badges, formatting
from apps.common.templatetags.portal import KeepLine

_SALES = [
    *(1820, 1745, 1990, 2105, 1880, 2240, 2410, 2050, 1960, 2190, 2330, 2275, 2480, 2620),
    *(2190, 2105, 2440, 2510, 2395, 2680, 2890, 2350, 2280, 2590, 2710, 2640, 2855, 3020),
]
_BEFORE = [round(value * 0.87) for value in _SALES]


class ExampleForm(forms.Form):
    """One field of each kind."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("You sign in with it, and we write to it about security."),
    )
    weight = forms.IntegerField(
        label=gettext_lazy("Weight in grams"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    model = forms.ChoiceField(
        label=gettext_lazy("Fulfilment"),
        choices=[
            ("direct", gettext_lazy("Direct parcel")),
            ("overseas", gettext_lazy("Overseas warehouse")),
        ],
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("operations", gettext_lazy("Operations")),
            ("finance", gettext_lazy("Finance")),
        ],
    )
    is_fragile = forms.BooleanField(
        label=gettext_lazy("Fragile"),
        required=False,
        help_text=gettext_lazy("The parcel gets a sticker."),
    )


def context() -> dict[str, object]:
    """Return everything the gallery shows."""
    now = timezone.now()
    bound = ExampleForm({"email": "lin@", "weight": "", "model": "direct"})
    bound.is_valid()
    return {
        "nav": _navigation(),
        "section": "orders",
        "merchant": {"name": "Lanling Home"},
        "unread_count": 3,
        "inbox_url": "#inbox",
        "settings_url": "#settings",
        "running_jobs": _jobs(),
        "now": now,
        "form": bound,
        "orders": _orders(now),
        "views": _views(),
        "steps": _steps(),
        "wizard": _wizard(),
        "badges": badges.registered(),
        "page": {"previous_cursor": "", "next_cursor": "next"},
        "keep_lines": _keep(),
        **_charts(now),
    }


def _entry(
    key: str, icon: str, label: str, count: int = 0, shortcut: str = ""
) -> dict[str, object]:
    return {
        "key": key,
        "icon": icon,
        "label": label,
        "url": f"#{key}",
        "count": count,
        "hot": key == "orders",
        "shortcut": shortcut,
    }


def _navigation() -> list[dict[str, object]]:
    return [
        {
            "label": "",
            "items": [
                _entry("home", "house", _("Home"), shortcut="h"),
                _entry("orders", "package", _("Orders"), 38, shortcut="o"),
            ],
        },
        {
            "label": _("Catalog"),
            "items": [_entry("products", "tag", _("Products"), shortcut="p")],
        },
        {
            "label": _("Fulfilment"),
            "items": [_entry("shipping", "truck", _("Shipping"), 2)],
        },
        {
            "label": _("Business"),
            "items": [
                _entry("finance", "wallet", _("Finance"), shortcut="f"),
                _entry("jobs", "list", _("Jobs")),
            ],
        },
    ]


def _jobs() -> list[dict[str, object]]:
    return [
        {
            "public_id": "job_1",
            "title": _("Buy labels for %(n)s orders") % {"n": 52},
            "done": 37,
            "total": 52,
            "failed": 3,
            "url": "#job",
        }
    ]


def _orders(now: dt.datetime) -> list[dict[str, object]]:
    rows = [
        (
            "PT-48 2731",
            "DE",
            "Rattan pendant lamp, 40 cm",
            "lamp",
            "Jonas W., Berlin",
            10600,
            "EUR",
        ),
        ("PT-48 2730", "US", "Stoneware mug, set of 4", "mug", "Marisol A., Fresno", 9480, "USD"),
        ("PT-48 2728", "US", "Folding desk lamp, USB-C", "desk", "Priya S., Austin", 4550, "USD"),
        (
            "PT-48 2725",
            "GB",
            "Linen cushion cover 45 × 45",
            "cushion",
            "Amelia R., Leeds",
            5200,
            "GBP",
        ),
        ("PT-48 2690", "TH", "Window cat perch", "perch", "Nattaya P., Bangkok", 109000, "THB"),
    ]
    looks = [
        ("on_hold", _("House number missing"), None, _("Fix")),
        ("confirmed", "", 6.3, _("Ship")),
        ("allocated", "", 28.0, _("Hand over")),
        ("problem", _("Carrier: no access to the building"), -2.1, _("Resolve")),
        ("shipped", "", 80.0, ""),
    ]
    return [
        {
            "number": row[0],
            "market": row[1],
            "product": row[2],
            "image": row[3],
            "buyer": row[4],
            "total": row[5],
            "currency": row[6],
            "placed_at": now - dt.timedelta(hours=index * 9),
            "status": look[0],
            "why": look[1],
            "due": None if look[2] is None else now + dt.timedelta(hours=look[2]),
            "act": look[3],
            "more": 2 if index == 1 else 0,
        }
        for index, (row, look) in enumerate(zip(rows, looks, strict=True))
    ]


def _views() -> list[dict[str, object]]:
    names = [(_("All"), 0), (_("Open"), 52), (_("Due today"), 32), (_("On hold"), 5)]
    return [
        {
            "label": label,
            "url": f"#v{index}",
            "count": number,
            "is_current": index == 1,
            "is_hot": index == 2,
        }
        for index, (label, number) in enumerate(names)
    ]


def _steps() -> list[dict[str, str]]:
    return [
        {"label": _("Paid"), "note": "09:31", "state": "done"},
        {"label": _("On hold"), "note": _("Address"), "state": "now"},
        {"label": _("Ship"), "note": _("by Thu 13:59"), "state": ""},
        {"label": _("Deliver"), "note": _("2 to 4 Dec"), "state": ""},
        {"label": _("You are paid"), "note": _("11 Dec"), "state": ""},
    ]


def _wizard() -> list[dict[str, object]]:
    return [
        {"label": _("Product"), "state": "done", "url": "#1", "is_current": False},
        {"label": _("Markets and prices"), "state": "", "url": "#2", "is_current": True},
        {"label": _("Compliance"), "state": "bad", "url": "#3", "is_current": False},
        {"label": _("Check and publish"), "state": "", "url": "#4", "is_current": False},
    ]


def _keep() -> list[KeepLine]:
    return [
        KeepLine(_("Items"), 9800),
        KeepLine(_("Shipping paid by buyer"), 800),
        KeepLine(_("VAT, sent to tax office"), -1692),
        KeepLine(_("Platform fee"), -535),
        KeepLine(_("Label"), -985),
        KeepLine(_("Product cost"), -2860),
    ]


def _charts(now: dt.datetime) -> dict[str, object]:
    today = now.date()
    days = [today - dt.timedelta(days=27 - index) for index in range(28)]
    return {
        "sales": _SALES,
        "sales_before": _BEFORE,
        "sales_days": [formatting.format_day(day, today=today) for day in days],
        "trend_up": [12, 14, 13, 16, 15, 18, 19],
        "trend_down": [27, 26, 27, 26, 25, 26, 25],
        "payout_parts": [1248055, 421000, 91610, 0, 0, 892010],
        "ratio": Decimal("0.0259"),
    }
