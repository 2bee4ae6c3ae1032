"""Writes of HS assistance: loading public files, and a merchant's confirmation of a code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.common.bulk import insert_rows
from apps.common.errors import DomainError
from apps.compliance.hs import selectors, sources
from apps.compliance.hs.sources import SourceFile
from apps.compliance.hs.suggest import Candidate, Suggestion
from apps.compliance.models import HsImport, HsRow
from apps.journal import services as journal
from apps.journal.actors import Actor

# A list that shrinks by more than this is more likely damaged than right.
MAX_LOSS_PERCENT = 5


def import_hs_file(
    path: Path, *, actor: Actor, now: datetime, accept_loss: bool = False
) -> HsImport:
    """Load a public tariff file and put it in force; the same content again changes nothing.

    A file with over 5 % fewer rows than the one in force is recorded as quarantined and the old
    one stays, unless ``accept_loss``. Raises ``compliance.hs_file`` (422) for a file of no known
    layout.
    """
    try:
        found = sources.read_source(path)
    except sources.UnreadableFileError as error:
        raise DomainError("compliance.hs_file", str(error), status=422) from error
    digest = _digest(found)
    with transaction.atomic():
        current = selectors.find_active_load(found.source)
        if current is not None and current.content_digest == digest:
            return current
        is_short = current is not None and _is_short(len(found.rows), current.row_count)
        is_kept_out = is_short and not accept_loss
        load = HsImport.objects.create(
            source=found.source,
            status=HsImport.Status.QUARANTINED if is_kept_out else HsImport.Status.ACTIVE,
            file_name=path.name[:200],
            content_digest=digest,
            row_count=len(found.rows),
            imported_at=now,
        )
        if not is_kept_out:
            _put_in_force(load, found)
        payload: dict[str, journal.Json] = {
            "source": load.source,
            "status": load.status,
            "rows": load.row_count,
            "before": current.row_count if current is not None else 0,
        }
        journal.record(
            "hs.imported", merchant=None, subject=load, actor=actor, now=now, payload=payload
        )
    return load


def _digest(found: SourceFile) -> str:
    content = hashlib.sha256()
    for code, text in found.rows:
        content.update(f"{code}\t{text}\n".encode())
    return content.hexdigest()


def _is_short(count: int, before: int) -> bool:
    return count * 100 < before * (100 - MAX_LOSS_PERCENT)


def _put_in_force(load: HsImport, found: SourceFile) -> None:
    older = HsImport.objects.filter(source=load.source, status=HsImport.Status.ACTIVE)
    older = older.exclude(pk=load.pk)
    HsRow.objects.filter(load__in=older).delete()
    older.update(status=HsImport.Status.REPLACED)
    insert_rows(
        HsRow, ("load", "code", "text"), [(load.pk, code, text) for code, text in found.rows]
    )


def confirm_hs(
    product: Product,
    code: str,
    *,
    suggestion: Suggestion,
    description: str,
    answers: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> Product:
    """Give a product the code that a person chose among the candidates shown.

    The journal keeps the candidates, the answers and the version of rules and data, so that the
    choice can be explained later. A longer national code that begins with the confirmed six digits
    stays. A code that was not shown raises ``compliance.hs_not_shown`` (422).
    """
    if code not in {candidate.code for candidate in suggestion.candidates}:
        sentence = _("Choose one of the codes shown, or type your own on the product’s page.")
        raise DomainError(
            "compliance.hs_not_shown", sentence, status=422, fields={"code": sentence}
        )
    with transaction.atomic():
        before = product.hs_code
        changed = product
        if not before.startswith(code):
            changed = catalog.update_product(product, {"hs_code": code}, actor=actor, now=now)
        shown: list[journal.Json] = [_fact(candidate) for candidate in suggestion.candidates]
        told: dict[str, journal.Json] = dict(answers)
        payload: dict[str, journal.Json] = {
            "hs_code": code,
            "hs_before": before,
            "hs_version": suggestion.version,
            "description": description[:500],
            "answers": told,
            "candidates": shown,
        }
        journal.record(
            "product.hs_confirmed",
            merchant=product.merchant,
            subject=product,
            actor=actor,
            now=now,
            payload=payload,
        )
    return changed


def _fact(candidate: Candidate) -> journal.Json:
    return {
        "code": candidate.code,
        "share": candidate.share,
        "words": list(candidate.words),
        "nearest": candidate.nearest[:200],
        "source": candidate.source,
    }
