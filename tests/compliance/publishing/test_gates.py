"""The dated answer of a market: can, cannot, can when."""

from __future__ import annotations

from datetime import date

import pytest

from apps.catalog import selectors as catalog
from apps.catalog.models import AttributeRule, Category, Product
from apps.compliance.publishing.answering import answer_case
from apps.compliance.publishing.gates import _GATES, gate
from apps.compliance.publishing.obligations import DEMANDS, demands_for, list_obligations
from apps.compliance.publishing.reading import read_cases
from apps.compliance.publishing.sentences import explain_finding
from apps.inventory.models import Node
from apps.logistics.selectors import find_network
from apps.markets.models import Market
from apps.markets.reference import MARKETS
from apps.markets.selectors import many_books
from apps.merchants.models import Merchant
from tests.compliance.publishing.conftest import market
from tests.factories.catalog import ListingFactory, VariantFactory
from tests.factories.inventory import NodeFactory

pytestmark = pytest.mark.django_db


def blocking(answer):
    """Return (code, field) of what blocks."""
    return [(finding.code, finding.field) for finding in answer.blocking]


def test_everything_in_place(ask, rule, lucid):
    answer = ask("DE")

    assert (answer.verdict, blocking(answer)) == ("can", [])
    assert answer.waterfalls[0].price.minor == 3999
    assert answer.case.on == date(2026, 11, 25)


def test_a_missing_register_number(ask, rule):
    answer = ask("DE")

    assert (answer.verdict, blocking(answer)) == ("can_when", [("registration", "EPR-DE-PKG")])
    [finding] = answer.blocking
    assert (finding.rows, finding.fix) == (("EPR-DE-PKG",), "registration")
    assert "LUCID" in explain_finding(finding)


def test_a_number_of_one_country_does_not_serve_another(ask, rule, lucid):
    lucid.country = "AT"
    lucid.save()

    assert ask("DE").verdict == "can_when"


def test_electrical_goods_need_a_second_number(ask, rule, lucid, product):
    Product.objects.update(hs_code="940511")

    assert blocking(ask("DE")) == [("registration", "EPR-DE-WEEE")]


def test_the_maker_number_is_asked_for_from_its_day(ask, rule, lucid, variant):
    variant.gtin = ""
    variant.save()

    answer = ask("DE")
    assert blocking(answer) == [("manufacturer_product_id", "TEE-1")]
    assert answer.blocking[0].rows == ("EU-PRODUCT-ID",)
    assert ask("GB").verdict == "can"


def test_customs_facts(ask, rule):
    Product.objects.update(hs_code="", origin_country="")

    answer = ask("GB")
    assert answer.verdict == "can_when"
    assert blocking(answer) == [("missing", "origin_country"), ("missing", "hs_code")]
    assert answer.waterfalls[0].lines[0].note == "no_facts"


def test_no_price_and_no_rule(ask):
    assert blocking(ask("GB")) == [("no_price", "TEE-1")]


def test_a_rule_without_a_base_price(ask, rule, variant):
    variant.base_price_minor = 0
    variant.save()

    assert blocking(ask("GB")) == [("no_base_price", "TEE-1")]


def test_a_rule_without_a_rate(ask, rule, now):
    from apps.markets.models import FxRate

    FxRate.objects.filter(quote="GBP").delete()

    assert ("no_rate", "TEE-1") in blocking(ask("GB"))


def test_a_duty_rate_nobody_stated(ask):
    answer = ask("US", price=4000)

    assert answer.verdict == "can_when"
    assert blocking(answer)[0][0] == "no_tariff_rate"
    assert answer.blocking[0].rows == ("US-ALL-2025",)


def test_a_country_without_any_rule(ask):
    answer = ask("IS", price=4000)

    assert (answer.verdict, blocking(answer)) == ("cannot", [("no_rule", "")])
    assert "no rule of IS" in explain_finding(answer.blocking[0])


def test_a_closed_market_and_a_suspended_company(ask, rule, scoped):
    market("GB")
    Market.objects.update(is_active=False)
    scoped.status = Merchant.Status.SUSPENDED

    answer = ask("GB")
    assert answer.verdict == "cannot"
    assert blocking(answer) == [("suspended", ""), ("market_closed", "")]


def test_an_overseas_sale_needs_a_warehouse_behind_the_border(ask, scoped, lucid):
    assert ask("DE", price=4900, model="overseas").verdict == "cannot"

    NodeFactory(merchant=scoped, kind=Node.Kind.OVERSEAS_WAREHOUSE, country="PL")
    assert ask("DE", price=4900, model="overseas").verdict == "can"
    assert ask("GB", price=4900, model="overseas").verdict == "cannot"


