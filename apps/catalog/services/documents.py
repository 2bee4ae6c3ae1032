"""Writes of papers about products."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.models import Product, ProductDocument
from apps.catalog.papers import Paper, read_paper, refuse_paper
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.journal import services as journal
from apps.journal.actors import Actor

MAX_DOCUMENTS = 100
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f/\\]+")


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """What is said about a paper."""

    kind: str
    name: str = ""
    issued_on: date | None = None
    valid_until: date | None = None


def add_document(
    product: Product,
    draft: DocumentDraft,
    source: IO[bytes],
    size: int,
    *,
    actor: Actor,
    now: datetime,
) -> ProductDocument:
    """Keep a PDF, JPEG or PNG of at most 10 MB about a product.

    Raises 422 ``catalog.document`` with the field: another kind of file, dates that contradict each
    other, a file the product has already, or over 100 papers.
    """
    if draft.kind not in ProductDocument.Kind.values:
        raise refuse_paper(_("Choose what the paper is."), field="kind")
    if draft.issued_on and draft.valid_until and draft.valid_until < draft.issued_on:
        raise refuse_paper(_("This is before the day of issue."), field="valid_until")
    paper = read_paper(source, size)
    with transaction.atomic():
        locked: Product = (
            Product.objects.select_for_update().select_related("merchant").get(pk=product.pk)
        )
        _check_room(locked, paper)
        made = _save(locked, draft, paper)
        journal.record(
            events.DOCUMENT_ADDED,
            merchant=locked.merchant,
            subject=locked,
            actor=actor,
            now=now,
            payload={"document": made.public_id, "kind": made.kind, "sha256": made.sha256},
        )
    return made


def withdraw_document(document: ProductDocument, *, actor: Actor, now: datetime) -> ProductDocument:
    """Say that a paper no longer counts; it stays as evidence. A repeat changes nothing."""
    with transaction.atomic():
        locked: ProductDocument = (
            ProductDocument.objects.select_for_update()
            .select_related("product__merchant")
            .get(pk=document.pk)
        )
        if locked.status != ProductDocument.Status.WITHDRAWN:
            locked.status = ProductDocument.Status.WITHDRAWN
            locked.save(update_fields=["status", "updated_at"])
            journal.record(
                events.DOCUMENT_WITHDRAWN,
                merchant=locked.product.merchant,
                subject=locked.product,
                actor=actor,
                now=now,
                payload={"document": locked.public_id, "kind": locked.kind},
            )
    return locked


def _check_room(product: Product, paper: Paper) -> None:
    held = ProductDocument.objects.filter(product=product)
    same = held.filter(sha256=paper.sha256).first()
    if same is not None:
        raise refuse_paper(_("The product has this file already: %(name)s.") % {"name": same.name})
    if held.count() >= MAX_DOCUMENTS:
        raise DomainError("catalog.document", _("A product has at most 100 papers."), status=422)


def _save(product: Product, draft: DocumentDraft, paper: Paper) -> ProductDocument:
    label = str(ProductDocument.Kind(draft.kind).label)
    name = " ".join(_UNSHOWN.sub(" ", draft.name).split())[:120] or label
    made = ProductDocument(
        merchant=product.merchant,
        product=product,
        kind=draft.kind,
        name=name,
        content_type=paper.content_type,
        size=paper.size,
        sha256=paper.sha256,
        issued_on=draft.issued_on,
        valid_until=draft.valid_until,
    )
    made.file.save(f"{new_public_id('fil')}.{paper.extension}", paper.content, save=True)
    return made
