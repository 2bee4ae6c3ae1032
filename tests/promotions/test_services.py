"""Promotions from draft to end: what is refused, what is kept, and when prices change."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from apps.common.errors import DomainError
from apps.jobs import deadlines
from apps.journal.models import JournalEntry
from apps.promotions import services as promotions
from apps.promotions.counting import (
    UsedUpError,
    find_codes,
    give_back,
    read_counters,
    take,
)
from apps.promotions.models import (
    Promotion,
    PromotionCounter,
    PromotionMarket,
    PromotionVersion,
    Redemption,
)
from apps.promotions.pricing.cart import Buyer, Cart, Line
from apps.promotions.programs import find_programs
from apps.promotions.requests import PromotionDraft, Taking
from tests.factories.markets import MarketFactory
from tests.factories.promotions import make_promotion

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _market():
    MarketFactory(code="DE")


def draft(now, **changes) -> PromotionDraft:
    facts = {
        "name": "Black Friday",
        "kind": "product_discount",
        "markets": ("DE",),
        "starts": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}",
        "rule": {"value": {"percent": "20"}},
    }
    return PromotionDraft(**{**facts, **changes})


@pytest.fixture
def publish(scoped, now):
    return partial(make_promotion, scoped, now=now)


def cart(now, **changes) -> Cart:
    facts = {"lines": (Line("LMP", 1000, 2),), "market": "DE", "currency": "EUR", "moment": now}
    return Cart(**{**facts, **changes})


def events(promotion: Promotion) -> list[str]:
    entries = JournalEntry.objects.filter(subject_id=promotion.public_id).order_by("id")
    return list(entries.values_list("event", flat=True))


def test_a_published_promotion_prices_carts(publish, scoped, now):
    promotion = publish()
    loaded = find_programs(scoped.pk, ["DE"])["DE"]
    quote = loaded.program.quote(cart(now))
    assert quote.total == 1600
    assert [share.promotion for share in quote.shares] == [promotion.public_id]
    assert events(promotion) == ["promotion.created", "promotion.published"]
    kept = PromotionVersion.objects.get(promotion=promotion)
    assert (kept.version, kept.row["value"], kept.markets) == (1, {"percent": "20"}, ["DE"])


def test_a_draft_prices_nothing(scoped, actor, now):
    promotions.create_promotion(scoped, draft(now), actor=actor, now=now)
    assert find_programs(scoped.pk, ["DE"]) == {}


def test_a_program_is_read_in_one_statement_until_something_changes(
    publish, scoped, actor, now, django_assert_num_queries
):
    promotion = publish()
    find_programs(scoped.pk, ["DE"])
    with django_assert_num_queries(1):
        find_programs(scoped.pk, ["DE"])
    promotions.pause_promotion(promotion, actor=actor, now=now)
    assert find_programs(scoped.pk, ["DE"])["DE"].program.quote(cart(now)).total == 2000


def test_a_planned_promotion_starts_and_ends_by_the_clock_of_the_market(publish, scoped, now):
    start = now + timedelta(days=2)
    promotion = publish(
        starts=f"{start:%Y-%m-%dT00:00}", ends=f"{start + timedelta(days=1):%Y-%m-%dT00:00}"
    )
    assert promotion.status == "scheduled"
    period = PromotionMarket.objects.get(promotion=promotion)
    # Berlin is an hour ahead of UTC in November.
    assert (period.starts_at.hour, period.ends_at - period.starts_at) == (23, timedelta(days=1))
    program = find_programs(scoped.pk, ["DE"])["DE"].program
    assert program.quote(cart(period.starts_at - timedelta(seconds=1))).total == 2000
    assert program.quote(cart(period.starts_at)).total == 1600
    deadlines.sweep(now=period.starts_at)
    promotion.refresh_from_db()
    assert promotion.status == "active"
    deadlines.sweep(now=period.ends_at)
    promotion.refresh_from_db()
    assert (promotion.status, promotion.ended_at) == ("ended", period.ends_at)
    assert events(promotion)[2:] == ["promotion.started", "promotion.ended"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"markets": ()}, "markets"),
        ({"markets": ("XX",)}, "markets"),
        ({"starts": ""}, "starts"),
        ({"starts": "tomorrow"}, "starts"),
        ({"starts": "2026-11-01T00:00+01:00"}, "starts"),
        ({"ends": "2020-01-01T00:00"}, "ends"),
        ({"kind": "lottery"}, "kind"),
        ({"rule": {"value": {"percent": "120"}}}, "rule.value.percent"),
        ({"rule": {"value": {"percent": "20"}, "id": "prm_1"}}, "rule.id"),
        ({"rule": {"value": {"percent": "20"}, "funding": {}}}, "rule.funding"),
        ({"rule": {}}, "rule.value"),
    ],
)
def test_a_draft_that_cannot_be_read_is_refused_field_by_field(scoped, actor, now, changes, field):
    with pytest.raises(DomainError) as caught:
        promotions.create_promotion(scoped, draft(now, **changes), actor=actor, now=now)
    assert (caught.value.code, caught.value.status) == ("promotions.invalid", 422)
    assert field in caught.value.fields
    assert Promotion.objects.count() == 0


def test_a_running_promotion_is_paused_before_it_changes(publish, actor, now):
    promotion = publish()
    with pytest.raises(DomainError) as caught:
        promotions.update_promotion(promotion, draft(now, name="New"), actor=actor, now=now)
    assert caught.value.code == "promotions.wrong_state"
    promotions.pause_promotion(promotion, actor=actor, now=now)
    promotions.update_promotion(
        promotion, draft(now, rule={"value": {"percent": "50"}}), actor=actor, now=now
    )
    again = promotions.publish_promotion(promotion, actor=actor, now=now)
    assert (again.status, again.version) == ("active", 2)
    rows = PromotionVersion.objects.order_by("version").values_list("row__value", flat=True)
    assert [row["percent"] for row in rows] == ["20", "50"]


def test_only_a_draft_can_be_removed(publish, scoped, actor, now):
    promotion = publish()
    with pytest.raises(DomainError):
        promotions.remove_promotion(promotion, actor=actor, now=now)
    made = promotions.create_promotion(scoped, draft(now, codes=("SAVE10",)), actor=actor, now=now)
    promotions.remove_promotion(made, actor=actor, now=now)
    assert list(Promotion.objects.values_list("pk", flat=True)) == [promotion.pk]


def test_an_ended_promotion_stays_ended(publish, actor, now):
    promotion = publish()
    promotions.end_promotion(promotion, actor=actor, now=now)
    for step in (promotions.publish_promotion, promotions.pause_promotion):
        with pytest.raises(DomainError):
            step(promotion, actor=actor, now=now)


# Codes.


def voucher(publish, **changes) -> Promotion:
    facts = {"kind": "voucher", "codes": ("SAVE10",), "rule": {"value": {"percent": "10"}}}
    return publish(**{**facts, **changes})


def test_every_code_of_a_promotion_leads_to_it(publish, scoped, actor, now):
    promotion = voucher(publish)
    drawn = promotions.make_codes(promotion, 3, prefix="BF-", actor=actor, now=now)
    assert len(set(drawn)) == 3
    assert all(code.startswith("BF-") and len(code) == 13 for code in drawn)
    found = find_codes(scoped.pk, ["save10 ", drawn[0], "OTHER"])
    assert {code: entered.promotion for code, entered in found.items()} == {
        "save10 ": promotion.public_id,
        drawn[0]: promotion.public_id,
    }


def test_a_code_leads_to_one_promotion_for_ever(publish, scoped, actor, now):
    voucher(publish)
    with pytest.raises(DomainError) as caught:
        promotions.create_promotion(scoped, draft(now, codes=("save10",)), actor=actor, now=now)
    assert caught.value.code == "promotions.code_taken"
    assert Promotion.objects.count() == 1


def test_a_voucher_without_a_code_is_not_published(publish):
    with pytest.raises(DomainError) as caught:
        voucher(publish, codes=())
    assert caught.value.code == "promotions.no_codes"


# Use.


def taking(promotion: Promotion, order: str = "ord_1", **changes) -> Taking:
    facts = {
        "promotion": promotion.public_id,
        "order_ref": order,
        "buyer_index": "b1",
        "currency": "EUR",
        "units": 2,
        "amount_minor": 400,
        "platform_minor": 0,
    }
    return Taking(**{**facts, **changes})


def use(scoped, now, *takings: Taking) -> None:
    loaded = find_programs(scoped.pk, ["DE"])["DE"]
    programs = dict.fromkeys(loaded.promotions, loaded)
    with transaction.atomic():
        take(takings, programs, merchant_id=scoped.pk, now=now)


LIMITS = {
    "uses": 2,
    "units": 5,
    "uses_per_buyer": 1,
    "budget": 1000,
}


def limited(publish, **changes) -> Promotion:
    rule = {"value": {"percent": "20"}, "currency": "EUR", "limits": LIMITS}
    return publish(rule=rule, **changes)


def read(scoped, promotion: Promotion, buyer: str = "b1"):
    loaded = find_programs(scoped.pk, ["DE"])["DE"]
    counters = read_counters([loaded], buyers=[buyer], codes=[])
    usage = counters.usage(loaded, buyer_index=buyer, currency="EUR", entered=[])
    return usage[promotion.public_id]


def test_what_is_taken_is_counted_and_given_back_once(publish, scoped, now):
    promotion = limited(publish)
    use(scoped, now, taking(promotion))
    usage = read(scoped, promotion)
    assert (usage.uses, usage.units, usage.buyer_uses, usage.spent) == (1, 2, 1, 400)
    assert read(scoped, promotion, "b2").buyer_uses == 0
    assert give_back("ord_1", merchant_id=scoped.pk, now=now) == 1
    assert give_back("ord_1", merchant_id=scoped.pk, now=now) == 0
    usage = read(scoped, promotion)
    assert (usage.uses, usage.units, usage.buyer_uses, usage.spent) == (0, 0, 0, 0)
    assert Redemption.objects.get().is_returned


def test_cancelled_orders_keep_their_use_where_the_policy_counts_them(publish, scoped, now):
    promotion = limited(publish)
    use(scoped, now, taking(promotion))
    give_back("ord_1", merchant_id=scoped.pk, now=now, counts_cancelled=True)
    usage = read(scoped, promotion)
    assert (usage.uses, usage.buyer_uses, usage.units, usage.spent) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    "second",
    [
        {"buyer_index": "b1"},
        {"buyer_index": "b2", "units": 4},
        {"buyer_index": "b2", "amount_minor": 601},
    ],
    ids=["buyer", "units", "budget"],
)
def test_no_limit_is_passed_and_nothing_is_counted(publish, scoped, now, second):
    promotion = limited(publish)
    use(scoped, now, taking(promotion))
    before = list(PromotionCounter.objects.order_by("id").values())
    with pytest.raises(UsedUpError):
        use(scoped, now, taking(promotion, "ord_2", **second))
    assert list(PromotionCounter.objects.order_by("id").values()) == before
    assert Redemption.objects.count() == 1


def test_a_code_has_its_own_limit(publish, scoped, actor, now):
    promotion = voucher(publish)
    (code,) = promotions.make_codes(promotion, 1, actor=actor, now=now)
    use(scoped, now, taking(promotion, code=code))
    with pytest.raises(UsedUpError):
        use(scoped, now, taking(promotion, "ord_2", code=code.lower()))
    use(scoped, now, taking(promotion, "ord_3", code="SAVE10"))
    loaded = find_programs(scoped.pk, ["DE"])["DE"]
    entered = find_codes(scoped.pk, [code, "SAVE10"])
    counters = read_counters([loaded], buyers=[], codes=entered.values())
    key = loaded.promotions[promotion.public_id].key
    assert not counters.is_open(key, entered[code])
    assert counters.is_open(key, entered["SAVE10"])


def test_a_limit_added_later_counts_what_was_used_before(publish, scoped, actor, now):
    promotion = publish()
    use(scoped, now, taking(promotion), taking(promotion, "ord_2", buyer_index="b2"))
    promotions.pause_promotion(promotion, actor=actor, now=now)
    rule = {"value": {"percent": "20"}, "limits": {"uses": 3, "uses_per_buyer": 1}}
    promotions.update_promotion(promotion, draft(now, rule=rule), actor=actor, now=now)
    promotions.publish_promotion(promotion, actor=actor, now=now)
    usage = read(scoped, promotion)
    assert (usage.uses, usage.buyer_uses) == (2, 1)


def test_a_limit_below_what_was_used_is_refused(publish, scoped, actor, now):
    promotion = limited(publish)
    use(scoped, now, taking(promotion), taking(promotion, "ord_2", buyer_index="b2"))
    promotions.pause_promotion(promotion, actor=actor, now=now)
    rule = {"value": {"percent": "20"}, "limits": {"uses": 1}}
    promotions.update_promotion(promotion, draft(now, rule=rule), actor=actor, now=now)
    with pytest.raises(DomainError) as caught:
        promotions.publish_promotion(promotion, actor=actor, now=now)
    assert caught.value.code == "promotions.limit_passed"
    promotion.refresh_from_db()
    assert promotion.status == "paused"


def test_the_platform_pays_its_part(scoped, actor, now):
    made = promotions.create_promotion(
        scoped, draft(now), actor=actor, now=now, platform_percent=40
    )
    promotions.publish_promotion(made, actor=actor, now=now)
    quote = find_programs(scoped.pk, ["DE"])["DE"].program.quote(cart(now, buyer=Buyer()))
    assert [(one.merchant, one.platform) for one in quote.applied] == [(240, 160)]
