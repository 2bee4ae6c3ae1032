"""Writes of texts per language, and of what a market says instead of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.locales import clean_locale
from apps.catalog.models import ListingText, Product, ProductText
from apps.catalog.text_rules import FIELDS
from apps.catalog.text_selectors import load_texts
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.models import Market

MAX_LENGTHS = {"title": 200, "description": 10_000}
MAX_LOCALES = 60
KEEP, TAKE = "keep", "take"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@retry_transaction
def set_product_text(
    product: Product, locale: str, texts: Mapping[str, str], *, actor: Actor, now: datetime
) -> str:
    """Set title and description in one language; returns the language's one name.

    A field that is not named stays, an empty one falls back to the product's own; when both are
    empty the language is gone. Raises 422 ``catalog.text``.
    """
    name = read_locale(locale)
    given = check_texts(texts)
    with transaction.atomic():
        locked = _lock(product)
        row = ProductText.objects.filter(product=locked, locale=name).first()
        if row is None and ProductText.objects.filter(product=locked).count() >= MAX_LOCALES:
            raise _refused({"locale": _("A product has texts in at most 60 languages.")})
        row = row or ProductText(merchant=locked.merchant, product=locked, locale=name)
        before: dict[str, journal.Json] = {
            field: getattr(row, field)
            for field, text in given.items()
            if getattr(row, field) != text
        }
        if not before:
            return name
        for field, text in given.items():
            setattr(row, field, text)
        if row.title or row.description:
            row.save()
        elif row.pk is not None:
            row.delete()
        _record(
            events.TEXT_CHANGED, locked, {"locale": name, "before": before}, actor=actor, now=now
        )
    return name


@retry_transaction
def override_texts(
    product: Product, market: Market, texts: Mapping[str, str], *, actor: Actor, now: datetime
) -> None:
    """Say something else in one market: per named field a text, or "" to follow the source again.

    What the source says now is kept beside it, so that a later change of the source is noticed. A
    text equal to the source is no override. Raises 422 ``catalog.text``.
    """
    given = check_texts(texts)
    with transaction.atomic():
        locked = _lock(product)
        source = load_texts(locked)
        rows = {row.field: row for row in ListingText.objects.filter(product=locked, market=market)}
        before: dict[str, journal.Json] = {}
        for field, text in given.items():
            now_says = source.source_for(clean_locale(market.locale), field)
            known = rows.get(field)
            if (known.value if known else "") == ("" if text == now_says else text):
                continue
            before[field] = known.value if known else None
            _write(locked, market, field, known, "" if text == now_says else text, now_says)
        if before:
            told: dict[str, journal.Json] = {"market": market.code, "before": before}
            _record(events.MARKET_TEXT_CHANGED, locked, told, actor=actor, now=now)


@retry_transaction
def decide_text(
    product: Product,
    market: Market,
    field: str,
    decision: str,
    *,
    seen: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """End a conflict: ``keep`` the market's own text, or ``take`` the source's.

    ``seen`` is the digest (``digest_of``) of the source the person looked at. Raises 404-like 422
    ``catalog.text`` for a field the market does not override, and 409 ``catalog.text_moved`` when
    the source changed since it was looked at.
    """
    if decision not in {KEEP, TAKE} or field not in FIELDS:
        raise _refused({"decision": _("Choose to keep your text or to take the new one.")})
    with transaction.atomic():
        locked = _lock(product)
        row = ListingText.objects.filter(product=locked, market=market, field=field).first()
        if row is None:
            raise _refused({"field": _("This market says here what the product says.")})
        source = load_texts(locked).source_for(clean_locale(market.locale), field)
        if seen and seen != digest_of(source):
            raise DomainError(
                "catalog.text_moved",
                _("The text changed again meanwhile. Look at it once more."),
            )
        told: dict[str, journal.Json] = {
            "market": market.code,
            "field": field,
            "decision": decision,
        }
        if decision == TAKE:
            told["before"] = row.value
            row.delete()
        else:
            row.source_was = source
            row.save(update_fields=["source_was", "updated_at"])
        _record(events.MARKET_TEXT_DECIDED, locked, told, actor=actor, now=now)


def digest_of(text: str) -> str:
    """Return a short digest of a text, to notice that it changed between looking and deciding."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_locale(locale: str) -> str:
    """Return the one name of a language; 422 ``catalog.text`` for one that does not exist."""
    try:
        return clean_locale(locale)
    except ValueError as error:
        sentence = _("“%(code)s” is not a language, such as de or zh-Hans.") % {"code": locale[:20]}
        raise _refused({"locale": sentence}) from error


def check_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts trimmed; 422 ``catalog.text`` for a strange field or one that is too long."""
    fields: dict[str, str] = {}
    given: dict[str, str] = {}
    for field, text in texts.items():
        if field not in MAX_LENGTHS:
            raise DomainError("catalog.unknown_field", field[:40], status=422)
        given[field] = text.strip().replace("\r\n", "\n")
        if len(given[field]) > MAX_LENGTHS[field]:
            count = MAX_LENGTHS[field]
            fields[field] = _("At most %(count)s characters.") % {"count": count}
        elif _CONTROL.search(given[field]):
            fields[field] = _("This contains characters that cannot be shown.")
    if fields:
        raise _refused(fields)
    return given


def _lock(product: Product) -> Product:
    locked: Product = (
        Product.objects.select_for_update().select_related("merchant").get(pk=product.pk)
    )
    return locked


def _write(
    product: Product,
    market: Market,
    field: str,
    known: ListingText | None,
    text: str,
    source: str,
) -> None:
    if not text:
        if known is not None:
            known.delete()
        return
    row = known or ListingText(
        merchant=product.merchant, product=product, market=market, field=field
    )
    row.value, row.source_was = text, source
    row.save()


def _record(
    event: str,
    product: Product,
    payload: Mapping[str, journal.Json],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    journal.record(
        event, merchant=product.merchant, subject=product, actor=actor, now=now, payload=payload
    )


def _refused(fields: Mapping[str, str]) -> DomainError:
    message = _("The text cannot be saved as it is. See the named fields.")
    return DomainError("catalog.text", message, status=422, fields=fields)
