"""Random carts and promotion rows for the property tests."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from apps.promotions.pricing.cart import Buyer, Cart, Line

MOMENT = datetime(2026, 11, 27, 20, tzinfo=UTC)
CATEGORIES = ("shoes", "bags", "lamps")
SKUS = tuple("abcde")


def line_of(sku: str, price: int, quantity: int, **facts: object) -> Line:
    """Return a line in the category of its SKU."""
    category = CATEGORIES[SKUS.index(sku) % len(CATEGORIES)] if sku in SKUS else "shoes"
    return Line(sku, price, quantity, **{"categories": (category,), **facts})  # type: ignore[arg-type]


def cart_of(*lines: Line, **facts: object) -> Cart:
    """Return a cart in Britain at ``MOMENT``."""
    given = {"market": "GB", "currency": "GBP", "moment": MOMENT, **facts}
    return Cart(lines, **given)  # type: ignore[arg-type]


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    """Draw a cart of one to five SKUs, some with a floor or not to be discounted."""
    skus = draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=5, unique=True))
    lines = []
    for position, sku in enumerate(skus):
        price = draw(st.integers(0, 4_000))
        low = draw(st.sampled_from((0, 0, 0, price // 2, price)))
        quantity, is_discountable = draw(st.integers(1, 7)), draw(st.integers(0, 9)) > 0
        lines.append(
            line_of(
                *(sku, price, quantity),
                floor=low,
                position=position,
                is_discountable=is_discountable,
                cost=draw(st.sampled_from((None, price // 2))),
            )
        )
    shipping = draw(st.sampled_from((0, 499, 1_000)))
    return cart_of(*lines, shipping=shipping, buyer=Buyer(orders=draw(st.sampled_from((0, 3)))))


PERCENTS = st.sampled_from(("0.5", "7", "12.5", "33.3", "50", "100"))
AMOUNTS = st.integers(1, 3_000)
TARGETS = st.one_of(
    st.just({}),
    st.sampled_from(CATEGORIES).map(lambda name: {"categories": [name]}),
    st.lists(st.sampled_from(SKUS), min_size=1, max_size=3, unique=True).map(
        lambda skus: {"skus": skus}
    ),
    st.just({"categories": ["shoes"], "not": {"skus": ["a"]}}),
    st.just({"min_unit_price": 500, "max_unit_price": 2_000}),
)
VALUES = st.one_of(
    PERCENTS.map(lambda percent: {"percent": percent}),
    AMOUNTS.map(lambda minor: {"amount": minor}),
    AMOUNTS.map(lambda minor: {"price": minor}),
)
ORDER_VALUES = st.one_of(
    PERCENTS.map(lambda percent: {"percent": percent}), AMOUNTS.map(lambda minor: {"amount": minor})
)
CONDITIONS = st.one_of(
    st.just({}),
    st.just({}),
    st.integers(0, 12_000).map(lambda minor: {"min_spend": minor}),
    st.integers(1, 9).map(lambda count: {"min_quantity": count}),
)
CAPS = st.one_of(st.just({}), st.integers(1, 2_000).map(lambda minor: {"max_discount": minor}))


def _tiers(bound: str, values: st.SearchStrategy, bounds: st.SearchStrategy) -> st.SearchStrategy:
    one = st.fixed_dictionaries({bound: bounds, "value": values})
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda tier: tier[bound])


BUY_GET = st.tuples(TARGETS, st.integers(1, 3), st.integers(1, 2), VALUES).map(
    lambda drawn: {
        "buy": {**drawn[0], "quantity": drawn[1]},
        "get": {**drawn[0], "quantity": drawn[2], "value": drawn[3]},
    }
)
KINDS = {
    "product_discount": {
        "target": TARGETS,
        "value": VALUES,
        "level": st.sampled_from(("shown", "product")),
    },
    "order_discount": {"target": TARGETS, "value": ORDER_VALUES, "limits": CAPS},
    "quantity_tiers": {
        "target": TARGETS,
        "limits": CAPS,
        "tiers": _tiers("quantity", VALUES, st.integers(1, 9)),
    },
    "spend_tiers": {
        "target": TARGETS,
        "limits": CAPS,
        "tiers": _tiers("spend", ORDER_VALUES, st.integers(0, 9_000)),
    },
    "bundle": {
        "bundle": st.tuples(TARGETS, st.integers(1, 3)).map(
            lambda drawn: [{**drawn[0], "quantity": drawn[1]}]
        ),
        "value": AMOUNTS.map(lambda minor: {"price": minor}),
    },
    "shipping": {"value": VALUES, "limits": CAPS},
}


@st.composite
def core_rows(draw: st.DrawFn) -> list[dict[str, object]]:
    """Draw up to five rows of the kinds that the reference evaluation knows."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from((*KINDS, "buy_get")))
        parts = draw(BUY_GET) if kind == "buy_get" else draw(st.fixed_dictionaries(KINDS[kind]))
        row = {"id": f"p{number}", "kind": kind, "currency": "GBP", **parts}
        row["conditions"] = draw(CONDITIONS)
        row["priority"] = draw(st.integers(0, 2))
        rows.append(row)
    return rows


@st.composite
def any_rows(draw: st.DrawFn) -> list[dict[str, object]]:
    """Draw rows with everything else a row may have: groups, exclusives, limits, guards, funding."""
    rows = draw(core_rows())
    for row in rows:
        row["group"] = draw(st.sampled_from(("", "", "season")))
        row["exclusive"] = draw(st.integers(0, 9)) == 0
        row["funding"] = draw(
            st.sampled_from(({"merchant": "100"}, {"merchant": "66.6", "platform": "33.4"}))
        )
        row["margin_guard"] = draw(st.sampled_from((None, None, "20")))
        limits = {"units_per_order": draw(st.integers(1, 6))} if draw(st.booleans()) else {}
        row["limits"] = {**row.get("limits", {}), **limits}  # type: ignore[dict-item]
    if draw(st.booleans()):
        gift = {"sku": "gift", "quantity": 1, "list_price": 900}
        rows.append({"id": "g", "kind": "gift", "currency": "GBP", "gift": gift})
    return rows