def test_in_custody_no_rule_gives_the_supply_price(ask, rule):
    assert blocking(ask("DE", model="custody")) == [("no_supply_price", "TEE-1")]
    assert ask("DE", model="custody", price=900).verdict == "can"


def test_a_supply_price_is_no_retail_price(ask, variant):
    ListingFactory(variant=variant, market=market("DE"), model="custody", price_minor=900)

    assert ask("DE").verdict == "can"
    assert ("no_price", "TEE-1") in blocking(ask("DE", model="direct"))


def test_cautions_and_pending_rows_pass_through(ask, rule, lucid):
    kinds = {finding.code for finding in ask("DE").findings if not finding.is_blocking}

    assert {"rule_pending", "obligation"} <= kinds


def test_a_loss_and_an_unknown_cost_are_said(ask, variant):
    assert ("loss", "TEE-1") in [(f.code, f.field) for f in ask("GB", price=500).findings]

    variant.cost_minor = 0
    variant.save()
    assert "no_cost" in [finding.code for finding in ask("GB", price=5000).findings]


def test_a_further_check_joins_the_gate(ask, rule):
    from apps.compliance.publishing.facts import Finding

    @gate("test_only")
    def check(case, waterfalls):
        yield Finding("custom", "photo", fix="photo")

    try:
        assert ("custom", "photo") in blocking(ask("GB"))
        with pytest.raises(ValueError, match="Two gates"):
            gate("test_only")(lambda case, waterfalls: iter(()))
    finally:
        _GATES.pop("test_only")


def test_every_demand_has_its_dated_row():
    rows = list_obligations()

    assert {demand.obligation for demand in DEMANDS} <= set(rows)
    assert [d.obligation for d, _row in demands_for("DE", "850610")] == [
        "EPR-DE-PKG",
        "EPR-DE-WEEE",
        "EPR-EU-BATT",
        "EPR-EU-PPWR",
    ]


def test_fifty_markets_take_a_fixed_number_of_statements(
    product, rule, scoped, now, django_assert_num_queries
):
    for _number in range(5):
        VariantFactory(product=product)
    markets = [Market.objects.create(**facts) for facts in MARKETS if facts["code"] != "DE"]
    many_books._kept.clear()
    find_network(now.date())

    with django_assert_num_queries(13):
        fresh = catalog.get_product(scoped, product.public_id)
        cases = read_cases(fresh, markets, merchant=scoped, on=now.date())
        answers = [answer_case(case) for case in cases]

    assert len(answers) == len(markets) >= 49


def test_many_books_are_the_single_ones(book, now):
    from apps.markets.selectors import rules_for

    found = many_books.books_for(["DE", "GB", "US", "BR"], now.date())

    for code, dated in found.items():
        single = rules_for(code, now.date())
        assert dated.row_ids == single.row_ids
        assert dated.currencies == single.currencies


def test_the_eu_wants_to_know_who_answers(ask, rule, lucid, product):
    facts = product.facts
    facts.manufacturer = facts.eu_responsible = None
    facts.save()

    answer = ask("DE")

    assert answer.verdict == "can_when"
    assert blocking(answer) == [
        ("no_manufacturer", "manufacturer"),
        ("no_eu_responsible", "eu_responsible"),
    ]
    assert {finding.rows for finding in answer.blocking} == {("GPSR-19",)}
    assert {finding.fix for finding in answer.blocking} == {"facts"}
    assert "manufacturer" in explain_finding(answer.blocking[0])
    assert blocking(ask("GB")) == []
    before = blocking(ask("FR", on=date(2024, 12, 12)))
    assert {code for code, _field in before}.isdisjoint({"no_manufacturer", "no_eu_responsible"})


def test_a_manufacturer_in_the_eu_needs_no_responsible_person(ask, rule, lucid, product):
    facts = product.facts
    facts.eu_responsible = None
    facts.save()
    assert blocking(ask("DE")) == [("no_eu_responsible", "eu_responsible")]

    facts.manufacturer.country = "IT"
    facts.manufacturer.save()
    assert blocking(ask("DE")) == []


def test_a_category_asks_for_its_attributes(ask, rule, lucid, product):
    category = Category.objects.create(
        code="1", name="Shirts", name_key="shirts", path="Shirts", lineage="1", depth=1
    )
    AttributeRule.objects.create(
        category=category, key="material", label="Material", kind="text", is_required=True
    )
    product.category_ref = category
    product.save()

    [finding] = ask("DE").blocking
    assert (finding.code, finding.field, finding.fix) == ("no_attribute", "material", "category")
    assert "“Material”" in explain_finding(finding)

    product.facts.attributes = {"material": "cotton"}
    product.facts.save()
    assert blocking(ask("DE")) == []
