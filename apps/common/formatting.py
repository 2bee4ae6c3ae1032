"""Money, numbers, dates and measures as people read them, in the language of the page."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_date, format_time, get_timezone, get_timezone_location
from babel.numbers import format_decimal, get_currency_symbol
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from apps.common.money import precision

MINUS = "\u2212"
THIN_JOIN = "\u00a0"
HIDDEN = "••••"
# Symbols no other currency shares; CLDR's English symbols are ambiguous for these.
_SYMBOLS = {
    "USD": "US$",
    "SGD": "S$",
    "MYR": "RM",
    "JPY": "JP¥",
    "THB": "฿",
    "IDR": "Rp",
    "PLN": "zł",
    "ZAR": "R",
    "AED": "AED",
}
_DAY = dt.timedelta(days=1)
_HAN = r"\u4e00-\u9fff"


@lru_cache(maxsize=32)
def locale_of(language: str | None) -> Locale:
    """Return the CLDR locale of a Django language code; unknown codes read as English."""
    parts = (language or "en").replace("-", "_").split("_")
    if parts[0] == "zh":
        return Locale.parse("zh_Hans" if "hant" not in (language or "").lower() else "zh_Hant")
    return Locale.parse(parts[0])


def current_locale() -> Locale:
    """Return the CLDR locale of the active language."""
    return locale_of(get_language())


def colon() -> str:
    """Return what stands between a name and its value; the marks of Chinese are full-width."""
    return pgettext("between a name and its value", ": ")


def join_words(words: Iterable[str]) -> str:
    """Return the words as one list, with the comma of the language."""
    return pgettext("between the words of a list", ", ").join(words)


def join_sentences(first: str, second: str) -> str:
    """Return two sentences one after the other; either may be empty."""
    if not first or not second:
        return first or second
    return _("%(first)s %(second)s") % {"first": first, "second": second}


def currency_symbol(currency: str) -> str:
    """Return a symbol that cannot be mistaken for another currency: US$, €, CN¥, S$."""
    return _SYMBOLS.get(currency) or get_currency_symbol(currency, "en")


def format_money(minor: int, currency: str, *, sign: bool = False, whole: bool = False) -> str:
    """Write minor units as money: symbol, grouped digits, true minus (``−US$1,842.30``).

    ``sign`` also marks gains with ``+``; ``whole`` drops the minor digits (half up).
    """
    digits = 0 if whole else precision(currency)
    amount = Decimal(minor).scaleb(-precision(currency))
    amount = abs(amount).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    number = _grouped(amount, digits)
    symbol = currency_symbol(currency)
    joint = THIN_JOIN if symbol[-1].isalpha() and len(symbol) > 2 else ""
    mark = MINUS if minor < 0 else "+" if sign and minor > 0 else ""
    return f"{mark}{symbol}{joint}{number}"


def format_count(value: int) -> str:
    """Write a whole number grouped by the locale: 24,810."""
    return _grouped(Decimal(abs(value)), 0, minus=value < 0)


def format_number(value: Decimal | float, digits: int = 1) -> str:
    """Write a number with a fixed count of decimals."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return _grouped(abs(exact), digits, minus=exact < 0)


def format_compact(value: Decimal | float) -> str:
    """Write a number for a chart axis: 3.5k, 1.2M; Chinese uses 万 from 100,000."""
    amount = Decimal(str(value))
    han = current_locale().language == "zh"
    steps = (
        [(Decimal(100_000_000), "亿"), (Decimal(10_000), "万")]
        if han
        else [(Decimal(1_000_000), "M"), (Decimal(1000), "k")]
    )
    for step, unit in steps:
        if abs(amount) >= (max(step, Decimal(100_000)) if han else step):
            number = format_number(amount / step, 1).removesuffix(".0")
            return f"{number} {unit}" if han else f"{number}{unit}"
    return format_number(amount, 0)


def format_percent(ratio: Decimal | float, digits: int = 1) -> str:
    """Write a ratio (0.026) as a percentage with one decimal (2.6%)."""
    return format_number(Decimal(str(ratio)) * 100, digits) + "%"


def format_points(difference: Decimal | float) -> str:
    """Write a difference of two ratios in percentage points: 0.11 pt."""
    points = format_number(Decimal(str(difference)) * 100, 2)
    return _("%(points)s pt") % {"points": points}


def _grouped(amount: Decimal, digits: int, *, minus: bool = False) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return (MINUS if minus else "") + format_decimal(
        amount, format=pattern, locale=current_locale()
    )


# --- dates -------------------------------------------------------------------------------------


def format_clock(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """Write the time of day in 24 hours: 09:31."""
    return format_time(moment.astimezone(zone), "HH:mm", locale="en")


def format_day(day: dt.date, *, today: dt.date) -> str:
    """Write a far date without numeric-only forms: 27 Nov, 27 Nov 2027 · 11 月 27 日."""
    han = current_locale().language == "zh"
    if day.year == today.year:
        pattern = "M' 月 'd' 日'" if han else "d MMM"
    else:
        pattern = "y' 年 'M' 月 'd' 日'" if han else "d MMM y"
    return format_date(day, pattern, locale=current_locale())


def format_near_day(day: dt.date, *, today: dt.date) -> str:
    """Write a date as a person says it: Today, Yesterday, Mon within six days, else 27 Nov."""
    distance = (day - today).days
    words = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}
    if distance in words:
        return words[distance]
    if abs(distance) <= 6:
        return format_date(day, "EEE", locale=current_locale())
    return format_day(day, today=today)


