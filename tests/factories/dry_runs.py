"""Proposed rule rows, listings they touch, and dry runs that have been done."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django_scopes import scopes_disabled

from apps.catalog.models import Listing
from apps.compliance.rule_impact import services
from apps.compliance.rule_impact.models import RuleDryRun
from apps.jobs import execution
from apps.journal.actors import Actor
from apps.markets import services as markets
from apps.markets.models import RuleRow
from apps.merchants.models import Merchant
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.markets import MarketFactory

AUTHOR = Actor("user", "usr_AUTHOR")
VAT_22 = {"name": "supply VAT", "rate": "0.22", "base": ["goods", "shipping", "insurance"]}


def british_listing(merchant: Merchant, pounds: int, **changes: Any) -> Listing:
    """Return a live listing in Great Britain at a price in pounds."""
    market = MarketFactory(
        code="GB", currency="GBP", locale="en_GB", time_zone="Europe/London", is_active=True
    )
    facts = {name: changes.pop(name) for name in ("hs_code", "origin_country") if name in changes}
    with scopes_disabled():
        product = ProductFactory(merchant=merchant, **facts)
        variant = VariantFactory(product=product, sku=changes.pop("sku", f"GB-{pounds}"))
        return ListingFactory(
            variant=variant, market=market, price_minor=pounds * 100, currency="GBP", **changes
        )


def propose(now: datetime, rule: str = "GB-135", **changes: Any) -> RuleRow:
    """Return a proposed version of a rule; VAT of 22 % from New Year unless told otherwise."""
    old = RuleRow.objects.get(rule_id=rule)
    changes = changes or {"effective_from": "2027-01-01", "tax": VAT_22}
    return markets.supersede(old, changes, actor=AUTHOR, now=now)


def run_dry(row: RuleRow, *, now: datetime, tariff: Decimal | None = None) -> RuleDryRun:
    """Start a dry run and do its work here."""
    run = services.start_dry_run(row, assumed_tariff=tariff, actor=AUTHOR, now=now)
    execution.run_job(run.job_id, now=now)
    return RuleDryRun.objects.select_related("job", "row").get(pk=run.pk)
