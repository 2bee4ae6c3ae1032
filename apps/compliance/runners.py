"""Long work of compliance: dry runs of rule rows, and publishing market by market."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog.fact_selectors import get_party, named_in
from apps.catalog.models import Product
from apps.common.errors import DomainError
from apps.common.formatting import format_money, join_sentences
from apps.compliance.publishing.outcomes import Outcome
from apps.compliance.publishing.prices import recheck_listed
from apps.compliance.publishing.reading import Wanted
from apps.compliance.publishing.sentences import explain_finding
from apps.compliance.publishing.services import (
    PUBLISH,
    RECHECK,
    RECHECK_LISTED,
    publish_in_market,
    recheck_product,
)
from apps.compliance.rule_impact.models import RuleDryRun
from apps.compliance.rule_impact.services import JOB_KIND, work_on
from apps.jobs.progress import JobProgress, RowOutcome
from apps.jobs.registry import job_runner
from apps.markets.models import Market
from apps.merchants import permissions
from apps.merchants.models import Merchant

BLOCKED = "publish.blocked"


@job_runner(JOB_KIND)
def dry_run(progress: JobProgress) -> None:
    """Price the listings a proposed row touches; staff steer it in the admin."""
    work_on(RuleDryRun.objects.select_related("row").get(job=progress.job), progress)


@job_runner(PUBLISH, permission=permissions.PRODUCTS_MANAGE)
def publish(progress: JobProgress) -> None:
    """Publish a product in each market; the row says at which price, or why not.

    One market failing never stops the others.
    """
    merchant = Merchant.objects.get(pk=progress.job.tenant_id)
    product = catalog.get_product(merchant, str(progress.parameters["product"]))
    rows = progress.parameters.get("markets")
    wanted = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    markets = {market.code: market for market in Market.objects.filter(is_active=True)}
    with translation.override(str(progress.parameters.get("language", "en"))):
        for number, row in progress.pending(wanted):
            code = str(row["market"])
            _do(progress, number, code, partial(_one, progress, product, markets.get(code), row))


def _one(
    progress: JobProgress, product: Product, market: Market | None, row: dict[str, object]
) -> Outcome:
    if market is None:
        sentence = _("Market %(market)s is not open.") % {"market": row["market"]}
        raise DomainError("publish.unknown_market", sentence, status=422)
    wish = Wanted(str(row["pricing"]), int(str(row["price_minor"])), str(row["model"]))
    return publish_in_market(product, market, wish, actor=progress.actor, now=progress.now)


@job_runner(RECHECK, permission=permissions.PRODUCTS_MANAGE)
def recheck(progress: JobProgress) -> None:
    """Ask the gate of a market again of each product it keeps off sale."""
    merchant = Merchant.objects.get(pk=progress.job.tenant_id)
    ids = progress.parameters.get("products")
    wanted = [str(item) for item in ids] if isinstance(ids, list) else []
    only = [str(progress.parameters["market"])]
    for number, public_id in progress.pending(wanted):
        with progress.row(number, public_id):
            product = catalog.get_product(merchant, public_id)
            recheck_product(product, actor=progress.actor, now=progress.now, only=only)


@job_runner(RECHECK_LISTED, permission=permissions.PRODUCTS_MANAGE)
def recheck_of_party(progress: JobProgress) -> None:
    """Ask the gates again of every product that names a company whose facts changed."""
    merchant = Merchant.objects.get(pk=progress.job.tenant_id)
    party = get_party(merchant, str(progress.parameters["party"]))
    named = named_in(party).order_by("pk").values_list("public_id", flat=True)
    for number, public_id in progress.pending(list(named)):
        with progress.row(number, public_id):
            product = catalog.get_product(merchant, public_id)
            recheck_listed(product, actor=progress.actor, now=progress.now)


def _do(progress: JobProgress, number: int, market: str, work: Callable[[], Outcome]) -> None:
    """Do one market's work and keep its outcome in the same transaction."""
    try:
        with transaction.atomic():
            progress.record([_told(number, market, work())])
    except DomainError as error:
        progress.fail_row(number, error.code, error.message, reference=market)


def _told(number: int, market: str, outcome: Outcome) -> RowOutcome:
    prices = sorted({(item.price_minor, item.currency) for item in outcome.listings})
    shown = "–".join(format_money(*price) for price in (prices[:1] + prices[1:][-1:]))
    reference = f"{market} · {shown}" if shown else market
    if outcome.is_live:
        return RowOutcome(number, reference)
    sentences = dict.fromkeys(explain_finding(item) for item in outcome.answer.blocking)
    message = reduce(join_sentences, sentences, "")
    return RowOutcome(number, reference, is_ok=False, code=BLOCKED, message=message)