def format_moment(moment: dt.datetime, *, zone: dt.tzinfo, now: dt.datetime) -> str:
    """Write a moment: Today 09:31, Mon 21:40, 27 Nov 09:31, in ``zone``."""
    day = moment.astimezone(zone).date()
    today = now.astimezone(zone).date()
    return f"{format_near_day(day, today=today)} {format_clock(moment, zone)}"


def format_full(moment: dt.datetime, *, zone: dt.tzinfo) -> str:
    """Write a moment with weekday, date, time and zone, for titles and exports."""
    local = moment.astimezone(zone)
    han = current_locale().language == "zh"
    pattern = "y' 年 'M' 月 'd' 日 'EEEE" if han else "EEEE d MMMM y"
    day = format_date(local.date(), pattern, locale=current_locale())
    return f"{day} {format_clock(moment, zone)} {local.tzname() or ''}".strip()


def zone_city(zone_name: str) -> str:
    """Return the city of an IANA zone in the page's language: Los Angeles, 洛杉矶."""
    return get_timezone_location(get_timezone(zone_name), locale=current_locale(), return_city=True)


@dataclass(frozen=True, slots=True)
class Deadline:
    """How a deadline reads now: the words, the tone (``""``, ``soon``, ``bad``) and if it passed."""

    text: str
    tone: str
    is_past: bool


def format_deadline(due: dt.datetime, *, zone: dt.tzinfo, now: dt.datetime) -> Deadline:
    """Write the time left: two units under 48 hours, the date beyond; red inside 24 hours."""
    left = due - now
    if left < dt.timedelta(0):
        text = _("%(time)s late") % {"time": format_span(-left)}
        return Deadline(text, "bad", is_past=True)
    if left < dt.timedelta(minutes=1):
        return Deadline(_("Due now"), "bad", is_past=False)
    if left < 2 * _DAY:
        text = _("%(time)s left") % {"time": format_span(left)}
        return Deadline(text, "bad" if left < _DAY else "soon", is_past=False)
    day = due.astimezone(zone).date()
    return Deadline(format_near_day(day, today=now.astimezone(zone).date()), "", is_past=False)


def format_span(span: dt.timedelta) -> str:
    """Write a length of time in at most two units: 1 d 4 h, 6 h 17 m, 12 m."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    values = {"d": days, "h": hours, "m": rest}
    if days:
        return (_("%(d)s d %(h)s h") if hours else _("%(d)s d")) % values
    if hours:
        return (_("%(h)s h %(m)s m") if rest else _("%(h)s h")) % values
    return _("%(m)s m") % values


# --- measures ----------------------------------------------------------------------------------


def format_weight(grams: int) -> str:
    """Write a mass: 480 g below one kilogram, else kilograms with at most two decimals."""
    if abs(grams) < 1000:
        return f"{format_count(grams)}{THIN_JOIN}g"
    kilograms = format_number(Decimal(grams) / 1000, 2).rstrip("0").rstrip(".")
    return f"{kilograms}{THIN_JOIN}kg"


def format_size(length_mm: int, width_mm: int, height_mm: int) -> str:
    """Write a size in centimetres: 42 × 42 × 38 cm."""
    sides = [format_number(Decimal(side) / 10, 1) for side in (length_mm, width_mm, height_mm)]
    joined = " × ".join(side.removesuffix(".0") for side in sides)
    return f"{joined}{THIN_JOIN}cm"


# --- what people type --------------------------------------------------------------------------


def parse_amount(text: str, currency: str) -> int:
    """Return minor units for what a person typed: ``1,5``, ``1.5``, ``US$1,234.50``, ``１２``.

    The last mark counts as the decimal mark unless exactly three digits follow it and the
    currency has not three. Raises ``ValueError`` for anything that is no amount of money or is
    finer than the minor unit.
    """
    plain = unicodedata.normalize("NFKC", text).replace(MINUS, "-").replace("，", ",")
    plain = re.sub(r"[\s\u00a0'’_]|[A-Za-z]{1,3}\$?|[^\d.,+-]", "", plain)
    digits = precision(currency)
    mark = max(plain.rfind("."), plain.rfind(","))
    decimals = len(plain) - mark - 1
    single = plain.count(plain[mark]) == 1 if mark >= 0 else False
    if mark >= 0 and single and (decimals != 3 or digits == 3):
        whole, fraction = plain[:mark], plain[mark + 1 :]
    else:
        whole, fraction = plain, ""
    try:
        amount = Decimal(re.sub(r"[.,]", "", whole) + ("." + fraction if fraction else ""))
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount") from None
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise ValueError(f"{text!r} has more digits than {currency} allows")
    return int(minor)


def initials(name: str) -> str:
    """Return what an avatar shows: one Han character, or up to two Latin letters."""
    name = name.strip()
    if not name:
        return "?"
    if re.match(f"[{_HAN}]", name):
        return name[0]
    words = [word for word in re.split(r"[\s@._-]+", name) if word]
    return "".join(word[0] for word in words[:2]).upper() or name[0].upper()
