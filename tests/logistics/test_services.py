"""Network rows in the database: loaded once, decided by two people, replayed for ever; capacity."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.logistics import selectors, services
from apps.logistics.models import CapacityUse, NetworkEdition, NetworkRow, RuleStatus
from apps.logistics.reference import packaged_rows
from tests.factories.logistics import put_network, row

pytestmark = pytest.mark.django_db
SECOND = Actor("user", "usr_SECOND")
TODAY = date(2026, 11, 25)
CARD = "card.line.europe"


@pytest.fixture
def proposal(actor, now) -> NetworkRow:
    old = NetworkRow.objects.get(rule_id=CARD)
    body = {**old.body, "effective_from": "2026-12-01", "handling_minor": 1900}
    return services.propose_row(body, actor=actor, now=now, replaces=old)


def handling(on: date) -> int:
    return selectors.find_network(on).cards[CARD].handling_minor


def test_loading_into_an_empty_portal_and_again(now):
    NetworkEdition.objects.all().delete()
    NetworkRow.objects.all()._raw_delete("default")

    count = len(packaged_rows())

    assert services.load_network(now=now) == (count, 0)
    assert services.load_network(now=now) == (0, 0)
    assert NetworkEdition.objects.count() == 1
    assert [e.event for e in JournalEntry.objects.all()] == ["logistics.network_loaded"]
    assert handling(TODAY) == 1750


def test_a_shipped_row_that_changed_is_proposed(monkeypatch, now):
    changed = {**next(body for body in packaged_rows() if body["id"] == CARD)}
    changed["handling_minor"] = 1800
    monkeypatch.setattr(services, "packaged_rows", lambda: (changed,))

    assert services.load_network(now=now) == (0, 1)
    assert services.load_network(now=now) == (0, 0)
    assert handling(TODAY) == 1750


def test_an_approved_version_counts_from_its_day(proposal, now):
    assert handling(date(2026, 12, 1)) == 1750

    services.approve_row(proposal, actor=SECOND, now=now)

    assert (handling(date(2026, 11, 30)), handling(date(2026, 12, 1))) == (1750, 1900)
    old = NetworkRow.objects.get(rule_id=CARD, version=1)
    assert (old.status, old.superseded_from) == (RuleStatus.SUPERSEDED, date(2026, 12, 1))
    assert list(JournalEntry.objects.order_by("id").values_list("event", flat=True)) == [
        "logistics.row_proposed",
        "logistics.row_superseded",
        "logistics.row_approved",
    ]


def test_an_older_edition_answers_as_it_did(proposal, now):
    before = NetworkEdition.objects.latest("id")
    services.approve_row(proposal, actor=SECOND, now=now)

    network = selectors.get_network(before.version, date(2026, 12, 1))

    assert network.cards[CARD].handling_minor == 1750
    assert network.cards[CARD].row == f"{CARD}@1"


def test_the_proposer_cannot_decide(proposal, actor, now):
    with pytest.raises(DomainError) as refusal:
        services.approve_row(proposal, actor=actor, now=now)

    assert (refusal.value.code, refusal.value.status) == ("logistics.own_proposal", 403)
    assert NetworkRow.objects.get(pk=proposal.pk).status == RuleStatus.PROPOSED


def test_a_rejection_keeps_its_reason_and_is_final(proposal, now):
    services.reject_row(proposal, reason=" Too dear ", actor=SECOND, now=now)

    with pytest.raises(DomainError) as refusal:
        services.approve_row(proposal, actor=SECOND, now=now)
    proposal.refresh_from_db()
    assert (proposal.decision_note, refusal.value.code) == ("Too dear", "logistics.rule_decided")


def test_a_lane_whose_card_is_missing_is_not_approved(actor, now):
    body = row(
        "lane.line.gb",
        "lane",
        service="line",
        origins=["CN"],
        countries=["GB"],
        card="card.nowhere",
        legs=[{"leg": "linehaul", "p50": 1, "p90": 2}],
    )
    made = services.propose_row(body, actor=actor, now=now)

    with pytest.raises(DomainError) as refusal:
        services.approve_row(made, actor=SECOND, now=now)

    assert refusal.value.code == "logistics.rule_invalid"
    assert "card.nowhere" in refusal.value.message
    assert NetworkRow.objects.get(pk=made.pk).status == RuleStatus.PROPOSED
    assert NetworkEdition.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "magic"}, "kind"),
        ({"id": ""}, "id"),
        ({"effective_from": "soon"}, "body"),
        ({"effective_to": "1999-01-01"}, "effective_to"),
        ({"sources": []}, "sources"),
        ({"sources": "a page"}, "sources"),
        ({"handling_minor": 17.5}, "handling_minor"),
        ({"currency": None}, "currency"),
    ],
)
def test_a_body_that_cannot_be_taken_says_where(changes, field, actor, now):
    body = {**NetworkRow.objects.get(rule_id=CARD).body, "id": "card.new", **changes}

    with pytest.raises(DomainError) as refusal:
        services.propose_row(body, actor=actor, now=now)

    assert (refusal.value.code, refusal.value.status) == ("logistics.rule_invalid", 422)
    assert list(refusal.value.fields) == [field]


def test_an_existing_name_needs_a_new_version_of_the_same_kind(actor, now):
    old = NetworkRow.objects.get(rule_id=CARD)
    with pytest.raises(DomainError) as again:
        services.propose_row(old.body, actor=actor, now=now)
    lane = {**NetworkRow.objects.get(rule_id="lane.line.europe").body, "id": CARD}
    with pytest.raises(DomainError) as other:
        services.propose_row(lane, actor=actor, now=now, replaces=old)

    assert again.value.code == other.value.code == "logistics.rule_replaces"


def test_rows_and_editions_are_never_changed(proposal):
    proposal.kind = "lane"
    with pytest.raises(TypeError):
        proposal.save()
    with pytest.raises(TypeError):
        proposal.delete()
    with pytest.raises(TypeError):
        NetworkRow.objects.filter(pk=proposal.pk).update(kind="lane")
    with pytest.raises(TypeError):
        NetworkEdition.objects.latest("id").save()
    with pytest.raises(IntegrityError), transaction.atomic():
        NetworkRow.objects.filter(pk=proposal.pk).update(
            status="approved", decided_by=proposal.proposed_by, decided_at=proposal.proposed_at
        )


def test_the_network_costs_one_statement_once_compiled(django_assert_num_queries):
    put_network()  # an edition that this process has not seen
    with django_assert_num_queries(3):
        first = selectors.find_network(TODAY)
    with django_assert_num_queries(1):
        again = selectors.find_network(TODAY)

    assert first is again


def test_an_empty_portal_has_an_empty_network():
    NetworkEdition.objects.all().delete()

    assert selectors.find_network(TODAY).services == ()


def test_capacity_is_taken_up_to_its_limit_and_given_back():
    take = services.take_capacity

    assert [take("cap", TODAY, 2, limit=5) for _ in range(3)] == [True, True, False]
    assert take("cap", TODAY, 1, limit=5)
    assert not take("other", TODAY, 6, limit=5)
    services.give_capacity_back("cap", TODAY, 2)
    assert CapacityUse.objects.get(rule_id="cap").taken == 3
    assert selectors.read_taken({"cap"}, TODAY) == {("cap", TODAY): 3}


def test_a_place_without_a_calendar_works_monday_to_friday():
    assert selectors.works_on("AQ", date(2026, 11, 27))
    assert not selectors.works_on("AQ", date(2026, 11, 28))
    assert not selectors.works_on("CN", date(2026, 10, 1))
