"""Putting a product on sale market by market, and stating what only the merchant knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog import services as listings
from apps.catalog.fact_selectors import named_in
from apps.catalog.models import ListingIssue, Party, Product
from apps.catalog.sentences import MISSING
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.compliance import events
from apps.compliance.publishing.answering import answer_case
from apps.compliance.publishing.obligations import find_demand
from apps.compliance.publishing.outcomes import Outcome, draft_of, keep_answer
from apps.compliance.publishing.reading import KEEP, Wanted, read_cases
from apps.compliance.publishing.records import Registration, TariffRate
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Merchant

PUBLISH, RECHECK = "products.publish", "listings.recheck"
RECHECK_LISTED = "listings.recheck_listed"
MAX_MARKETS = 100
MAX_RATE = Decimal(10)


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
            draft_of(answer, offer, offer.price)
            for offer in case.offers
            if offer.price is not None and offer.price.minor > 0
        ]
        made = listings.list_in_markets(drafts, merchant=merchant, actor=actor, now=now)
        stored = keep_answer(answer, actor=actor, now=now)
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


def start_party_recheck(party: Party, *, actor: Actor, now: datetime) -> Job | None:
    """Start the job that asks the gates again of every product that names a company.

    Returns nothing when no product names it.
    """
    count = named_in(party).count()
    if not count:
        return None
    title = ngettext(
        "Check %(count)s product again that names %(party)s",
        "Check %(count)s products again that name %(party)s",
        count,
    ) % {"count": count, "party": party.name[:80]}
    return jobs.start_job(
        RECHECK_LISTED,
        title=title,
        parameters={"party": party.public_id, "language": get_language() or "en"},
        tenant_id=party.merchant_id,
        total=count,
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
