"""Publish answers, publishing, and the job that does it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.common.money import Money
from apps.compliance.publishing import services
from apps.compliance.publishing.answering import Answer as MarketAnswer
from apps.compliance.publishing.answering import answer_case
from apps.compliance.publishing.facts import Finding
from apps.compliance.publishing.reading import OWN, Wanted, read_cases
from apps.compliance.publishing.sentences import explain_finding
from apps.compliance.publishing.waterfall import Line, Waterfall
from apps.jobs import selectors as jobs
from apps.jobs.models import Job, JobRow
from apps.jobs.registry import permission_of
from apps.markets import selectors as markets
from apps.markets.models import Market
from apps.merchants import permissions
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.common import MoneyView, money_view
from apps.partners.api.structs.publishing import (
    AnswerList,
    AnswersQuery,
    AnswerView,
    FindingView,
    FlowLineView,
    JobRowView,
    JobView,
    MarketWish,
    PublishWish,
    WaterfallView,
)

MAX_ROWS = 500


class PublishAnswersView(PartnerView):
    """Whether one product can be sold in markets."""

    @operation(
        "products.publish_answers",
        scope="products:read",
        query=AnswersQuery,
        answers={200: AnswerList},
        errors=(422,),
    )
    def get(self, call: Call[AnswersQuery, Nothing]) -> Answer:
        """Answer per market whether a product can be sold there and what is kept of its price.

        Nothing is stored. The answer counts for the day it names: rules, rates and fees change.
        """
        product = catalog.get_product(call.merchant, call.path["product_id"])
        chosen = _markets(call.query.markets)
        wish = Wanted(model=call.query.model or "")
        cases = read_cases(
            product,
            chosen,
            merchant=call.merchant,
            on=call.now.date(),
            wanted={market.code: wish for market in chosen},
        )
        return Answer(AnswerList([answer_view(answer_case(case)) for case in cases]))


class PublishView(PartnerView):
    """Publishing one product."""

    @operation("products.publish", scope="products:write", body=PublishWish, answers={202: JobView})
    def post(self, call: Call[Nothing, PublishWish]) -> Answer:
        """Publish a product to markets in a job; each market passes its own gate.

        A market whose gate is closed does not stop the others: its row of the job fails and says why,
        and its listing is kept off sale with the issues. Follow the job at `/jobs/{id}`.
        """
        product = catalog.get_product(call.merchant, call.path["product_id"])
        open_markets = markets.list_markets()
        job = services.start_publishing(
            product,
            _wishes(call.body, {market.code: market for market in open_markets}),
            actor=call.actor,
            now=call.now,
            markets=open_markets,
        )
        return Answer(_job_view(job), 202)


class JobsView(PartnerView):
    """One job about products."""

    @operation("jobs.get", scope="products:read", answers={200: JobView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show a job about products with the outcomes of its first 500 rows.

        Jobs about anything else are not shown here.
        """
        job = jobs.get_job(call.merchant, call.path["job_id"])
        if permission_of(job.kind) != permissions.PRODUCTS_MANAGE:
            raise Job.DoesNotExist
        return Answer(_job_view(job, list(jobs.list_rows(job).order_by("row_number")[:MAX_ROWS])))


def _markets(codes: tuple[str, ...]) -> list[Market]:
    open_markets = {market.code: market for market in markets.list_markets()}
    for code in codes:
        if code not in open_markets:
            sentence = _("Market %(market)s is not open.") % {"market": code}
            raise field_error("markets.unknown", "markets", sentence)
    return (
        [open_markets[code] for code in sorted(set(codes))] if codes else [*open_markets.values()]
    )


def _wishes(body: PublishWish, known: dict[str, Market]) -> dict[str, Wanted]:
    found: dict[str, Wanted] = {}
    for index, item in enumerate(body.markets):
        attr = f"markets.{index}"
        if item.market in found:
            sentence = _("This market came before.")
            raise field_error("products.twice", f"{attr}.market", sentence)
        market = known.get(item.market)
        if market is None:
            sentence = _("This market is not open.")
            raise field_error("markets.unknown", f"{attr}.market", sentence)
        found[item.market] = Wanted(item.pricing, _price(item, market, attr), item.model or "")
    return found


def _price(item: MarketWish, market: Market, attr: str) -> int:
    if item.pricing != OWN:
        return 0
    if item.price is None:
        sentence = _("An own price needs an amount.")
        raise field_error("catalog.price", f"{attr}.price", sentence)
    minor = to_minor(item.price, market.currency, f"{attr}.price")
    if minor <= 0:
        sentence = _("A price must be above zero.")
        raise field_error("catalog.price", f"{attr}.price.amount", sentence)
    return minor


def answer_view(answer: MarketAnswer) -> AnswerView:
    """Return the answer of a market as the API writes it."""
    case = answer.case
    sources = {offer.variant.sku: offer.source for offer in case.offers}
    rates = [offer.by_rule.rate for offer in case.offers if offer.by_rule is not None]
    days = [rate.fixed_on for rate in rates if rate.fixed_on is not None]
    return AnswerView(
        market=case.market.code,
        model=case.model,
        verdict=answer.verdict,  # type: ignore[arg-type]
        answered_on=case.on,
        rates_on=min(days, default=None),
        findings=[_finding_view(item) for item in answer.findings],
        waterfalls=[_waterfall_view(item, sources[item.sku]) for item in answer.waterfalls],
    )


def _finding_view(finding: Finding) -> FindingView:
    return FindingView(
        finding.code,
        finding.field,
        explain_finding(finding),
        list(finding.rows),
        finding.fix,
        finding.is_blocking,
    )


def _waterfall_view(found: Waterfall, source: str) -> WaterfallView:
    return WaterfallView(
        sku=found.sku,
        price=_required(found.price),
        price_source=source,
        lines=[_line_view(line) for line in found.lines],
        keep=_required(found.keep),
        keep_in_own_currency=_money(found.keep_base),
        unknown=list(found.unknown),
        worst_case=found.worst.case,
        worst_keep=_money(found.worst.keep),
        buyer_total=_money(found.buyer_total),
    )


def _line_view(line: Line) -> FlowLineView:
    return FlowLineView(line.code, _money(line.amount), line.note, list(line.rows))


def _required(money: Money) -> MoneyView:
    return money_view(money.minor, money.currency)


def _money(money: Money | None) -> MoneyView | None:
    return None if money is None else _required(money)


def _job_view(job: Job, rows: list[JobRow] | None = None) -> JobView:
    return JobView(
        id=job.public_id,
        kind=job.kind,
        title=job.title,
        status=job.status,  # type: ignore[arg-type]
        total=job.total_count,
        done=job.done_count,
        failed=job.failed_count,
        rows=[
            JobRowView(row.row_number, row.reference, row.is_ok, row.code, row.message)
            for row in rows or ()
        ],
        created_at=job.created_at,
        finished_at=job.finished_at,
    )
