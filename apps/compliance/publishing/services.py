"""Putting a product on sale market by market, and stating what only the merchant knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog import services as listings
from apps.catalog.models import Listing, ListingIssue, Product
from apps.catalog.sentences import MISSING
from apps.catalog.services import IssueDraft, PriceDraft
from apps.catalog.states import ListingStatus
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.compliance import events
from apps.compliance.publishing.answering import Answer, answer_case
from apps.compliance.publishing.facts import Finding, Offer
from apps.compliance.publishing.gates import RULES
from apps.compliance.publishing.obligations import find_demand
from apps.compliance.publishing.reading import KEEP, Wanted, read_cases
from apps.compliance.publishing.records import PublishAnswer, Registration, TariffRate
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Merchant

PUBLISH, RECHECK = "products.publish", "listings.recheck"
MAX_MARKETS = 100
MAX_RATE = Decimal(10)


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


@retry_transaction
def publish_in_market(
    product: Product, market: Market, wanted: Wanted, *, actor: Actor, now: datetime
) -> Outcome:
    """Ask the market's gate, store its answer, and put the product on sale if it is open.

    Everything in one transaction. What has a price gets its listing either way: live, or kept off
    sale with the gate's findings as issues. Raises ``catalog.price`` (422).
    """
    merchant = product.merchant
    with transaction.atomic():
        fresh = catalog.get_product(merchant, product.public_id)
        on = now.date()
        [case] = read_cases(fresh, [market], merchant=merchant, on=on, wanted={market.code: wanted})
        answer = answer_case(case)
        drafts = [
            _draft(answer, offer, offer.price)
            for offer in case.offers
            if offer.price is not None and offer.price.minor > 0
        ]
        made = listings.list_in_markets(drafts, merchant=merchant, actor=actor, now=now)
        stored = _store(answer, actor, now)
        journal.record(
            events.PRODUCT_PUBLISHED,
            merchant=merchant,
            subject=fresh,
            actor=actor,
            now=now,
            payload={
                "market": market.code,
                "model": case.model,
                "verdict": answer.verdict,
                "answer": stored.public_id,
                "listings": len(made),
            },
        )
    return Outcome(answer, tuple(made))


def start_publishing(
    product: Product,
    wanted: Mapping[str, Wanted],
    *,
    actor: Actor,
    now: datetime,
    markets: Sequence[Market],
) -> Job:
    """Start the job that publishes a product in markets, each by itself; returns the job.

    ``markets`` are the open markets, ``wanted`` is by code. Raises 422: ``publish.no_market``,
    ``publish.unknown_market``, ``publish.too_many``, ``catalog.price``.
    """
    _check_wanted(wanted, markets)
    rows: list[journal.Json] = [
        {
            "market": code,
            "pricing": wish.pricing,
            "price_minor": wish.price_minor,
            "model": wish.model,
        }
        for code, wish in sorted(wanted.items())
    ]
    title = ngettext(
        "Publish “%(title)s” to %(count)s market",
        "Publish “%(title)s” to %(count)s markets",
        len(rows),
    ) % {"title": product.title[:120], "count": len(rows)}
    parameters: dict[str, journal.Json] = {
        "product": product.public_id,
        "markets": rows,
        "language": get_language() or "en",
    }
    return jobs.start_job(
        PUBLISH,
        title=title,
        parameters=parameters,
        tenant_id=product.merchant_id,
        total=len(rows),
        actor=actor,
        now=now,
    )


def recheck_product(
    product: Product, *, actor: Actor, now: datetime, only: Collection[str] = ()
) -> list[Outcome]:
    """Ask the gates again of the markets in which a gate keeps the product off sale.

    ``only`` narrows it to market codes. Prices stay as they are.
    """
    blocked = ListingIssue.objects.filter(
        merchant=product.merchant_id,
        listing__variant__product=product,
        effect=ListingIssue.Effect.BLOCKED,
    ).exclude(code=MISSING)
    keys = blocked.values_list("listing__market_id", flat=True)
    markets = Market.objects.filter(pk__in=list(keys)).order_by("code")
    return [
        publish_in_market(product, market, Wanted(KEEP), actor=actor, now=now)
        for market in markets
        if not only or market.code in only
    ]


def state_registration(
    merchant: Merchant, obligation: str, country: str, number: str, *, actor: Actor, now: datetime
) -> Registration:
    """Keep a register number of the company; the listings it held back are looked at again by a job.

    Raises ``compliance.registration`` (422) for an obligation no number meets, or an empty number.
    """
    demand, number = find_demand(obligation), " ".join(number.split())[:64]
    if demand is None or not number:
        sentence = _("Type the register number.")
        raise DomainError(
            "compliance.registration", sentence, status=422, fields={obligation: sentence}
        )
    with transaction.atomic():
        stored, _made = Registration.objects.update_or_create(
            merchant=merchant,
            obligation=obligation,
            country=country,
            defaults={"number": number, "stated_by": str(actor), "stated_at": now},
        )
        payload: dict[str, journal.Json] = {"obligation": obligation, "country": country}
        journal.record(
            events.REGISTRATION_STATED,
            merchant=merchant,
            subject=stored,
            actor=actor,
            now=now,
            payload=payload,
        )
        _start_recheck(merchant, country, actor, now)
    return stored


def state_tariff_rate(
    product: Product,
    country: str,
    rate: Decimal,
    *,
    facts: Mapping[str, Decimal],
    source: str,
    actor: Actor,
    now: datetime,
) -> TariffRate:
    """Keep the product's duty rate in a country as a share; its blocked listings are tried again.

    ``facts`` are further rates a rule asks for by name. Raises ``compliance.tariff_rate`` (422).
    """
    if not all(0 <= value <= MAX_RATE for value in (rate, *facts.values())):
        sentence = _("A duty rate lies between 0 and 1000 %.")
        raise DomainError("compliance.tariff_rate", sentence, status=422, fields={"rate": sentence})
    with transaction.atomic():
        stored, _made = TariffRate.objects.update_or_create(
            merchant=product.merchant,
            product=product,
            country=country,
            defaults={
                "rate": rate,
                "facts": {name: str(value) for name, value in facts.items()},
                "source": source.strip()[:200],
                "stated_by": str(actor),
                "stated_at": now,
            },
        )
        journal.record(
            events.TARIFF_STATED,
            merchant=product.merchant,
            subject=stored,
            actor=actor,
            now=now,
            payload={"product": product.public_id, "country": country, "rate": str(rate)},
        )
        recheck_product(product, actor=actor, now=now, only=[country])
    return stored


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


def _draft(answer: Answer, offer: Offer, price: Money) -> PriceDraft:
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


def _store(answer: Answer, actor: Actor, now: datetime) -> PublishAnswer:
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


def _start_recheck(merchant: Merchant, country: str, actor: Actor, now: datetime) -> None:
    blocked = ListingIssue.objects.filter(
        merchant=merchant,
        listing__market__code=country,
        effect=ListingIssue.Effect.BLOCKED,
        code="registration",
    )
    products = blocked.values_list("listing__variant__product__public_id", flat=True)
    wanted = sorted(set(products))
    if not wanted:
        return
    title = ngettext(
        "Check %(count)s product again for %(market)s",
        "Check %(count)s products again for %(market)s",
        len(wanted),
    ) % {"count": len(wanted), "market": country}
    jobs.start_job(
        RECHECK,
        title=title,
        parameters={
            "products": list[journal.Json](wanted),
            "market": country,
            "language": get_language() or "en",
        },
        tenant_id=merchant.pk,
        total=len(wanted),
        actor=actor,
        now=now,
    )


def _check_wanted(wanted: Mapping[str, Wanted], markets: Sequence[Market]) -> None:
    known = {market.code for market in markets}
    if not wanted:
        raise _refused("publish.no_market", "markets", _("Choose a market first."))
    if len(wanted) > MAX_MARKETS:
        sentence = _("Choose at most %(limit)s markets.") % {"limit": MAX_MARKETS}
        raise _refused("publish.too_many", "markets", sentence)
    for code, wish in sorted(wanted.items()):
        if code not in known:
            sentence = _("Market %(market)s is not open.") % {"market": code}
            raise _refused("publish.unknown_market", "markets", sentence)
        if wish.pricing == "own" and wish.price_minor <= 0:
            raise _refused("catalog.price", f"price_{code}", _("A price must be above zero."))


def _refused(code: str, field: str, sentence: str) -> DomainError:
    return DomainError(code, sentence, status=422, fields={field: sentence})
