"""Price rules, prices that follow them, and the history of every price."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django_scopes import scope

from apps.catalog import selectors_pricing as reads
from apps.catalog import services
from apps.catalog.models import Listing, ListingIssue, ListingPrice, PriceRule
from apps.catalog.services import IssueDraft, PriceDraft, RuleDraft
from apps.catalog.states import ListingStatus
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from apps.markets.models import FxRate
from apps.markets.selectors import find_rate
from apps.markets.selectors.dated_rates import load_day_rates
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.markets import MarketFactory

pytestmark = pytest.mark.django_db


def rate(quote: str, value: str, on) -> FxRate:
    """Store what a euro costs."""
    return FxRate.objects.create(
        base="EUR", quote=quote, rate=Decimal(value), valid_on=on, source="test"
    )


@pytest.fixture
def rates(now):
    """A euro costs CN¥8 and JP¥160."""
    return rate("CNY", "8", now.date()), rate("JPY", "160", now.date())


@pytest.fixture
def variant(scoped):
    """A variant with a base price of CN¥400.00."""
    return VariantFactory(
        product=ProductFactory(merchant=scoped), base_price_minor=40000, base_price_currency="CNY"
    )


@pytest.fixture
def save(scoped, actor, now):
    """Save a rule in CNY."""

    def save_one(at=now, **changes):
        draft = RuleDraft(currency="CNY", **changes)
        return services.save_rule(draft, merchant=scoped, actor=actor, now=at)

    return save_one


@pytest.fixture
def follow(scoped, actor, now):
    """Put a variant on sale in a market at the price of its rule."""

    def follow_one(variant, market, at=now):
        rules = reads.rules_of(scoped, [variant.product_id])
        rule = rules.find(variant.product_id, market.pk)
        day_rates = load_day_rates({"CNY", market.currency}, at.date())
        found = reads.price_by_rule(variant, market, rule, day_rates)
        draft = services.draft_of(variant, Listing(market=market, model="direct"), found)
        return services.list_in_markets([draft], merchant=scoped, actor=actor, now=at)[0]

    return follow_one


def test_the_closest_rule_counts(scoped, variant, germany, save):
    japan = MarketFactory(code="JP", currency="JPY")
    company = save(percent=Decimal(1))
    market = save(percent=Decimal(2), market=germany)
    product = save(percent=Decimal(3), product=variant.product)
    both = save(percent=Decimal(4), product=variant.product, market=germany)
    other = ProductFactory(merchant=scoped)

    rules = reads.rules_of(scoped, [variant.product_id])

    assert rules.find(variant.product_id, germany.pk) == both
    assert rules.find(variant.product_id, japan.pk) == product
    assert rules.find(other.pk, germany.pk) == market
    assert rules.find(other.pk, japan.pk) == company


def test_saving_a_rule_again_replaces_it(scoped, save):
    first = save(percent=Decimal(1))
    second = save(percent=Decimal(2))

    assert (first.pk, PriceRule.objects.count()) == (second.pk, 1)
    assert JournalEntry.objects.filter(event="price_rule.saved").count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": Decimal(-100)}, "percent"),
        ({"percent": Decimal(1001)}, "percent"),
        ({"hysteresis": Decimal("0.51")}, "hysteresis"),
        ({"ending": "77"}, "ending"),
        ({"floor_minor": 0}, "floor"),
        ({"floor_minor": 10, "ceiling_minor": 9}, "ceiling"),
    ],
)
def test_a_senseless_rule_is_refused_with_its_field(save, changes, field):
    with pytest.raises(DomainError) as caught:
        save(**changes)

    assert (caught.value.status, list(caught.value.fields)) == (422, [field])
    assert not PriceRule.objects.exists()


def test_a_rule_for_another_companys_product_is_refused(save, stranger):
    with pytest.raises(DomainError) as caught:
        save(product=ProductFactory(merchant=stranger))

    assert list(caught.value.fields) == ["product"]


def test_a_derived_price_keeps_what_it_was_made_of(variant, germany, rates, save, follow, now):
    rule = save(percent=Decimal(20))

    listing = follow(variant, germany)

    # 400.00 x 1.2 / 8 = 60.00 -> 59.99
    assert (listing.price_minor, listing.price_source) == (5999, "rule")
    [kept] = reads.list_prices(listing)
    assert (kept.price_minor, kept.reason, kept.source) == (5999, "first", "rule")
    assert kept.basis["rule"] == rule.public_id
    assert kept.basis["rate_ids"] == [rates[0].pk]
    assert kept.basis["rate_on"] == now.date().isoformat()
    assert Decimal(kept.basis["rate"]) == Decimal("0.125")


def test_a_currency_without_cents_gets_whole_prices(variant, rates, save, follow):
    save(percent=Decimal(0))

    listing = follow(variant, MarketFactory(code="JP", currency="JPY"))

    assert listing.price_minor == 8000


def test_the_rate_alone_moves_a_price_from_one_percent(
    scoped, variant, germany, rates, save, follow, actor, now
):
    save(ending="none")
    listing = follow(variant, germany)
    tomorrow, later = now + timedelta(days=1), now + timedelta(days=2)
    rate("CNY", "8.07", tomorrow.date())
    rate("CNY", "8.09", later.date())

    assert services.reprice(scoped, actor=actor, now=tomorrow) == []
    [moved] = services.reprice(scoped, actor=actor, now=later)

    assert (moved.pk, moved.price_minor) == (listing.pk, 4944)
    assert [row.reason for row in reads.list_prices(listing)] == ["fx", "first"]


def test_the_hysteresis_is_a_setting_of_the_rule(
    scoped, variant, germany, rates, save, follow, actor, now
):
    save(ending="none", hysteresis=Decimal(0))
    follow(variant, germany)
    tomorrow = now + timedelta(days=1)
    rate("CNY", "8.01", tomorrow.date())

    [moved] = services.reprice(scoped, actor=actor, now=tomorrow)

    assert moved.price_minor == 4994


def test_without_a_fresh_rate_a_price_stays(
    scoped, variant, germany, rates, save, follow, actor, now
):
    save()
    follow(variant, germany)

    assert services.reprice(scoped, actor=actor, now=now + timedelta(days=11)) == []


def test_a_new_base_price_moves_the_prices_that_follow_it(
    scoped, variant, germany, rates, save, follow, actor, now
):
    save(ending="none")
    listing = follow(variant, germany)

    services.set_base_prices({variant: 48000}, "CNY", actor=actor, now=now)

    listing.refresh_from_db()
    assert listing.price_minor == 6000
    assert reads.list_prices(listing).first().reason == "base"


def test_a_changed_rule_moves_prices_at_once_and_own_prices_stay(
    scoped, variant, germany, rates, save, follow, actor, now
):
    france = MarketFactory(code="FR", currency="EUR")
    save(ending="none")
    following = follow(variant, germany)
    own = PriceDraft(variant, france, 7700)
    services.list_in_markets([own], merchant=scoped, actor=actor, now=now)

    save(ending="none", percent=Decimal(10))

    following.refresh_from_db()
    assert following.price_minor == 5500
    assert Listing.objects.get(market=france).price_minor == 7700


def test_a_removed_rule_leaves_the_price(scoped, variant, germany, rates, save, follow, actor, now):
    rule = save()
    listing = follow(variant, germany)

    services.remove_rule(rule, actor=actor, now=now)

    assert services.reprice(scoped, actor=actor, now=now) == []
    listing.refresh_from_db()
    assert listing.price_minor == 4999


def test_every_way_to_a_new_price_is_kept_once(scoped, variant, germany, actor, now):
    later = now + timedelta(hours=1)
    for minor, at in ((4900, now), (4900, later), (4500, later)):
        draft = PriceDraft(variant, germany, minor)
        services.list_in_markets([draft], merchant=scoped, actor=actor, now=at)

    kept = ListingPrice.objects.order_by("pk")
    assert [(row.price_minor, row.from_at, row.actor) for row in kept] == [
        (4900, now, str(actor)),
        (4500, later, str(actor)),
    ]


def test_a_price_that_was_asked_is_never_changed(scoped, variant, germany, actor, now):
    draft = PriceDraft(variant, germany, 4900)
    services.list_in_markets([draft], merchant=scoped, actor=actor, now=now)
    kept = ListingPrice.objects.get()

    with pytest.raises(TypeError):
        kept.save()
    with pytest.raises(TypeError):
        kept.delete()


def test_reductions_are_read_in_one_statement(
    scoped, variant, germany, actor, now, django_assert_num_queries
):
    for minor, days in ((6000, 60), (4900, 1)):
        draft = PriceDraft(variant, germany, minor)
        at = now - timedelta(days=days)
        services.list_in_markets([draft], merchant=scoped, actor=actor, now=at)
    [listing] = Listing.objects.select_related("market")

    with django_assert_num_queries(1):
        found = reads.find_reductions([listing], now=now)

    assert found[listing.pk].was_minor == 6000


def test_repricing_takes_a_fixed_number_of_statements(
    scoped, germany, rates, save, follow, actor, now, django_assert_max_num_queries
):
    save(ending="none")
    for _number in range(12):
        product = ProductFactory(merchant=scoped)
        follow(VariantFactory(product=product, base_price_minor=40000), germany)
    rate("CNY", "9", (now + timedelta(days=1)).date())

    with django_assert_max_num_queries(17):
        moved = services.reprice(scoped, actor=actor, now=now + timedelta(days=1))

    assert len(moved) == 12


def test_day_rates_agree_with_the_single_look_up(rates, now):
    found = load_day_rates({"CNY", "JPY", "EUR", "USD"}, now.date())

    for pair in (("CNY", "JPY"), ("JPY", "EUR"), ("EUR", "CNY"), ("CNY", "CNY")):
        assert found.find(*pair).rate == find_rate(*pair, now.date())
    assert found.find("USD", "EUR") is None


# --- Issues ---------------------------------------------------------------------------------------


def _price(variant, market, *issues):
    return PriceDraft(variant, market, 4900, issues=issues)


def test_a_blocking_issue_keeps_a_new_listing_off_sale(scoped, variant, germany, actor, now):
    issue = IssueDraft("registration", "EPR-DE-PKG", rows=("EPR-DE-PKG",), fix="registration")
    hint = IssueDraft("caution", is_blocking=False)

    [listing] = services.list_in_markets(
        [_price(variant, germany, issue, hint)], merchant=scoped, actor=actor, now=now
    )

    assert (listing.status, listing.refusal) == (ListingStatus.REJECTED, "gate:registration")
    kept = ListingIssue.objects.order_by("code")
    assert [(row.code, row.effect, row.since) for row in kept] == [
        ("caution", "none", now),
        ("registration", "blocked", now),
    ]


def test_a_live_listing_is_limited_with_its_cause_and_comes_back(
    scoped, variant, germany, actor, now
):
    later = now + timedelta(days=1)
    issue = IssueDraft("registration", "EPR-DE-PKG")
    states = []
    for issues, at in (((), now), ((issue,), now), ((issue,), later), ((), later)):
        [listing] = services.list_in_markets(
            [_price(variant, germany, *issues)], merchant=scoped, actor=actor, now=at
        )
        first = ListingIssue.objects.first()
        states.append((listing.status, first.since if first else None))

    assert states == [("live", None), ("suppressed", now), ("suppressed", now), ("live", None)]


def test_a_price_set_without_the_gate_keeps_what_the_gate_found(
    scoped, variant, germany, actor, now
):
    issue = IssueDraft("registration", "EPR-DE-PKG")
    for draft in (_price(variant, germany, issue), PriceDraft(variant, germany, 5200)):
        [listing] = services.list_in_markets([draft], merchant=scoped, actor=actor, now=now)

    assert (listing.status, listing.price_minor) == (ListingStatus.REJECTED, 5200)


def test_a_paused_listing_with_a_cause_cannot_be_resumed(scoped, variant, germany, actor, now):
    [listing] = services.list_in_markets(
        [_price(variant, germany)], merchant=scoped, actor=actor, now=now
    )
    services.change_listing(listing, ListingStatus.PAUSED, actor=actor, now=now)
    issue = IssueDraft("registration", "EPR-DE-PKG")
    services.list_in_markets(
        [_price(variant, germany, issue)], merchant=scoped, actor=actor, now=now
    )

    with pytest.raises(DomainError) as caught:
        services.change_listing(listing, ListingStatus.LIVE, actor=actor, now=now)

    assert caught.value.code == "catalog.blocked"


def test_completed_customs_facts_clear_the_refusal(merchant, germany, actor, now):
    with scope(merchant=merchant):
        product = ProductFactory(merchant=merchant, hs_code="")
        variant = VariantFactory(product=product)
        [listing] = services.list_in_markets(
            [PriceDraft(variant, germany, 4900)], merchant=merchant, actor=actor, now=now
        )
        assert listing.refusal == "missing:hs_code"
        assert ListingIssue.objects.get().field == "hs_code"

        services.update_product(product, {"hs_code": "940511"}, actor=actor, now=now)

        listing.refresh_from_db()
        assert (listing.status, listing.refusal) == (ListingStatus.LIVE, "")
        assert not ListingIssue.objects.exists()


def test_the_daily_task_moves_the_prices_of_every_company(
    scoped, variant, germany, rates, save, follow, now
):
    from apps.catalog.tasks import reprice_all
    from apps.common.clock import clock_at

    save(ending="none")
    listing = follow(variant, germany)
    tomorrow = now + timedelta(days=1)
    rate("CNY", "10", tomorrow.date())

    with clock_at(tomorrow):
        assert reprice_all() == 1

    listing.refresh_from_db()
    assert listing.price_minor == 4000
    assert ListingPrice.objects.latest("pk").actor == "system:pricing"
