"""Imports of sheets: the file, what its columns mean, what became of its rows, how to undo it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.imports.states import ImportStatus
from apps.merchants.models import Merchant


class ImportRun(TimestampedModel):
    """One uploaded sheet on its way into the catalog or the stock.

    ``upload_file`` is the sheet as it came, until it has been read; ``refusal`` says as a code with
    facts why it could not be read or its columns could not be matched. ``rows_file`` holds the
    sheet's rows as lines of JSON, whatever format came: every later step reads it in pieces and can
    go on at a byte. ``wrong_rows`` is a compressed bit per row: the rows that the check refused.
    ``applied_rows`` and ``applied_offset`` say where applying goes on. What was kept of an import is
    gone from ``swept_at`` on; its counts stay.
    """

    class Kind(models.TextChoices):
        """What the rows of the sheet are."""

        PRODUCTS = "products", _("Products")
        PRICES = "prices", _("Prices")
        STOCK = "stock", _("Stock")

    public_id = PublicIdField(prefix="imp")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    file_name = models.CharField(_("file"), max_length=120)
    upload_file = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    rows_file = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    problems_file = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    digest = ExactCharField(max_length=64)
    source = models.JSONField(default=dict)
    refusal = models.JSONField(default=dict)
    header = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    decimal_mark = models.CharField(max_length=1, default=".")
    status = models.CharField(
        _("status"), max_length=10, choices=ImportStatus, default=ImportStatus.UPLOADED
    )
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    new_count = models.PositiveIntegerField(_("new"), default=0)
    changed_count = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    wrong_count = models.PositiveIntegerField(_("wrong"), default=0)
    warning_count = models.PositiveIntegerField(_("warnings"), default=0)
    wrong_rows = models.BinaryField(default=b"")
    samples = models.JSONField(default=list)
    applied_rows = models.PositiveIntegerField(default=0)
    applied_offset = models.PositiveBigIntegerField(default=0)
    made_count = models.PositiveIntegerField(_("made"), default=0)
    updated_count = models.PositiveIntegerField(_("updated"), default=0)
    kept_count = models.PositiveIntegerField(_("kept"), default=0)
    refused_count = models.PositiveIntegerField(_("refused"), default=0)
    restored_count = models.PositiveIntegerField(_("restored"), default=0)
    not_restored_count = models.PositiveIntegerField(_("not restored"), default=0)
    undo_until = models.DateTimeField(_("undo until"), null=True, blank=True)
    swept_at = models.DateTimeField(null=True, blank=True)
    job_id = ExactCharField(max_length=32, default="", blank=True)
    started_by = ExactCharField(max_length=80)

    objects = TenantManager()

    class Meta:
        """Lists by merchant, newest first; nothing is applied beyond the last row."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(applied_rows__lte=models.F("row_count")),
                name="import_applied_within_rows",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=ImportStatus.values), name="import_status"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "created_at", "id"], name="import_list"),
            models.Index(fields=["swept_at", "updated_at"], name="import_sweep"),
        ]

    def __str__(self) -> str:
        """Return the file's name."""
        return self.file_name


class RememberedColumns(TimestampedModel):
    """What a company's columns meant the last time a sheet had this header."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ImportRun.Kind)
    header_key = ExactCharField(max_length=64)
    columns = models.JSONField(default=list)
    decimal_mark = models.CharField(max_length=1, default=".")

    objects = TenantManager()

    class Meta:
        """One memory per company, kind and header."""

        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "header_key"], name="import_columns_once"
            )
        ]

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind


class ImportChunk(models.Model):
    """Rows applied in one transaction, with what is needed to undo them.

    ``undo`` is compressed JSON of the values before and after; the row is inserted in the
    transaction of its effects, so that a chunk is applied once and undone once.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="chunks")
    first_row = models.PositiveIntegerField()
    row_count = models.PositiveIntegerField()
    undo = models.BinaryField()
    applied_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        """A row is applied in one chunk."""

        constraints = [
            models.UniqueConstraint(fields=["run", "first_row"], name="import_chunk_once")
        ]

    def __str__(self) -> str:
        """Return run and first row."""
        return f"{self.run}: {self.first_row}"


class ImportIssue(models.Model):
    """What is wrong with a row or a cell, as a code with facts; the sentence is the reader's.

    ``phase`` says when it was found: ``check``, ``apply`` or ``undo``.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="issues")
    phase = models.CharField(max_length=6)
    row_number = models.PositiveIntegerField()
    column = models.CharField(max_length=24, default="")
    code = ExactCharField(max_length=32)
    facts = models.JSONField(default=dict)
    is_warning = models.BooleanField(default=False)

    class Meta:
        """Read in the order of rows."""

        indexes = [models.Index(fields=["run", "phase", "row_number", "id"], name="import_issues")]

    def __str__(self) -> str:
        """Return row and code."""
        return f"{self.row_number}: {self.code}"
