"""Starting a dry run and doing its work."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.compliance.rule_impact import report, selectors
from apps.compliance.rule_impact.models import RuleDryRun, RuleDryRunPart, RuleImpact
from apps.compliance.rule_impact.pricing import Change, Pricer, Terms
from apps.jobs import services as jobs
from apps.jobs.progress import JobProgress, LeaseLost
from apps.jobs.selectors import OPEN
from apps.journal.actors import Actor
from apps.journal.services import PLATFORM
from apps.markets import selectors as markets
from apps.markets.models import RuleRow, RuleStatus

JOB_KIND = "rules.dry_run"
CHUNK = 2000
_HUNDRED, _PLACES = Decimal(100), Decimal("0.0001")


def start_dry_run(
    row: RuleRow, *, assumed_tariff: Decimal | None = None, actor: Actor, now: datetime
) -> RuleDryRun:
    """Ask for the landed cost of every live listing that a proposed row touches, without and with it.

    Priced on the row's first day, or today where that has passed, at today's exchange rates. Raises
    ``compliance.dry_run_decided`` (409) for a row that waits for nobody, and
    ``compliance.dry_run_open`` (409) while a run of it goes on.
    """
    with transaction.atomic():
        locked = RuleRow.objects.select_for_update().get(pk=row.pk)
        if locked.status != RuleStatus.PROPOSED:
            raise DomainError("compliance.dry_run_decided", _("This row has been decided already."))
        earlier = RuleDryRun.objects.filter(row=locked)
        if earlier.filter(job__status__in=OPEN).exists():
            raise DomainError("compliance.dry_run_open", _("A dry run of this row is going on."))
        RuleDryRunPart.objects.filter(run__in=earlier).delete()
        job = jobs.start_job(
            JOB_KIND,
            title=_("Dry run of %(row)s") % {"row": locked},
            parameters={"row": locked.public_id, "digest": locked.digest},
            tenant_id=PLATFORM,
            actor=actor,
            now=now,
        )
        today = now.date()
        return RuleDryRun.objects.create(
            row=locked,
            row_digest=locked.digest,
            book_digest=markets.digest_decisions(locked.market),
            priced_on=max(locked.effective_from, today),
            rates_on=today,
            assumed_tariff=assumed_tariff,
            job=job,
            requested_by=str(actor),
            requested_at=now,
        )


def read_tariff(text: str) -> Decimal | None:
    """Return percent as people type it (``12``, ``6.5``, ``6,5``) as a fraction; empty is none.

    Raises ``compliance.dry_run_tariff`` (422) for anything that is not 0 to 999.99.
    """
    typed = text.strip().removesuffix("%").strip().replace(",", ".")
    if not typed:
        return None
    try:
        fraction = Decimal(typed) / _HUNDRED
        if not fraction.is_finite() or not 0 <= fraction < 10:
            raise InvalidOperation
        if fraction != fraction.quantize(_PLACES):
            raise InvalidOperation
    except InvalidOperation as error:
        sentence = _("Give the tariff rate in percent, from 0 to 999.99, such as 6.5.")
        raise DomainError(
            "compliance.dry_run_tariff", sentence, status=422, fields={"tariff": sentence}
        ) from error
    return fraction.quantize(_PLACES)


def work_on(run: RuleDryRun, progress: JobProgress) -> None:
    """Price what is not priced yet, then write the result; goes on where an earlier worker stopped."""
    if run.finished_at is not None:
        return
    touched = selectors.list_touched_markets(run.row)
    progress.set_total(selectors.count_listings(touched))
    progress.advance(max(run.listing_count - progress.done_count, 0))
    _price(run, touched, progress)
    _finish(run, progress)


def _price(run: RuleDryRun, touched: list[int], progress: JobProgress) -> None:
    row, on = run.row, run.priced_on
    terms = Terms(on, run.rates_on, run.assumed_tariff)
    pricer = Pricer(lambda country: markets.compare_books(row, country, on), terms)
    last = run.last_listing_id
    while listings := selectors.next_listings(touched, after=last, limit=CHUNK):
        packed = report.pack([pricer.price(listing) for listing in listings])
        _keep(run, packed, since=last, up_to=listings[-1].pk, count=len(listings))
        last = listings[-1].pk
        progress.advance(len(listings))


def _keep(run: RuleDryRun, packed: bytes, *, since: int, up_to: int, count: int) -> None:
    """Store a chunk once: a second worker that priced it too finds the place moved, and stops."""
    with transaction.atomic():
        place = RuleDryRun.objects.filter(pk=run.pk, last_listing_id=since, finished_at=None)
        if not place.update(last_listing_id=up_to, listing_count=F("listing_count") + count):
            raise LeaseLost
        RuleDryRunPart.objects.create(run=run, up_to=up_to, outcomes=packed)


def _finish(run: RuleDryRun, progress: JobProgress) -> None:
    with tempfile.TemporaryFile() as file:
        tallies = report.write(_parts(run, progress), file)
        run.refresh_from_db(fields=["listing_count"])
        if sum(tally.counts.total() for tally in tallies.values()) != run.listing_count:
            raise DomainError(
                "compliance.dry_run_lost", _("Parts of this dry run are gone. Start a new one.")
            )
        progress.save_open_file(f"{run.row.rule_id}-v{run.row.version}-dry-run.csv", file)
    impacts = [_impact(run, key, tally) for key, tally in tallies.items()]
    with transaction.atomic():
        if not RuleDryRun.objects.filter(pk=run.pk, finished_at=None).update(
            finished_at=progress.now
        ):
            raise LeaseLost
        RuleImpact._base_manager.bulk_create(impacts, batch_size=500)
        RuleDryRunPart.objects.filter(run=run).delete()
    progress.set_result(listings=run.listing_count, markets=len({key.market_id for key in tallies}))


def _parts(run: RuleDryRun, progress: JobProgress) -> Iterator[bytes]:
    """Yield the packed chunks in order, a few in memory at a time."""
    parts = RuleDryRunPart.objects.filter(run=run).order_by("up_to")
    for outcomes in parts.values_list("outcomes", flat=True).iterator(chunk_size=10):
        yield bytes(outcomes)
        progress.beat()


def _impact(run: RuleDryRun, key: report.Key, tally: report.Tally) -> RuleImpact:
    counts, spread = tally.counts, tally.spread() or (None, None, None)
    return RuleImpact(
        run=run,
        merchant_id=key.merchant_id,
        market_id=key.market_id,
        currency=key.currency,
        listing_count=counts.total(),
        unchanged_count=counts[Change.UNCHANGED],
        dearer_count=counts[Change.DEARER],
        cheaper_count=counts[Change.CHEAPER],
        impossible_count=counts[Change.IMPOSSIBLE],
        possible_count=counts[Change.POSSIBLE],
        unpriced_count=counts[Change.UNPRICED],
        gated_count=tally.gated,
        least_minor=spread[0],
        median_minor=spread[1],
        most_minor=spread[2],
    )
