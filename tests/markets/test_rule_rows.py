"""Rule rows in the database: loaded once, decided by two people, never edited, replayed for ever."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.markets import selectors, services
from apps.markets.models import FxRate, LandedQuote, RuleRow, RuleStatus
from tests.factories.rules import make_sale, rule_body

SECOND = Actor("user", "usr_SECOND")
NEW_YEAR = "2027-01-01"
RATE = {"name": "supply VAT", "rate": "0.22", "base": ["goods", "shipping", "insurance"]}


@pytest.fixture
def book(db, now) -> None:
    services.load_rule_book(now=now)


@pytest.fixture
def proposal(book, actor, now) -> RuleRow:
    old = RuleRow.objects.get(rule_id="GB-135")
    changes = {"effective_from": NEW_YEAR, "tax": RATE}
    return services.supersede(old, changes, actor=actor, now=now)


def approve(row: RuleRow, by: Actor, now) -> RuleRow:
    return services.approve_row(row, actor=by, now=now, override="No listing is on sale in tests")


def vat(on: date) -> str:
    return str(selectors.rules_for("GB", on).book.quote(make_sale("GB", on)).tax)


def events() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("event", flat=True))


def test_loading_the_book_twice_changes_nothing(book, now):
    assert RuleRow.objects.filter(status=RuleStatus.BASELINE).count() == 68
    assert services.load_rule_book(now=now) == (0, 0)
    assert RuleRow.objects.count() == 68
    assert events() == ["markets.rule_book_loaded"]


def test_a_shipped_row_that_changed_is_proposed_and_not_applied(book, monkeypatch, now):
    changed = rule_body(tax=RATE)
    monkeypatch.setattr(services.rule_rows, "packaged_rows", lambda: (changed,))
    assert services.load_rule_book(now=now) == (0, 1)
    assert services.load_rule_book(now=now) == (0, 0)
    row = RuleRow.objects.get(rule_id="GB-135", version=2)
    assert (row.status, row.replaces.version) == (RuleStatus.PROPOSED, 1)
    assert vat(date(2026, 11, 25)) == "20.00"


def test_a_proposal_prices_nothing(proposal):
    assert (proposal.version, proposal.status) == (2, RuleStatus.PROPOSED)
    assert vat(date(2027, 1, 1)) == "20.00"


def test_an_approved_version_prices_from_its_first_day_and_the_old_one_before(proposal, now):
    assert vat(date(2027, 1, 1)) == "20.00"
    approve(proposal, SECOND, now)
    assert (vat(date(2026, 12, 31)), vat(date(2027, 1, 1))) == ("20.00", "22.00")
    old = RuleRow.objects.get(rule_id="GB-135", version=1)
    assert (old.status, old.superseded_from) == (RuleStatus.SUPERSEDED, date(2027, 1, 1))
    assert events()[-3:] == [
        "markets.rule_proposed",
        "markets.rule_superseded",
        "markets.rule_approved",
    ]


def test_the_proposer_cannot_decide(proposal, actor, now):
    with pytest.raises(DomainError) as refusal:
        approve(proposal, actor, now)
    with pytest.raises(DomainError):
        services.reject_row(proposal, reason="No", actor=actor, now=now)
    proposal.refresh_from_db()
    assert (refusal.value.code, refusal.value.status) == ("markets.own_proposal", 403)
    assert proposal.status == RuleStatus.PROPOSED
    assert vat(date(2027, 1, 1)) == "20.00"


def test_the_database_refuses_one_person_for_both(proposal):
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleRow.objects.filter(pk=proposal.pk).update(
            status="approved", decided_by=proposal.proposed_by, decided_at=proposal.proposed_at
        )


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_the_database_refuses_a_decision_by_nobody(proposal, status):
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleRow.objects.filter(pk=proposal.pk).update(status=status)


def test_a_rejected_row_keeps_its_reason(proposal, now):
    services.reject_row(proposal, reason=" Source is a blog ", actor=SECOND, now=now)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decision_note) == ("rejected", "Source is a blog")
    assert vat(date(2027, 1, 1)) == "20.00"
    entry = JournalEntry.objects.get(event="markets.rule_rejected")
    assert (entry.actor, entry.payload["reason"]) == ("user:usr_SECOND", "Source is a blog")


def test_a_rejection_needs_a_reason(proposal, now):
    with pytest.raises(DomainError) as refusal:
        services.reject_row(proposal, reason=" ", actor=SECOND, now=now)
    assert refusal.value.code == "markets.rule_reason"


def test_a_row_is_decided_once(proposal, now):
    approve(proposal, SECOND, now)
    with pytest.raises(DomainError) as refusal:
        services.reject_row(proposal, reason="No", actor=SECOND, now=now)
    assert refusal.value.code == "markets.rule_decided"


def test_of_two_proposals_the_second_is_outdated_by_the_first(proposal, actor, now):
    rival = services.supersede(
        proposal.replaces, {"effective_from": "2027-02-01"}, actor=actor, now=now
    )
    approve(proposal, SECOND, now)
    with pytest.raises(DomainError) as refusal:
        approve(rival, SECOND, now)
    assert refusal.value.code == "markets.rule_replaces"


def test_a_row_is_neither_edited_nor_deleted(proposal):
    proposal.confidence = "low"
    with pytest.raises(TypeError, match="never edited"):
        proposal.save()
    with pytest.raises(TypeError, match="never edited"):
        proposal.save(update_fields=["body"])
    with pytest.raises(TypeError, match="never edited"):
        RuleRow.objects.update(body={})
    with pytest.raises(TypeError, match="never deleted"):
        proposal.delete()
    with pytest.raises(TypeError, match="never deleted"):
        RuleRow.objects.all().delete()
    assert RuleRow.objects.count() == 69


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sources": []}, "sources"),
        ({"sources": "a page"}, "sources"),
        ({"role": "judge"}, "role"),
        ({"effective_from": "soon"}, "body"),
        ({"effective_to": "2020-01-01"}, "effective_to"),
        ({"duty": {"type": "magic"}}, "body"),
        ({"tax": {"name": "VAT", "rate": "a lot", "base": []}}, "body"),
        ({"threshold": {"amount": "1", "currency": "GBP", "operator": "~"}}, "body"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_by_field(book, actor, now, changes, message):
    old = RuleRow.objects.get(rule_id="GB-135")
    with pytest.raises(DomainError) as refusal:
        services.supersede(old, changes, actor=actor, now=now)
    assert (refusal.value.code, list(refusal.value.fields)) == ("markets.rule_invalid", [message])
    assert RuleRow.objects.count() == 68


@pytest.mark.parametrize("changes", [{"id": "GB-136"}, {"market": "IE"}])
def test_a_version_stays_the_same_rule(book, actor, now, changes):
    old = RuleRow.objects.get(rule_id="GB-135")
    with pytest.raises(DomainError) as refusal:
        services.supersede(old, changes, actor=actor, now=now)
    assert refusal.value.code == "markets.rule_replaces"


def test_a_version_cannot_begin_before_the_one_it_replaces(book, actor, now):
    old = RuleRow.objects.get(rule_id="GB-135")
    with pytest.raises(DomainError) as refusal:
        services.supersede(old, {"effective_from": "2020-12-31"}, actor=actor, now=now)
    assert list(refusal.value.fields) == ["effective_from"]


def test_a_known_rule_is_not_proposed_as_a_new_one(book, actor, now):
    with pytest.raises(DomainError) as refusal:
        services.propose_row(rule_body(), actor=actor, now=now)
    assert refusal.value.code == "markets.rule_replaces"


def test_a_new_rule_closes_a_gap(book, actor, now):
    over = rule_body(
        "AU-OVER",
        id="NZ-OVER",
        market="NZ",
        threshold={
            "amount": "1000",
            "currency": "NZD",
            "operator": ">",
            "measure": "unit_price",
        },
    )
    row = services.propose_row(over, actor=actor, now=now)
    approve(row, SECOND, now)
    assert "NZ-OVER" in [
        found.rule_id for found in selectors.list_rows_in_force("NZ", date(2026, 11, 25))
    ]


def test_a_book_is_compiled_once_per_version(book, django_assert_num_queries):
    selectors.rules_for("DE", date(2026, 11, 25))
    with django_assert_num_queries(1):
        selectors.rules_for("DE", date(2026, 11, 25))


def test_the_rows_of_the_database_price_like_those_of_the_file(book):
    on = date(2026, 11, 25)
    assert [row.rule_id for row in selectors.list_rows_in_force("FR", on)] == [
        "EU-DUTY-3",
        "EU-HANDLING-FEE",
        "EU-IOSS-2021",
        "EU-OVER150",
        "EU-PRODUCT-ID",
        "FR-FEE-2",
    ]


def test_a_quote_replays_to_the_same_bytes_after_the_rules_changed(proposal, actor, now):
    on = date(2027, 1, 1)
    quote = services.quote_landed_cost(make_sale("GB", on), tenant_id=7, actor=actor, now=now)
    approve(proposal, SECOND, now)
    again = services.quote_landed_cost(make_sale("GB", on), tenant_id=7, actor=actor, now=now)
    stored = LandedQuote.objects.get(pk=quote.pk)
    assert services.replay_quote(stored) == quote.result.encode()
    assert services.replay_quote(again) == again.result.encode()
    assert [json.loads(one.result)["tax"] for one in (quote, again)] == ["20.00", "22.00"]


def test_a_quote_keeps_pending_banners_and_facts_through_a_replay(book, actor, now):
    sale = make_sale(
        "US", currency="USD", facts={"section_301_cn_rate": Decimal("0.075"), "usmca": False}
    )
    us = services.quote_landed_cost(sale, tenant_id=0, actor=actor, now=now)
    italy = services.quote_landed_cost(
        make_sale("IT", currency="EUR"), tenant_id=0, actor=actor, now=now
    )
    for quote in (us, italy):
        stored = LandedQuote.objects.get(pk=quote.pk)
        assert services.replay_quote(stored) == stored.result.encode()
    assert [banner[1] for banner in json.loads(italy.result)["banners"]] == [
        "EU-HANDLING-FEE",
        "IT-FEE-2",
    ]


def test_a_quote_takes_the_stored_rate_of_the_day(book, actor, now):
    on = date(2026, 11, 25)
    FxRate.objects.create(
        base="EUR", quote="USD", rate=Decimal("1.1"), valid_on=on - timedelta(days=1), source="t"
    )
    quote = services.quote_landed_cost(
        make_sale("DE", currency="USD"), tenant_id=0, actor=actor, now=now
    )
    assert json.loads(quote.result)["duty"] == "3.30"
    assert services.replay_quote(quote) == quote.result.encode()


def test_a_charge_nobody_can_work_out_is_refused_and_not_stored(book, actor, now):
    with pytest.raises(DomainError) as missing_rate:
        services.quote_landed_cost(
            make_sale("DE", currency="USD"), tenant_id=0, actor=actor, now=now
        )
    with pytest.raises(DomainError) as missing_rule:
        services.quote_landed_cost(make_sale("IS"), tenant_id=0, actor=actor, now=now)
    assert (missing_rate.value.code, missing_rate.value.status) == ("markets.no_rate", 422)
    assert (missing_rule.value.code, missing_rule.value.status) == ("markets.no_rule", 422)
    assert LandedQuote.objects.count() == 0


def test_another_companys_quote_is_unknown(book, actor, now):
    quote = services.quote_landed_cost(make_sale(), tenant_id=7, actor=actor, now=now)
    assert selectors.get_quote(quote.public_id, tenant_id=7) == quote
    with pytest.raises(DomainError) as refusal:
        selectors.get_quote(quote.public_id, tenant_id=8)
    assert refusal.value.status == 404


def test_a_told_quote_is_never_changed(book, actor, now):
    quote = services.quote_landed_cost(make_sale(), tenant_id=7, actor=actor, now=now)
    with pytest.raises(TypeError, match="never changed"):
        quote.save()


def test_versions_are_compared_part_by_part(proposal):
    assert selectors.compare(proposal.replaces.body, proposal.body) == [
        ("effective_from", "2021-01-01", "2027-01-01"),
        ("tax.rate", "0.20", "0.22"),
    ]
