"""Dry runs of proposed rule rows and what they found, per company and market."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.jobs.models import Job
from apps.markets.models import Market, RuleRow
from apps.merchants.models import Merchant


class RuleDryRun(models.Model):
    """One pricing of every live listing that a proposed row touches, without and with the row.

    ``row_digest`` is the exact version, ``book_digest`` what was decided about all rows of the same
    markets when it began: a run of another version or another book proves nothing any more.
    ``last_listing_id`` is how far the job has come. ``assumed_tariff`` is the fraction that stood in
    for ordinary tariff rates nobody has stored; without one such listings stay unpriced.
    """

    public_id = PublicIdField(prefix="dry")
    row = models.ForeignKey(
        RuleRow, on_delete=models.PROTECT, related_name="+", verbose_name=_("rule row")
    )
    row_digest = ExactCharField(_("version digest"), max_length=64)
    book_digest = ExactCharField(_("book digest"), max_length=64)
    priced_on = models.DateField(_("priced on"))
    rates_on = models.DateField(_("exchange rates of"))
    assumed_tariff = models.DecimalField(
        _("assumed tariff rate"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    last_listing_id = models.BigIntegerField(default=0)
    listing_count = models.PositiveIntegerField(_("listings"), default=0)
    requested_by = ExactCharField(_("requested by"), max_length=80)
    requested_at = models.DateTimeField(_("requested"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        """A rate is a fraction; the newest run of a row is read."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(assumed_tariff__isnull=True)
                | models.Q(assumed_tariff__gte=Decimal(0), assumed_tariff__lt=Decimal(10)),
                name="dry_run_tariff",
            )
        ]
        indexes = [models.Index(fields=["row", "id"], name="dry_run_of_row")]

    def __str__(self) -> str:
        """Return the outward id."""
        return self.public_id

    @property
    def is_open(self) -> bool:
        """Whether its job still waits or runs."""
        return self.job.is_open

    @property
    def assumed_percent(self) -> str:
        """The assumed tariff rate in percent without needless zeros, or nothing."""
        rate = self.assumed_tariff
        return "" if rate is None else f"{(rate * 100).normalize():f}"


class RuleDryRunPart(models.Model):
    """Outcomes of one chunk of listings while the job runs: compressed JSON, deleted at its end."""

    run = models.ForeignKey(RuleDryRun, on_delete=models.CASCADE, related_name="+")
    up_to = models.BigIntegerField()
    outcomes = models.BinaryField()

    class Meta:
        """A chunk ends once at a listing."""

        constraints = [models.UniqueConstraint(fields=["run", "up_to"], name="dry_run_part_once")]

    def __str__(self) -> str:
        """Return the run and where the chunk ends."""
        return f"{self.run_id} ≤ {self.up_to}"


class RuleImpact(models.Model):
    """What a proposed row means for one company's live listings in one market and currency.

    Every listing is in exactly one of the six counts before ``gated_count``; ``gated_count`` are
    those of any kind that would need data they need not have now. Changes are of the landed cost of
    one unit in minor units of the listing's currency, over the dearer and cheaper listings.
    """

    run = models.ForeignKey(RuleDryRun, on_delete=models.PROTECT, related_name="+")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    currency = ExactCharField(_("currency"), max_length=3)
    listing_count = models.PositiveIntegerField(_("listings"))
    unchanged_count = models.PositiveIntegerField(_("unchanged"))
    dearer_count = models.PositiveIntegerField(_("dearer"))
    cheaper_count = models.PositiveIntegerField(_("cheaper"))
    impossible_count = models.PositiveIntegerField(_("no longer priced"))
    possible_count = models.PositiveIntegerField(_("newly priced"))
    unpriced_count = models.PositiveIntegerField(_("not priced either way"))
    gated_count = models.PositiveIntegerField(_("need new data"))
    least_minor = models.BigIntegerField(_("smallest change"), null=True)
    median_minor = models.BigIntegerField(_("median change"), null=True)
    most_minor = models.BigIntegerField(_("largest change"), null=True)

    objects = TenantManager()

    class Meta:
        """One row per company, market and currency; the counts add up."""

        constraints = [
            models.UniqueConstraint(
                fields=["run", "merchant", "market", "currency"], name="rule_impact_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    listing_count=models.F("unchanged_count")
                    + models.F("dearer_count")
                    + models.F("cheaper_count")
                    + models.F("impossible_count")
                    + models.F("possible_count")
                    + models.F("unpriced_count")
                ),
                name="rule_impact_adds_up",
            ),
        ]

    def __str__(self) -> str:
        """Return company and market."""
        return f"{self.merchant_id} {self.market_id}"
