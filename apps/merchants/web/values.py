"""Values of journal entries as words, amounts and times in the language of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.common.badges import badge_for, registered
from apps.common.formatting import (
    current_locale,
    format_count,
    format_full,
    format_money,
    format_weight,
    join_words,
)
from apps.merchants.models import Merchant, Role
from apps.merchants.web.labels import Text, field_label

_CHOICES = {"role": Role, "default_model": Merchant.Model, "model": Merchant.Model}
_COUNTRIES = {"country", "market", "from", "ship_to", "origin_country"}
_WORDS: dict[str, dict[str, Text]] = {
    "kind": {
        "address": _("address"),
        "declaration": _("customs data"),
        "manual": _("held by hand"),
        "platform": _("held by the platform"),
    },
    "reason": {
        "switched_off": _("Switched off"),
        "gone": _("The receiver answered 410 Gone"),
        "failing": _("Every delivery failed for five days"),
    },
}
# Ids and codes that another fact of the same entry already says in words.
_SILENT = {("order", "hold"), ("shipment", "order"), ("order", "order"), ("job", "kind")}
_BY_CHECKS = {"address", "declaration"}
_MINOR = "_minor"
Facts = Mapping[str, object]


def tell_facts(facts: Facts, subject_type: str) -> Iterator[tuple[str, str]]:
    """Yield label and value of each fact that a person can read; currencies join their amounts."""
    amounts = {name for name in facts if name.endswith(_MINOR)}
    joined = {_currency_name(name, facts) for name in amounts}
    for name, value in facts.items():
        if name == "amounts" and isinstance(value, list):
            yield field_label("amount_minor"), join_words(_tell_amounts(value))
        if name in joined or not isinstance(value, str | int) or value == "":
            continue
        if (subject_type, name) in _SILENT or _is_said_by_kind(name, facts):
            continue
        if name in amounts and not _currency_name(name, facts):
            continue
        yield field_label(name), tell_value(name, value, facts, subject_type)


def _tell_amounts(rows: list[object]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, dict):
            yield str(format_money(int(row["amount_minor"]), str(row["currency"])))


def _is_said_by_kind(name: str, facts: Facts) -> bool:
    """Say whether a hold's reason was written in one language for what its kind tells in all."""
    return name == "reason" and facts.get("kind") in _BY_CHECKS


def tell_value(name: str, value: object, facts: Facts, subject_type: str) -> str:
    """Return a value in words; ``facts`` holds the currency of an amount in minor units."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, int):
        return _tell_number(name, value, facts)
    text = str(value)
    tell = _TELLERS.get(name)
    if name == "status":
        return _tell_status(text, subject_type)
    return tell(text) if tell is not None else _tell_word(name, text)


def _tell_number(name: str, value: int, facts: Facts) -> str:
    currency = str(facts.get(_currency_name(name, facts), "")) if name.endswith(_MINOR) else ""
    if currency:
        return str(format_money(value, currency))
    return format_weight(value) if name == "weight_g" else format_count(value)


def _currency_name(name: str, facts: Facts) -> str:
    """Return the name of the fact that holds an amount's currency, or nothing."""
    own = name.removesuffix(_MINOR) + "_currency"
    return own if own in facts else "currency" if "currency" in facts else ""


def _tell_status(status: str, subject_type: str) -> str:
    known = registered().get(subject_type, {})
    return str(badge_for(subject_type, status).label) if status in known else status


def _tell_word(name: str, text: str) -> str:
    choices = _CHOICES.get(name)
    if choices is not None and text in choices.values:
        return str(choices(text).label)
    return str(_WORDS.get(name, {}).get(text, text))


def _tell_country(code: str) -> str:
    return str(current_locale().territories.get(code.upper(), code))


def _tell_moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return format_full(moment, zone=timezone.get_current_timezone()) if moment.tzinfo else text


_TELLERS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(_COUNTRIES, _tell_country),
    **dict.fromkeys(("tendered_at", "delivered_at", "since", "free_on"), _tell_moment),
}
