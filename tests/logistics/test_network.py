"""Ways for a shipment: zones, limits, restrictions, departures, legs, costs and the choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.logistics.network import Demand, Goods, Versioned, compile_network, list_options
from apps.logistics.network.book import check_references
from apps.logistics.parcels import divide_by_weight
from apps.logistics.rating.facts import RowError
from apps.logistics.reference import packaged_rows
from tests.factories.logistics import row

# Wednesday, 17:00 in Shanghai: an hour before the cut-off.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SHIP_BY = datetime(2026, 11, 28, tzinfo=UTC)
LAMP = Goods("LAMP", 2, 1450)
LEGS = [{"leg": "linehaul", "p50": 2, "p90": 3}, {"leg": "last_mile", "p50": 1, "p90": 2}]
EXPRESS = (
    row(
        "service.express",
        "service",
        code="express",
        name="Express",
        mode="line",
        carrier="swift",
        parcel_max_g=5000,
        parcels_max=3,
        max_side_mm=1200,
        max_girth_mm=3000,
    ),
    row(
        "card.express",
        "card",
        currency="CNY",
        freight={"type": "per_kg", "per_kg_minor": 6000},
    ),
    row(
        "lane.express.de",
        "lane",
        service="express",
        origins=["CN"],
        countries=["DE"],
        card="card.express",
        legs=LEGS,
    ),
)


def weekdays(_country: str, day: date) -> bool:
    return day.weekday() < 5


def network(*more, without=()):
    bodies = [body for body in (*packaged_rows(), *more) if body["id"] not in without]
    return compile_network([Versioned(f"{body['id']}@1", body) for body in bodies], "ned_1")


def demand(*goods: Goods, **changes) -> Demand:
    facts = {"origin": "CN", "destination": "DE", "currency": "CNY", "now": NOW, "ship_by": SHIP_BY}
    return Demand(goods=goods or (LAMP,), **{**facts, **changes})


def options(*more, asked=None, is_open=weekdays):
    return list_options(network(*more), asked or demand(), is_open)


def why(option) -> list[str]:
    return [refusal.code for refusal in option.refusals]


def closed(found, code):
    return next(option for option in found if option.way.service.code == code)


# --- The shipped network


@pytest.mark.parametrize(
    ("weight", "destination", "service", "weights"),
    [
        (0, "DE", "line", (0,)),
        (2900, "DE", "line", (2900,)),
        (2900, "CN", "local", (2900,)),
        (30_000, "DE", "line", (30_000,)),
        (30_001, "DE", "line", (15_001, 15_000)),
        (600_000, "DE", "line", (30_000,) * 20),
        (600_001, "DE", "pallet", (300_001, 300_000)),
        (600_001, "CN", "pallet", (300_001, 300_000)),
    ],
)
def test_parcels_of_thirty_kilograms_and_pallets_above_twenty(
    weight, destination, service, weights
):
    asked = demand(Goods("X", 1, weight), destination=destination)

    best, *others = options(asked=asked)

    assert best.way.service.code == service
    assert tuple(parcel.weight_g for parcel in best.plan.parcels) == weights
    assert all(not option.is_open for option in others)


@pytest.mark.parametrize(
    ("destination", "minor"),
    [
        ("CN", 972),
        ("JP", 12_910),
        ("DE", 17_990),
        ("US", 21_910),
        ("AU", 20_410),
        ("ZA", 27_820),
    ],
)
def test_prices_are_those_of_the_portal(destination, minor):
    [best, *_others] = options(asked=demand(destination=destination))

    assert best.rated.minor == best.cost_minor == minor
    assert sum(part.minor for part in best.rated.parts) == minor


def test_freight_beyond_ninety_nine_pallets_gets_heavier_and_never_stuck():
    [best, *_others] = options(asked=demand(Goods("X", 1, 100 * 600_000)))

    assert len(best.plan.parcels) == 99


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.integers(1, 99))
def test_divided_weights_add_up(weight, most, count):
    weights = divide_by_weight(weight, parcel_max_g=most, parcels_max=count)

    assert sum(weights) == weight
    assert 1 <= len(weights) <= count


def test_references_of_the_shipped_lanes_hold():
    check_references(network())

    with pytest.raises(RowError, match=r"^card: lane.line.europe@1 names card.line.europe"):
        check_references(network(without=("card.line.europe",)))
    with pytest.raises(RowError, match=r"^service: .* names line"):
        check_references(network(without=("service.line",)))


# --- What closes a way


def test_every_service_is_listed_with_what_closes_it():
    found = options()

    assert [(option.way.service.code, why(option)) for option in found] == [
        ("line", []),
        ("local", ["no_lane"]),
        ("pallet", ["too_light"]),
    ]
    assert closed(found, "pallet").refusals[0].row == "service.pallet@1"


@pytest.mark.parametrize(
    ("goods", "service", "reasons"),
    [
        (Goods("BANK", 1, 300, battery="ion_alone"), "line", ["battery"]),
        (Goods("BANK", 1, 300, battery="ion_contained"), "line", []),
        (Goods("SPRAY", 1, 300, is_dangerous=True), "line", ["dangerous"]),
        (Goods("POLE", 1, 300, 1201, 20, 20), "express", ["too_long"]),
        (Goods("POLE", 1, 300, 1200, 20, 20), "express", []),
        (Goods("POLE", 3, 300, 1201, 20, 20), "express", ["too_long"]),
        (Goods("SOFA", 1, 300, 1000, 600, 401), "express", ["too_bulky"]),
        (Goods("SOFA", 1, 300, 1000, 600, 400), "express", []),
        (Goods("IRON", 1, 15_000), "express", []),
        (Goods("IRON", 1, 15_001), "express", ["too_heavy"]),
    ],
)
def test_limits_and_dangers_close_a_service(goods, service, reasons):
    assert why(closed(options(*EXPRESS, asked=demand(goods)), service)) == reasons


def test_a_prohibited_heading_closes_one_country_only():
    knives = row(
        "restriction.knives",
        "restriction",
        destinations=["DE"],
        bars={"hs_prefixes": ["8211"]},
        reason="No knives.",
    )
    knife = Goods("KNIFE", 1, 200, hs_code="821192")

    here = closed(options(knives, asked=demand(knife)), "line")
    there = closed(options(knives, asked=demand(knife, destination="FR")), "line")

    assert [(one.code, one.row) for one in here.refusals] == [
        ("prohibited", "restriction.knives@1")
    ]
    assert here.refusals[0].facts == {"sku": "KNIFE", "reason": "No knives.", "hs_prefix": "8211"}
    assert there.is_open


def test_restrictions_limit_parcels_on_a_lane():
    small = row(
        "restriction.small",
        "restriction",
        services=["line"],
        destinations=["DE"],
        bars={"parcel_max_g": 2899},
        reason="Small parcels only.",
    )

    assert why(closed(options(small), "line")) == ["too_heavy"]


def test_a_card_without_a_price_closes_its_lane():
    short = row(
        "card.express",
        "card",
        currency="CNY",
        freight={"type": "brackets", "brackets": [{"to_g": 2899, "minor": 100}]},
    )

    found = options(EXPRESS[0], short, EXPRESS[2])

    assert why(closed(found, "express")) == ["no_price"]


# --- Departures and arrivals


@pytest.mark.parametrize(
    ("now", "leaves", "skipped"),
    [
        (NOW, date(2026, 11, 25), []),
        (datetime(2026, 11, 25, 10, 0, tzinfo=UTC), date(2026, 11, 25), []),
        (datetime(2026, 11, 25, 10, 1, tzinfo=UTC), date(2026, 11, 26), ["past_cut_off"]),
        (
            datetime(2026, 11, 27, 12, 0, tzinfo=UTC),
            date(2026, 11, 30),
            ["past_cut_off", "day_off", "day_off"],
        ),
        # Saturday in Shanghai while it is Friday in UTC.
        (datetime(2026, 11, 27, 17, 0, tzinfo=UTC), date(2026, 11, 30), ["day_off", "day_off"]),
    ],
)
def test_the_cut_off_is_local_and_rests_on_days_off(now, leaves, skipped):
    [best, *_others] = options(asked=demand(now=now))

    assert best.departure.day == leaves
    assert [refusal.code for refusal in best.departure.skipped] == skipped


def test_a_full_day_moves_the_departure():
    limit = row("capacity.line", "capacity", service="line", origin="CN", parcels_per_day=3)
    taken = {("capacity.line", date(2026, 11, 25)): 3, ("capacity.line", date(2026, 11, 26)): 2}

    [best, *_others] = options(limit, asked=demand(taken=taken))

    assert best.departure.day == date(2026, 11, 26)
    assert [(one.code, one.facts["taken"]) for one in best.departure.skipped] == [("capacity", 3)]
    assert "capacity.line@1" in best.rows


def test_a_shipment_larger_than_any_day_says_so():
    limit = row("capacity.line", "capacity", service="line", origin="CN", parcels_per_day=1)

    found = options(limit, asked=demand(Goods("X", 1, 30_001)))

    assert why(closed(found, "line"))[:2] == ["no_departure", "capacity"]


def test_legs_count_the_working_days_of_where_they_are():
    rest = {("DE", date(2026, 12, 1)), ("CN", date(2026, 11, 27))}

    def works(country: str, day: date) -> bool:
        return day.weekday() < 5 and (country, day) not in rest

    [best, *_others] = options(
        *EXPRESS[:2],
        {**EXPRESS[2], "service": "express"},
        asked=demand(ship_by=datetime(2026, 11, 26, tzinfo=UTC)),
        is_open=works,
    )
    express = best if best.way.service.code == "express" else None
    found = express or closed(options(*EXPRESS, asked=demand(), is_open=works), "express")

    # Line-haul: Thu 26, Mon 30 (Fri is off in China); last mile: Wed 2 (Tue is off in Germany).
    assert [(leg.leg, by50, by90) for leg, by50, by90 in found.legs] == [
        ("linehaul", date(2026, 11, 30), date(2026, 12, 1)),
        ("last_mile", date(2026, 12, 2), date(2026, 12, 3)),
    ]


# --- The choice


def test_the_cheapest_goes_first():
    # 2.9 kg: line 1750 + 16240; express 17400
    assert [option.way.service.code for option in options(*EXPRESS)][:2] == ["express", "line"]
    dear = {**EXPRESS[1], "handling_minor": 591}
    assert [o.way.service.code for o in options(EXPRESS[0], dear, EXPRESS[2])][:2] == [
        "line",
        "express",
    ]


def test_keeping_the_promise_goes_before_the_price():
    cut = row(
        "cut-off.express",
        "cut_off",
        service="express",
        origin="CN",
        time_zone="Asia/Shanghai",
        at="12:00",
        calendar="CN",
    )
    tonight = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)

    best, second, *_rest = options(*EXPRESS, cut, asked=demand(ship_by=tonight))

    assert (best.way.service.code, best.keeps_promise) == ("line", True)
    assert (second.way.service.code, second.keeps_promise) == ("express", False)
    assert second.cost_minor < best.cost_minor


def test_nothing_in_time_still_leaves():
    [best, *_others] = options(asked=demand(ship_by=datetime(2026, 11, 1, tzinfo=UTC)))

    assert (best.is_open, best.keeps_promise) == (True, False)


def test_costs_are_compared_in_the_currency_of_the_order():
    euro = {**EXPRESS[1], "currency": "EUR", "freight": {"type": "per_kg", "per_kg_minor": 700}}
    asked = demand(currency="EUR", rates={"CNY": Decimal("0.125")})

    best, second, *_rest = options(EXPRESS[0], euro, EXPRESS[2], asked=asked)

    assert (best.way.service.code, best.cost_minor) == ("express", 2030)
    assert (second.way.service.code, second.cost_minor) == ("line", 2249)


def test_what_cannot_be_converted_comes_last():
    yen = {**EXPRESS[1], "currency": "JPY", "freight": {"type": "per_kg", "per_kg_minor": 1}}

    best, second, *_rest = options(EXPRESS[0], yen, EXPRESS[2])

    assert (best.way.service.code, second.cost_minor) == ("line", None)


def test_boxes_are_used_where_every_side_is_known():
    box = row(
        "box.m",
        "box",
        inner_mm=[400, 300, 200],
        outer_mm=[410, 310, 210],
        tare_g=250,
        max_gross_g=10_000,
    )
    cup = Goods("CUP", 4, 300, 100, 100, 100)

    [packed, *_a] = options(box, asked=demand(cup))
    [weighed, *_b] = options(box, asked=demand(cup, Goods("BAG", 1, 50)))

    assert (packed.plan.kind, [p.weight_g for p in packed.plan.parcels]) == ("cartons", [1450])
    assert packed.plan.parcels[0].longest_mm == 410
    assert "box.m@1" in packed.rows
    assert (weighed.plan.kind, [p.weight_g for p in weighed.plan.parcels]) == ("weight", [1250])


def test_what_fits_no_box_goes_by_weight():
    box = row("box.s", "box", inner_mm=[90] * 3, outer_mm=[99] * 3, tare_g=50, max_gross_g=900)

    [best, *_others] = options(box, asked=demand(Goods("CUP", 1, 300, 100, 100, 100)))

    assert best.plan.kind == "weight"


goods = st.builds(
    Goods,
    st.sampled_from(["A", "B"]),
    st.integers(1, 50),
    st.integers(0, 40_000),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.sampled_from(["", "ion_alone", "ion_contained"]),
    st.booleans(),
    st.sampled_from(["", "940511"]),
)


@given(
    st.lists(goods, min_size=1, max_size=3, unique_by=lambda item: item.sku),
    st.sampled_from(["CN", "DE", "US", "ZA"]),
    st.integers(0, 60 * 24 * 20),
)
def test_every_answer_is_priced_by_rows_or_closed_with_a_reason(listed, destination, minutes):
    from datetime import timedelta

    asked = demand(*listed, destination=destination, now=NOW + timedelta(minutes=minutes))
    found = options(*EXPRESS, asked=asked)

    assert found == options(*EXPRESS, asked=replace(asked))
    flags = [option.is_open for option in found]
    assert flags == sorted(flags, reverse=True)
    for option in found:
        assert option.way.service.ref in option.rows
        if not option.is_open:
            assert option.refusals
            continue
        assert all(part.row in option.rows for part in option.rated.parts)
        assert sum(parcel.weight_g for parcel in option.plan.parcels) == asked.weight_g
        assert option.departure.day <= option.arrives_p50 <= option.arrives_p90


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (row("a", "lane", service="x", origins=["*"], card="c", legs=LEGS), "zone"),
        (row("a", "lane", service="x", origins=[], zone="e", card="c", legs=LEGS), "origins"),
        (row("a", "lane", service="x", origins=["*"], zone="e", card="c"), "legs"),
        (row("a", "zones", home="h", rest="r", zones={"x": ["DE"], "y": ["DE"]}), "zones"),
        (row("a", "restriction", reason="r", bars={}), "bars"),
        (
            row(
                "a",
                "cut_off",
                service="*",
                origin="CN",
                calendar="CN",
                time_zone="Asia/Nowhere",
                at="1",
            ),
            "at, time_zone",
        ),
        (row("a", "box", inner_mm=[1, 2], outer_mm=[], tare_g=1, max_gross_g=9), "inner_mm"),
        (
            row("a", "box", inner_mm=[9] * 3, outer_mm=[8] * 3, tare_g=1, max_gross_g=9),
            "outer_mm",
        ),
        (row("a", "capacity", service="x", origin="CN", parcels_per_day="9"), "parcels_per_day"),
    ],
)
def test_rows_that_cannot_be_read_name_the_field(body, field):
    from apps.logistics.network import check_row

    with pytest.raises(RowError, match=f"^{field}"):
        check_row(body)
