"""Dry runs of proposed rule rows: what changes, for whom, by how much, and what an approval needs."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from apps.catalog.states import ListingStatus
from apps.common.errors import DomainError
from apps.compliance.rule_impact import report, selectors, services
from apps.compliance.rule_impact.models import RuleDryRun, RuleDryRunPart, RuleImpact
from apps.compliance.rule_impact.pricing import Outcome
from apps.jobs import execution
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.markets import approval
from apps.markets import services as markets
from apps.markets.models import RuleRow, RuleStatus
from tests.factories.catalog import ListingFactory
from tests.factories.dry_runs import british_listing, propose, run_dry
from tests.factories.merchants import MerchantFactory
from tests.factories.rules import rule_body

SECOND = Actor("user", "usr_SECOND")
FEE_ROW = {
    "id": "GB-FEE",
    "market": "GB",
    "kind": "fee",
    "role": "fee",
    "effective_from": "2026-11-01",
    "duty": {"type": "flat", "amount": "1.50", "currency": "GBP", "unit": "consignment"},
    "sources": ["https://example.org/fee"],
}


@pytest.fixture(autouse=True)
def _book(db, now, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    markets.load_rule_book(now=now)


def lines(run: RuleDryRun) -> list[dict[str, str]]:
    with run.job.result_file.open("rb") as file:
        text = file.read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def impact_of(run: RuleDryRun, merchant) -> RuleImpact:
    return RuleImpact._base_manager.get(run=run, merchant=merchant)


def counts(impact: RuleImpact) -> dict[str, int]:
    named = {name.removesuffix("_count"): getattr(impact, name) for name in selectors.COUNTS}
    return {name: count for name, count in named.items() if count}


def test_a_higher_rate_is_told_per_company_with_exact_changes(merchant, stranger, now):
    for pounds in (10, 49, 100):
        british_listing(merchant, pounds)
    british_listing(stranger, 50)
    run = run_dry(propose(now), now=now)
    assert (run.job.status, run.listing_count, run.finished_at is not None) == ("done", 4, True)
    assert (run.priced_on, run.rates_on) == (date(2027, 1, 1), date(2026, 11, 25))
    own, other = impact_of(run, merchant), impact_of(run, stranger)
    assert counts(own) == {"listing": 3, "dearer": 3}
    assert (own.least_minor, own.median_minor, own.most_minor) == (20, 98, 200)
    assert (own.currency, other.least_minor, other.median_minor, other.most_minor) == (
        "GBP",
        100,
        100,
        100,
    )


def test_the_file_has_a_line_for_each_listing_with_the_rows_used(merchant, now):
    british_listing(merchant, 49, sku="=LMP-1")
    run = run_dry(propose(now), now=now)
    assert lines(run) == [
        {
            "merchant": merchant.public_id,
            "sku": "'=LMP-1",
            "market": "GB",
            "currency": "GBP",
            "before": "58.80",
            "after": "59.78",
            "difference": "0.98",
            "result": "dearer",
            "new_data": "",
            "rows_before": "GB-135",
            "rows_after": "GB-135",
            "why": "",
        }
    ]
    assert run.job.result["file_name"] == "GB-135-v2-dry-run.csv"


def test_only_what_is_on_sale_where_the_row_speaks_is_priced(merchant, now):
    british_listing(merchant, 49)
    british_listing(merchant, 50, status=ListingStatus.PAUSED)
    withdrawn = british_listing(merchant, 51)
    archived = british_listing(merchant, 52)
    with scope(merchant=merchant):
        type(withdrawn.variant).objects.filter(pk=withdrawn.variant_id).update(is_active=False)
        product = archived.variant.product
        type(product).objects.filter(pk=product.pk).update(status="archived")
    ListingFactory(merchant=merchant)
    run = run_dry(propose(now), now=now)
    assert [line["sku"] for line in lines(run)] == ["GB-49"]


def test_a_listing_that_no_rule_answers_any_more_is_impossible(merchant, now):
    british_listing(merchant, 30)
    british_listing(merchant, 49)
    limit = {"amount": "40", "currency": "GBP", "operator": "<=", "measure": "goods"}
    run = run_dry(propose(now, effective_from="2027-01-01", threshold=limit), now=now)
    assert counts(impact_of(run, merchant)) == {"listing": 2, "unchanged": 1, "impossible": 1}
    [lost] = [line for line in lines(run) if line["result"] == "impossible"]
    assert (lost["sku"], lost["before"], lost["after"], lost["difference"]) == (
        "GB-49",
        "58.80",
        "",
        "",
    )
    assert lost["why"].startswith("NO_RULE: tax: no rule of GB on 2027-01-01 answers for 940511 CN")


def test_a_listing_that_a_new_rule_answers_becomes_possible(merchant, now):
    british_listing(merchant, 200)
    over = {"effective_from": "2027-01-01", "duty": {"type": "exempt"}}
    run = run_dry(propose(now, "GB-OVER135", **over), now=now)
    assert counts(impact_of(run, merchant)) == {"listing": 1, "possible": 1}
    assert (lines(run)[0]["before"], lines(run)[0]["after"]) == ("", "240.00")


def test_a_missing_tariff_rate_is_not_priced_unless_one_is_assumed(merchant, now):
    british_listing(merchant, 200)
    row = propose(now, "GB-OVER135", effective_from="2027-01-01", confidence="medium")
    without = run_dry(row, now=now)
    assert counts(impact_of(without, merchant)) == {"listing": 1, "unpriced": 1}
    assert "tariff rate of heading 940511 from CN is missing" in lines(without)[0]["why"]
    assumed = run_dry(row, now=now, tariff=Decimal("0.05"))
    assert counts(impact_of(assumed, merchant)) == {"listing": 1, "unchanged": 1}
    assert lines(assumed)[0]["after"] == "252.00"


@pytest.mark.parametrize("lacking", ["hs_code", "origin_country"])
def test_a_listing_without_customs_facts_is_not_priced(merchant, now, lacking):
    british_listing(merchant, 49, **{lacking: ""})
    run = run_dry(propose(now), now=now)
    assert counts(impact_of(run, merchant)) == {"listing": 1, "unpriced": 1}
    assert lines(run)[0]["why"] == "INCOMPLETE: HS code or country of origin"


def test_data_that_must_be_there_from_a_day_are_counted(merchant, actor, now):
    british_listing(merchant, 49)
    gate = rule_body("EU-PRODUCT-ID", id="GB-PRODUCT-ID", market="GB", threshold=None)
    row = markets.propose_row(gate, actor=actor, now=now)
    run = run_dry(row, now=now)
    assert counts(impact_of(run, merchant)) == {"listing": 1, "unchanged": 1, "gated": 1}
    assert lines(run)[0]["new_data"] == "merchant_product_id manufacturer_product_id"


def test_a_row_of_the_past_is_priced_today_and_a_new_fee_is_added(merchant, actor, now):
    british_listing(merchant, 49)
    run = run_dry(markets.propose_row(FEE_ROW, actor=actor, now=now), now=now)
    assert run.priced_on == date(2026, 11, 25)
    assert (lines(run)[0]["difference"], lines(run)[0]["rows_after"]) == ("1.50", "GB-135 GB-FEE")


def test_a_row_of_the_bloc_touches_its_members(merchant, now):
    ListingFactory(merchant=merchant, variant__merchant=merchant)
    three = rule_body("EU-DUTY-3")["duty"]
    row = propose(now, "EU-DUTY-3", effective_from="2027-01-01", duty={**three, "amount": "4"})
    run = run_dry(row, now=now)
    impact = RuleImpact._base_manager.get(run=run)
    assert (impact.market.code, impact.currency, impact.dearer_count) == ("DE", "EUR", 1)
    # 19 % VAT on the goods at 49.00 and the duty, which rises from 3.00 to 4.00.
    assert (lines(run)[0]["before"], lines(run)[0]["after"]) == ("61.88", "63.07")
    assert impact.median_minor == 119


def test_nothing_on_sale_gives_an_empty_result(now):
    run = run_dry(propose(now), now=now)
    assert (run.job.status, run.listing_count, lines(run)) == ("done", 0, [])
    assert selectors.get_totals(run) == selectors.Totals()


def test_statements_grow_with_chunks_and_not_with_listings(merchant, now, monkeypatch):
    def statements(chunk: int) -> int:
        monkeypatch.setattr(services, "CHUNK", chunk)
        run = services.start_dry_run(row, actor=SECOND, now=now)
        with CaptureQueriesContext(connection) as queries:
            execution.run_job(run.job_id, now=now)
        return len(queries)

    row = propose(now)
    for pounds in range(10, 22):
        british_listing(merchant, pounds)
    whole, in_chunks = statements(100), statements(4)
    for pounds in range(22, 34):
        british_listing(merchant, pounds)
    assert statements(100) == whole
    # Two more chunks, each: read, move the place, keep the part, and the savepoint of both.
    assert in_chunks - whole <= 2 * 5
    assert whole <= 40


def test_a_killed_run_goes_on_where_it_stopped(merchant, now, monkeypatch):
    for pounds in range(10, 20):
        british_listing(merchant, pounds)
    row = propose(now)
    monkeypatch.setattr(services, "CHUNK", 4)
    run = services.start_dry_run(row, actor=SECOND, now=now)
    seen: list[int] = []
    price = services.report.pack

    def pack(outcomes):
        if len(seen) == 8:
            seen.append(0)
            raise KeyboardInterrupt
        seen.extend(outcome.merchant_id for outcome in outcomes)
        return price(outcomes)

    monkeypatch.setattr(services.report, "pack", pack)
    with pytest.raises(KeyboardInterrupt):
        execution.run_job(run.job_id, now=now)
    assert RuleDryRunPart.objects.filter(run=run).count() == 2
    Job.objects.filter(pk=run.job_id).update(heartbeat_at=now - 2 * execution.LEASE)
    execution.run_job(run.job_id, now=now)
    run = RuleDryRun.objects.select_related("job").get(pk=run.pk)
    assert (run.job.status, run.job.done_count, run.listing_count) == ("done", 10, 10)
    assert [line["sku"] for line in lines(run)] == [f"GB-{pounds}" for pounds in range(10, 20)]
    assert not RuleDryRunPart.objects.exists()


def test_a_second_worker_does_not_count_twice(merchant, now):
    british_listing(merchant, 49)
    run = services.start_dry_run(propose(now), actor=SECOND, now=now)
    services._keep(run, b"x", since=0, up_to=7, count=1)
    with pytest.raises(services.LeaseLost):
        services._keep(run, b"x", since=0, up_to=7, count=1)
    run.refresh_from_db()
    assert (run.listing_count, RuleDryRunPart.objects.count()) == (1, 1)


def test_a_cancelled_run_proves_nothing_and_the_next_one_starts_anew(merchant, now):
    british_listing(merchant, 49)
    row = propose(now)
    run = services.start_dry_run(row, actor=SECOND, now=now)
    with pytest.raises(DomainError) as refusal:
        services.start_dry_run(row, actor=SECOND, now=now)
    assert refusal.value.code == "compliance.dry_run_open"
    jobs.request_cancel(run.job, actor=SECOND, now=now)
    execution.run_job(run.job_id, now=now)
    with pytest.raises(DomainError) as refusal:
        markets.approve_row(row, actor=SECOND, now=now)
    assert refusal.value.code == "compliance.dry_run_unfinished"
    assert run_dry(row, now=now).finished_at is not None


def test_lost_parts_are_not_passed_over(merchant, now):
    british_listing(merchant, 49)
    run = services.start_dry_run(propose(now), actor=SECOND, now=now)
    RuleDryRun.objects.filter(pk=run.pk).update(last_listing_id=10**9, listing_count=3)
    execution.run_job(run.job_id, now=now)
    run = RuleDryRun.objects.select_related("job").get(pk=run.pk)
    assert (run.job.status, run.finished_at) == ("failed", None)
    assert "Parts of this dry run are gone" in run.job.error


def test_an_approval_needs_a_dry_run_and_names_it(merchant, now):
    row = propose(now)
    with pytest.raises(DomainError) as refusal:
        markets.approve_row(row, actor=SECOND, now=now)
    assert (refusal.value.code, refusal.value.status) == ("compliance.dry_run_missing", 409)
    row.refresh_from_db()
    assert row.status == RuleStatus.PROPOSED
    run = run_dry(row, now=now)
    markets.approve_row(row, actor=SECOND, now=now, override="not needed")
    entry = JournalEntry.objects.get(event="markets.rule_approved")
    assert entry.payload["dry_run"] == run.public_id
    assert "reason" not in entry.payload


def test_a_reason_stands_in_for_a_dry_run_and_is_kept(now):
    row = propose(now)
    markets.approve_row(row, actor=SECOND, now=now, override=" Law in force at midnight ")
    row.refresh_from_db()
    entry = JournalEntry.objects.get(event="markets.rule_approved")
    assert (row.status, row.decision_note) == (RuleStatus.APPROVED, "Law in force at midnight")
    assert entry.payload["reason"] == "Law in force at midnight"
    assert entry.payload["without_dry_run"] == "compliance.dry_run_missing"


def test_a_decision_about_the_same_markets_makes_a_dry_run_stale(actor, now):
    row, other = propose(now), markets.propose_row(FEE_ROW, actor=actor, now=now)
    elsewhere = propose(now, "JP-10000", effective_from="2027-01-01")
    run_dry(row, now=now)
    markets.approve_row(elsewhere, actor=SECOND, now=now, override="x")
    assert approval.inspect(row)["dry_run"].refusal is None
    markets.approve_row(other, actor=SECOND, now=now, override="x")
    with pytest.raises(DomainError) as refusal:
        markets.approve_row(row, actor=SECOND, now=now)
    assert refusal.value.code == "compliance.dry_run_stale"
    run_dry(row, now=now)
    assert markets.approve_row(row, actor=SECOND, now=now).status == RuleStatus.APPROVED


def test_another_version_of_the_rule_needs_its_own_run(now):
    first = propose(now)
    run_dry(first, now=now)
    second = markets.supersede(
        first.replaces, {"effective_from": "2027-02-01"}, actor=SECOND, now=now
    )
    with pytest.raises(DomainError) as refusal:
        markets.approve_row(second, actor=Actor("user", "usr_THIRD"), now=now)
    assert refusal.value.code == "compliance.dry_run_missing"


def test_a_decided_row_is_not_run(now):
    row = RuleRow.objects.get(rule_id="GB-135")
    with pytest.raises(DomainError) as refusal:
        services.start_dry_run(row, actor=SECOND, now=now)
    assert refusal.value.code == "compliance.dry_run_decided"


def test_the_approved_row_prices_what_the_dry_run_said(merchant, now):
    british_listing(merchant, 49)
    row = propose(now)
    said = lines(run_dry(row, now=now))[0]["after"]
    markets.approve_row(row, actor=SECOND, now=now)
    later = propose(now.replace(year=2027), "GB-OVER135", effective_from="2027-03-01")
    assert lines(run_dry(later, now=now.replace(year=2027)))[0]["before"] == said == "59.78"


def test_results_of_other_companies_are_invisible(merchant, stranger, now):
    british_listing(stranger, 49)
    run_dry(propose(now), now=now)
    with scope(merchant=merchant):
        assert list(RuleImpact.objects.all()) == []
    with scope(merchant=stranger):
        assert RuleImpact.objects.get().dearer_count == 1


def test_the_database_refuses_counts_that_do_not_add_up(merchant, now):
    british_listing(merchant, 49)
    run = run_dry(propose(now), now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleImpact._base_manager.filter(run=run).update(dearer_count=2)


@pytest.mark.parametrize(
    ("typed", "fraction"),
    [("", None), (" ", None), ("12", "0.12"), ("6.5 %", "0.065"), ("6,5", "0.065"), ("0", "0")],
)
def test_a_tariff_rate_is_read_in_percent(typed, fraction):
    assert services.read_tariff(typed) == (fraction and Decimal(fraction))


@pytest.mark.parametrize("typed", ["x", "-1", "1000", "NaN", "Infinity", "1.234", "1e9", "1 2"])
def test_what_is_no_tariff_rate_is_refused(typed):
    with pytest.raises(DomainError) as refusal:
        services.read_tariff(typed)
    assert (refusal.value.code, refusal.value.status) == ("compliance.dry_run_tariff", 422)


@pytest.mark.parametrize(
    ("changes", "spread"),
    [
        ([5], (5, 5, 5)),
        ([3, 1], (1, 2, 3)),
        ([2, 1], (1, 2, 2)),
        ([-2, -1], (-2, -2, -1)),
        ([9, -4, 1], (-4, 1, 9)),
    ],
)
def test_the_spread_of_changes(changes, spread):
    tally = report.Tally()
    for change in changes:
        kind = "dearer" if change > 0 else "cheaper"
        tally.add(Outcome(1, "mer_1", "A", 1, "GB", "GBP", 100, 100 + change, kind, "", "", "", ""))
    assert tally.spread() == spread


def test_outcomes_survive_packing():
    outcome = Outcome(1, "mer_1", "灯", 2, "GB", "GBP", None, 5, "possible", "", "", "GB-1", "why")
    assert report.unpack(report.pack([outcome])) == [outcome]


def test_a_company_may_have_several_currencies(merchant, now):
    british_listing(merchant, 49)
    british_listing(merchant, 50)
    MerchantFactory()
    with scope(merchant=merchant):
        from apps.catalog.models import Listing

        Listing.objects.filter(variant__sku="GB-50").update(currency="EUR")
    run = run_dry(propose(now), now=now)
    found = RuleImpact._base_manager.filter(run=run).order_by("currency")
    # No exchange rate is stored: what is priced in euros cannot be held against a limit in pounds.
    assert [(one.currency, one.dearer_count, one.unpriced_count) for one in found] == [
        ("EUR", 0, 1),
        ("GBP", 1, 0),
    ]
