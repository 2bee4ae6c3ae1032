"""From an answer to what is kept of it: the drafts of listings with their issues, and the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from apps.catalog.models import Listing
from apps.catalog.sentences import MISSING
from apps.catalog.services import IssueDraft, PriceDraft
from apps.catalog.states import ListingStatus
from apps.common.money import Money
from apps.compliance.publishing.answering import Answer
from apps.compliance.publishing.facts import Finding, Offer
from apps.compliance.publishing.gates import RULES
from apps.compliance.publishing.records import PublishAnswer
from apps.journal.actors import Actor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a product in a market: the answer and the listings it led to."""

    answer: Answer
    listings: tuple[Listing, ...]

    @property
    def is_live(self) -> bool:
        """Whether all of it is on sale, or was paused by people and may go on."""
        going = {ListingStatus.LIVE, ListingStatus.PAUSED}
        return bool(self.listings) and all(
            item.status in going and not item.refusal for item in self.listings
        )


def issue_of(finding: Finding) -> IssueDraft:
    """Return a finding as an issue of a listing."""
    return IssueDraft(
        code=finding.code,
        field=finding.field[:48],
        parameters=finding.parameters,
        rows=finding.rows,
        fix=finding.fix,
        is_blocking=finding.is_blocking,
    )


def draft_of(answer: Answer, offer: Offer, price: Money) -> PriceDraft:
    """Return the price of a variant with everything the gate found about it."""
    case, found = answer.case, offer.by_rule
    others = {item.variant.sku for item in case.offers} - {offer.variant.sku}
    issues = tuple(
        issue_of(finding)
        for finding in answer.findings
        if finding.code != MISSING and finding.field not in others
    )
    draft = PriceDraft(
        offer.variant,
        case.market,
        price.minor,
        case.model,
        price.currency,
        source=offer.source,
        issues=issues,
    )
    kept = {} if offer.listing is None else offer.listing.price_basis
    if found is not None:
        basis = found.as_json() if found.decision.moves or not kept else kept
        return replace(draft, reason=found.decision.reason, basis=basis)
    return replace(draft, basis=kept) if offer.source == Listing.PriceSource.RULE else draft


def keep_answer(answer: Answer, *, actor: Actor, now: datetime) -> PublishAnswer:
    """Store an answer that is acted on; it is never changed."""
    case = answer.case
    stored = PublishAnswer(
        merchant=case.merchant,
        product=case.product,
        market=case.market,
        model=case.model,
        verdict=answer.verdict,
        reasons=[finding.as_json() for finding in answer.findings],
        waterfalls=[waterfall.as_json() for waterfall in answer.waterfalls],
        book=list(case.book.row_ids),
        rule_version=RULES,
        answered_on=case.on,
        answered_at=now,
        answered_by=str(actor),
    )
    stored.save(force_insert=True)
    return stored
