"""From bytes and query strings to checked structs, with errors that name the field."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from apps.common.errors import DomainError
from apps.common.money import Money, precision
from apps.partners.api.structs.common import MoneyAmount

S = TypeVar("S", bound=msgspec.Struct)
MAX_MINOR = 10**13
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_PATH = re.compile(r"^(?P<problem>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_INDEX = re.compile(r"\[(\d+|\.\.\.)\]")


def read_json(decoder: msgspec.json.Decoder[S], raw: bytes) -> S:
    """Return the struct of a JSON body; 400 if it is no JSON, 422 with the field if it does not fit."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise invalid(error, status=422) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ParseError(_("The body is not valid JSON: %(why)s") % {"why": error}) from error


def read_query(given: QueryDict, kind: type[S]) -> S:
    """Return the struct of a query string; 400 with the parameter if one does not fit."""
    lists = {
        field.name
        for field in msgspec.structs.fields(kind)
        if getattr(field.type, "__origin__", None) is tuple
    }
    values = {name: given.getlist(name) if name in lists else given.get(name) for name in given}
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error, status=400) from error


def invalid(error: msgspec.ValidationError, *, status: int) -> DomainError:
    """Return the domain error for a struct's error: ``lines.0.sku`` and what is wrong there."""
    match = _PATH.match(str(error))
    problem, path = (match["problem"], match["path"] or "") if match else (str(error), "")
    attr = _INDEX.sub(r".\1", path).strip(".")
    return DomainError("invalid", problem, status=status, fields={attr or "body": problem})


def field_error(code: str, attr: str, sentence: str, *, status: int = 422) -> DomainError:
    """Return a domain error about one field."""
    return DomainError(code, sentence, status=status, fields={attr: sentence})


def to_minor(money: MoneyAmount, currency: str, attr: str) -> int:
    """Return the minor units of an amount in the given currency.

    Raises 422: another currency, more digits than the currency has, or too large.
    """
    if money.currency != currency:
        raise field_error(
            "money.currency",
            f"{attr}.currency",
            _("Amounts here are in %(currency)s.") % {"currency": currency},
        )
    try:
        minor = Money(Decimal(money.amount), currency).minor
    except ValueError as error:
        raise field_error(
            "money.precision",
            f"{attr}.amount",
            _("%(currency)s has %(digits)s decimal digits.")
            % {"currency": currency, "digits": precision(currency)},
        ) from error
    if minor > MAX_MINOR:
        raise field_error("money.too_large", f"{attr}.amount", _("This amount is too large."))
    return minor


def known_currency(currency: str, attr: str, *, status: int = 422) -> str:
    """Return the code if it is an ISO 4217 currency; ``status`` otherwise (400 for a query)."""
    try:
        precision(currency)
    except ValueError as error:
        sentence = _("This is not a currency.")
        raise field_error("money.unknown_currency", attr, sentence, status=status) from error
    return currency


def to_utc(
    moment: datetime,
    attr: str,
    *,
    now: datetime,
    ahead: timedelta = timedelta(days=1),
    status: int = 422,
) -> datetime:
    """Return a moment in UTC; refused if it is before the year 2000 or further ahead than ``ahead``.

    ``status`` of the refusal is 422 for a body and 400 for the query of a read.
    """
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        utc = datetime.min.replace(tzinfo=UTC)
    if not EARLIEST <= utc <= now + ahead:
        raise field_error("out_of_range", attr, _("This time is too far away."), status=status)
    return utc
