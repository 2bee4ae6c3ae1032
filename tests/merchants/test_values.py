"""Facts of the journal read as words, amounts and times."""

from __future__ import annotations

from django.utils import timezone, translation

from apps.merchants.web.values import tell_facts, tell_value


def told(facts: dict[str, object], subject: str) -> dict[str, str]:
    return dict(tell_facts(facts, subject))


def test_amounts_read_with_their_currency():
    facts = {"number": "261125-1", "market": "DE", "total_minor": 10600, "currency": "EUR"}

    assert told(facts, "order") == {
        "Order number": "261125-1",
        "Market": "Germany",
        "Total": "€106.00",
    }


def test_amount_without_a_currency_is_not_shown_as_a_bare_number():
    assert told({"total_minor": 10600}, "order") == {}


def test_cost_has_a_currency_of_its_own():
    assert told({"cost_minor": 6100, "cost_currency": "CNY"}, "variant") == {"Cost": "CN¥61.00"}


def test_codes_read_as_words():
    listing = {"status": "paused", "model": "direct"}
    assert told(listing, "listing") == {"Status": "Paused", "Fulfilment model": "Direct"}
    shipment = {"from": "CN", "ship_to": "US", "weight_g": 1450, "order": "ord_1"}
    assert told(shipment, "shipment") == {
        "From": "China",
        "To": "United States",
        "Weight": "1.45\u00a0kg",
    }


def test_reason_of_a_check_is_told_by_its_kind():
    facts = {"hold": "hld_1", "kind": "address", "reason": "House number missing."}
    assert told(facts, "order") == {"Kind": "address"}
    manual = {"hold": "hld_1", "kind": "manual", "reason": "Buyer asked"}
    assert told(manual, "order") == {"Kind": "held by hand", "Reason": "Buyer asked"}


def test_released_money_lists_its_amounts():
    rows = [{"currency": "EUR", "amount_minor": 4900}, {"currency": "USD", "amount_minor": 1250}]
    assert told({"amounts": rows}, "order") == {"Amount": "€49.00, US$12.50"}


def test_moments_read_in_the_zone_of_the_reader():
    with timezone.override("Asia/Shanghai"):
        text = tell_value("delivered_at", "2026-11-25T09:00:00+00:00", {}, "order")

    assert text == "Wednesday 25 November 2026 17:00 CST"


def test_what_is_unknown_stays_as_it_is():
    assert tell_value("status", "odd", {}, "listing") == "odd"
    assert tell_value("delivered_at", "soon", {}, "order") == "soon"
    assert tell_value("name", "Lin", {}, "member") == "Lin"


def test_values_read_in_chinese():
    with translation.override("zh-hans"):
        assert told({"market": "DE"}, "order") == {"市场": "德国"}
