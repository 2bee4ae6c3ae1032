"""Codes of promotions: those that stand by name and batches that are drawn."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.bulk import insert_missing_rows
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.promotions import events
from apps.promotions.counting import code_scope
from apps.promotions.models import Promotion, PromotionCode, PromotionCounter
from apps.promotions.pricing.rows import limit, part
from apps.promotions.programs import list_running_markets, renew_versions
from apps.promotions.rows import plain_code

MAX_BATCH = 10_000
_SHAPE = re.compile(r"[^\s/\\<>\"'`]{3,40}")
# Without letters and digits that are taken for one another.
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_DRAWN = 10


def write_codes(promotion: Promotion, codes: Sequence[tuple[str, int | None]]) -> None:
    """Add codes with their own limits of uses, in the caller's transaction.

    A code without a limit of its own has the rule's ``uses_per_code``. Raises ``promotions.code``
    (422) for a text that is no code and ``promotions.code_taken`` (409) for one that leads elsewhere.
    """
    if not codes:
        return
    for code, _limit in codes:
        if not _SHAPE.fullmatch(code):
            raise DomainError(
                "promotions.code",
                _("“%(code)s” is no code: 3 to 40 characters without spaces or quotes.")
                % {"code": code[:60]},
                status=422,
                fields={"codes": _("3 to 40 characters without spaces or quotes.")},
            )
    plain = [plain_code(code) for code, _limit in codes]
    taken = PromotionCode.objects.filter(merchant=promotion.merchant_id, plain__in=plain)
    known = taken.values_list("code", flat=True).first()
    if known is not None or len(set(plain)) < len(plain):
        twice = known or next(code for code, _limit in codes if plain.count(plain_code(code)) > 1)
        raise DomainError(
            "promotions.code_taken",
            _("The code “%(code)s” already leads to a promotion. Choose another one.")
            % {"code": twice},
            fields={"codes": _("Choose another code.")},
        )
    default = limit(part(promotion.rule, "limits"), "uses_per_code")
    made = [
        PromotionCode(
            merchant_id=promotion.merchant_id,
            promotion=promotion,
            code=code,
            plain=plain_code(code),
            uses_limit=default if own is None else own,
        )
        for code, own in codes
    ]
    PromotionCode.objects.bulk_create(made, batch_size=1000)
    _open_counters(promotion, made)


def _open_counters(promotion: Promotion, codes: Sequence[PromotionCode]) -> None:
    rows = [
        (*(promotion.merchant_id, promotion.pk, code_scope(code.plain), 0, 0, 0), *limits)
        for code in codes
        if code.uses_limit is not None
        for limits in [(code.uses_limit, None, None)]
    ]
    names = ("merchant", "promotion", "scope", "uses", "units", "spent_minor")
    limited = ("uses_limit", "units_limit", "spent_limit_minor")
    insert_missing_rows(PromotionCounter, (*names, *limited), rows)


def add_codes(
    promotion: Promotion,
    codes: Sequence[str],
    *,
    uses_limit: int | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Add codes that were chosen elsewhere; returns how many. The promotion stands behind codes then."""
    if not 1 <= len(codes) <= MAX_BATCH:
        raise DomainError(
            "promotions.too_many_codes",
            _("Between 1 and %(limit)s codes at once.") % {"limit": f"{MAX_BATCH:,}"},
            status=422,
        )
    with transaction.atomic():
        locked: Promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
        write_codes(locked, [(code, uses_limit) for code in codes])
        if not locked.needs_code:
            locked.needs_code = True
            locked.save(update_fields=["needs_code", "updated_at"])
            renew_versions(locked.merchant_id, list_running_markets(locked))
        journal.record(
            events.CODES_ADDED,
            merchant=locked.merchant,
            subject=locked,
            actor=actor,
            now=now,
            payload={"name": locked.name, "codes": len(codes)},
        )
    return len(codes)


def make_codes(
    promotion: Promotion,
    count: int,
    *,
    prefix: str = "",
    uses_limit: int | None = 1,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Draw ``count`` codes of ten characters after ``prefix`` and add them; returns them.

    30^10 possibilities: they cannot be guessed, and a repeat among them is as good as impossible.
    """
    if not 1 <= count <= MAX_BATCH:
        raise DomainError(
            "promotions.too_many_codes",
            _("Between 1 and %(limit)s codes at once.") % {"limit": f"{MAX_BATCH:,}"},
            status=422,
        )
    codes = [
        prefix + "".join(secrets.choice(_ALPHABET) for _place in range(_DRAWN))
        for _number in range(count)
    ]
    add_codes(promotion, codes, uses_limit=uses_limit, actor=actor, now=now)
    return codes
