"""The ledger of an order: what is posted when, once, and in whatever order the news comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.db import IntegrityError, transaction
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.errors import DomainError
from apps.finance import services
from apps.finance.models import (
    FeeRule,
    ImmutableRowError,
    LedgerEntry,
    LedgerTotal,
    LedgerTransaction,
)
from apps.finance.rules import Posting, Side
from apps.finance.selectors import find_unbalanced, get_balances, sum_ledger
from apps.journal.delivery import deliver
from apps.journal.models import JournalEntry, Receipt
from apps.journal.registry import get_receiver
from apps.orders import services as orders
from tests.factories.finance import (
    ACTOR,
    advance,
    entries_of,
    handle,
    label_entry,
    settled_order,
)
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def ledger(order) -> list[tuple[str, str, tuple[tuple[str, str, int, str], ...]]]:
    """Return every transaction of the order: reference, source, sorted entries."""
    with scope(merchant=order.merchant_id):
        return sorted(
            (
                item.reference,
                item.source.reference if item.source_id else "",
                tuple(
                    sorted(
                        item.entries.values_list(
                            "account__code", "purpose", "amount_minor", "currency"
                        )
                    )
                ),
            )
            for item in LedgerTransaction.objects.filter(order=order).select_related("source")
        )


def balances(merchant) -> list[tuple[str, int, int]]:
    with scope(merchant=merchant):
        found = get_balances(merchant)
    return [(item.currency, item.payable.minor, item.pending.minor) for item in found]


def references(order) -> list[str]:
    return [reference.replace(order.public_id, "ord") for reference, _, _ in ledger(order)]


def test_a_confirmed_order_is_captured(merchant, now):
    order = settled_order(merchant, "confirmed", now=now, label=False, shipping_minor=800)

    assert ledger(order) == [
        (
            f"capture:{order.public_id}",
            "",
            (
                ("clearing", "buyer", 10600, "EUR"),
                ("pending", "items", -9800, "EUR"),
                ("pending", "shipping", -800, "EUR"),
            ),
        )
    ]
    assert balances(merchant) == [("EUR", 0, 10600)]


def test_a_label_is_taken_from_the_merchant(merchant, now):
    settled_order(merchant, "allocated", now=now)

    assert balances(merchant) == [("EUR", 0, 9800 - 985)]


def test_a_delivered_order_pays_its_fees(merchant, now):
    order = settled_order(merchant, "delivered", now=now)

    fees = next(item for item in ledger(order) if item[0].startswith("fees:"))
    assert fees[2] == (
        ("commission", "commission", -588, "EUR"),
        ("payment", "payment", -137, "EUR"),
        ("pending", "commission", 588, "EUR"),
        ("pending", "payment", 137, "EUR"),
    )
    assert balances(merchant) == [("EUR", 0, 9800 - 985 - 588 - 137)]


def test_fees_name_the_rules_they_followed(merchant, now):
    order = settled_order(merchant, "delivered", now=now)

    with scope(merchant=merchant):
        facts = LedgerTransaction.objects.get(reference=f"fees:{order.public_id}").facts
    rule = FeeRule.objects.get(code="commission.standard")
    assert facts["fees"][0] == {
        "kind": "commission",
        "rule": rule.pk,
        "code": "commission.standard",
        "version": 1,
        "rate": "0.06",
        "fixed_minor": 0,
        "base_minor": 9800,
        "amount_minor": 588,
    }


def test_a_completed_order_is_free_and_says_so(merchant, now):
    order = settled_order(merchant, "completed", now=now)

    assert balances(merchant) == [("EUR", 8090, 0)]
    entry = JournalEntry.objects.get(event="finance.payable_released")
    assert entry.payload == {
        "order": order.public_id,
        "number": order.number,
        "amounts": [{"currency": "EUR", "amount_minor": 8090}],
    }
    assert entry.tenant_id == merchant.pk


def test_a_cancelled_order_is_taken_back_exactly(merchant, now):
    order = settled_order(merchant, "allocated", now=now)
    with scope(merchant=merchant):
        orders.cancel_order(order, reason="Buyer asked", actor=ACTOR, now=now)

    handle(order, entries_of(order)[-1])

    assert balances(merchant) == [("EUR", 0, 0)]
    with scope(merchant=merchant):
        kinds = LedgerTransaction.objects.order_by("id").values_list("kind", "source__kind")
        assert sorted(kinds) == [
            ("capture", None),
            ("postage", None),
            ("reversal", "capture"),
            ("reversal", "postage"),
        ]


def test_an_order_cancelled_before_it_was_confirmed_posts_nothing(merchant, now):
    order = make_order(merchant, now=now)
    with scope(merchant=merchant):
        orders.cancel_order(order, reason="Buyer asked", actor=ACTOR, now=now)

    handle(order, *entries_of(order))

    assert ledger(order) == []


def test_cancellation_that_overtakes_the_confirmation_leaves_no_money(merchant, now):
    order = advance(make_order(merchant, now=now), "confirmed", now=now)
    with scope(merchant=merchant):
        orders.cancel_order(order, reason="Buyer asked", actor=ACTOR, now=now)
    confirmed, cancelled = entries_of(order)

    handle(order, cancelled, confirmed)

    assert references(order) == ["capture:ord", "reverse:capture:ord"]
    assert balances(merchant) == [("EUR", 0, 0)]


def test_a_voided_label_is_given_back(merchant, now):
    order = settled_order(merchant, "allocated", now=now, label=False)
    created = label_entry(order, "shipment.created", now=now)

    handle(order, created, label_entry(order, "shipment.voided", now=now))

    assert balances(merchant) == [("EUR", 0, 9800)]


def test_a_label_in_another_currency_keeps_it(merchant, now):
    order = settled_order(merchant, "delivered", now=now, label=False)
    handle(order, label_entry(order, "shipment.created", now=now, currency="CNY"))

    assert balances(merchant) == [("CNY", 0, -985), ("EUR", 0, 9075)]
    with scope(merchant=merchant):
        assert sum_ledger(merchant) == {"CNY": 0, "EUR": 0}


def test_a_shipment_without_postage_charges_nothing(merchant, now):
    order = settled_order(merchant, "allocated", now=now, label=False)
    handle(order, label_entry(order, "shipment.created", now=now, postage_minor=None))

    assert references(order) == ["capture:ord"]


def test_postage_that_comes_after_completion_is_released_too(merchant, now):
    order = settled_order(merchant, "completed", now=now, label=False)

    handle(order, label_entry(order, "shipment.created", now=now))

    assert balances(merchant) == [("EUR", 8090, 0)]
    sums = [
        entry.payload["amounts"][0]["amount_minor"]
        for entry in JournalEntry.objects.filter(event="finance.payable_released").order_by("id")
    ]
    assert sums == [9075, -985]


def test_an_unknown_shipment_is_tried_again_later(merchant, now):
    order = settled_order(merchant, "allocated", now=now, label=False)
    entry = label_entry(order, "shipment.voided", now=now)
    entry.payload = {}

    with pytest.raises(DomainError) as caught:
        handle(order, entry)

    assert caught.value.code == "finance.unknown_shipment"


def test_fees_need_a_rule(merchant, now):
    order = advance(make_order(merchant, now=now), "delivered", now=now)
    FeeRule.objects.filter(kind="payment").update(effective_to=now.date())

    with pytest.raises(DomainError) as caught:
        handle(order, *entries_of(order))

    assert caught.value.code == "finance.no_fee_rule"
    assert "fees:ord" not in references(order)


def test_standard_rules_are_opened_when_there_is_none(merchant, now):
    FeeRule.objects.all().delete()

    order = settled_order(merchant, "delivered", now=now)

    assert "fees:ord" in references(order)
    assert services.open_fee_rules() == 0


def test_a_rule_of_the_market_and_of_the_day_is_used(merchant, now):
    order = make_order(merchant, now=now)
    day = now.date()
    shared = {"kind": "commission", "source": "test"}
    FeeRule.objects.create(
        code="de.old",
        rate="0.50",
        market=order.market,
        effective_from=day - timedelta(days=30),
        effective_to=day,
        **shared,
    )
    FeeRule.objects.create(
        code="de", rate="0.02", market=order.market, effective_from=day, **shared
    )
    FeeRule.objects.create(
        code="later", rate="0.90", effective_from=day + timedelta(days=1), **shared
    )
    advance(order, "delivered", now=now)

    handle(order, *entries_of(order))

    fees = next(item for item in ledger(order) if item[0].startswith("fees:"))
    assert fees[2][0] == ("commission", "commission", -196, "EUR")


_SERIAL = count(1)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), ending=st.sampled_from(["completed", "cancelled", "voided", "both"]))
def test_any_order_and_repetition_of_news_gives_the_same_ledger(merchant, now, data, ending):
    def story(number: int):
        until = "completed" if ending in {"completed", "voided"} else "allocated"
        order = advance(make_order(merchant, now=now), until, now=now)
        if ending in {"cancelled", "both"}:
            with scope(merchant=merchant):
                orders.cancel_order(order, reason="Test", actor=ACTOR, now=now)
        ship = f"shp_{number}"
        news = [*entries_of(order), label_entry(order, "shipment.created", now=now, shipment=ship)]
        if ending in {"voided", "both"}:
            news.append(label_entry(order, "shipment.voided", now=now, shipment=ship))
        return order, ship, news

    def plain(order, ship):
        text = repr(ledger(order))
        return text.replace(order.public_id, "ord").replace(ship, "shp")

    straight, straight_ship, news = story(next(_SERIAL))
    handle(straight, *news)
    shuffled, shuffled_ship, other = story(next(_SERIAL))
    repeats = data.draw(st.lists(st.sampled_from(other), max_size=4))
    handle(shuffled, *data.draw(st.permutations([*other, *repeats])))

    assert plain(shuffled, shuffled_ship) == plain(straight, straight_ship)
    with scope(merchant=merchant):
        assert sum_ledger(merchant) == {"EUR": 0}
        assert find_unbalanced(merchant) == []


def test_the_journal_delivers_to_finance_once(merchant, now):
    order = advance(make_order(merchant, now=now), "confirmed", now=now)
    (entry,) = entries_of(order)
    mine = get_receiver("finance.post_order")

    assert [deliver(mine, entry, now=now) for _ in range(2)] == [True, False]

    assert mine.queue == "finance"
    assert entry.event in mine.events
    assert references(order) == ["capture:ord"]
    assert Receipt.objects.get(entry=entry, receiver=mine.name).state == Receipt.State.DONE


def test_unbalanced_posting_is_refused(scoped, now):
    lopsided = Posting(
        "capture",
        "capture:x",
        now,
        (Side("clearing", "buyer", 100, "EUR"), Side("pending", "items", -99, "EUR")),
    )

    with transaction.atomic(), pytest.raises(DomainError) as caught:
        services.post_transactions(
            [lopsided], merchant_id=scoped.pk, order_id=None, sources={}, now=now
        )

    assert (caught.value.code, caught.value.status) == ("finance.unbalanced", 500)
    assert LedgerTransaction.objects.count() == 0


def test_a_fact_is_posted_once(scoped, now):
    sale = Posting(
        "capture",
        "capture:x",
        now,
        (Side("clearing", "buyer", 100, "EUR"), Side("pending", "items", -100, "EUR")),
    )
    parts = {"merchant_id": scoped.pk, "order_id": None, "sources": {}, "now": now}
    with transaction.atomic():
        services.post_transactions([sale], **parts)

    with pytest.raises(IntegrityError), transaction.atomic():
        services.post_transactions([sale], **parts)

    assert LedgerEntry.objects.count() == 2


def test_the_ledger_is_written_inside_a_transaction_only(monkeypatch, scoped, now):
    monkeypatch.setattr("apps.finance.services.ledger.in_transaction", lambda: False)

    with pytest.raises(RuntimeError):
        services.post_transactions([], merchant_id=scoped.pk, order_id=None, sources={}, now=now)


def test_the_database_refuses_unequal_totals(merchant, now):
    order = settled_order(merchant, "confirmed", now=now)

    with scope(merchant=merchant):
        posted = LedgerTransaction.objects.get(reference=f"capture:{order.public_id}")
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerTotal.objects.create(
                merchant=merchant,
                transaction=posted,
                currency="USD",
                debit_minor=100,
                credit_minor=99,
            )


def test_ledger_rows_are_written_once(merchant, now):
    settled_order(merchant, "confirmed", now=now)

    with scope(merchant=merchant):
        for model in (LedgerTransaction, LedgerTotal, LedgerEntry):
            row = model.objects.first()
            for change in (row.save, row.delete, model.objects.all().delete):
                with pytest.raises(ImmutableRowError):
                    change()
            with pytest.raises(ImmutableRowError):
                model.objects.update(merchant=merchant)
            assert model.objects.filter(pk=row.pk).exists()


def test_posting_is_a_fixed_number_of_statements(merchant, now, django_assert_max_num_queries):
    settled_order(merchant, "confirmed", now=now)
    order = advance(make_order(merchant, now=now), "confirmed", now=now)

    with django_assert_max_num_queries(10):
        handle(order, *entries_of(order))


def test_another_merchants_ledger_is_not_summed(merchant, stranger, now):
    settled_order(stranger, "delivered", now=now)

    assert balances(merchant) == []
