"""Oscar's copy of the benchmark's catalogue and promotions."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db import transaction
from oscar.core.loading import get_model

from bench.perf.rig import spec

Product = get_model("catalogue", "Product")
ProductClass = get_model("catalogue", "ProductClass")
Category = get_model("catalogue", "Category")
ProductCategory = get_model("catalogue", "ProductCategory")
StockRecord = get_model("partner", "StockRecord")
Partner = get_model("partner", "Partner")
Country = get_model("address", "Country")
Range = get_model("offer", "Range")
Benefit = get_model("offer", "Benefit")
Condition = get_model("offer", "Condition")
ConditionalOffer = get_model("offer", "ConditionalOffer")

USERS = 50


@transaction.atomic
def fill(products: int) -> None:
    """Make users, ``products`` products of two variants with stock, and the promotions."""
    User = get_user_model()  # noqa: N806
    User.objects.bulk_create(
        [User(username=f"c{n}", email=f"c{n}@example.com") for n in range(USERS)]
    )
    Country.objects.create(
        iso_3166_1_a2=spec.COUNTRY, printable_name="United Kingdom", is_shipping_country=True
    )
    categories = [Category.add_root(name=f"Category {n}") for n in range(spec.CATEGORIES)]
    _make_products(products, categories)
    _make_promotions(categories)


def _make_products(count: int, categories: list[Category]) -> None:
    kind = ProductClass.objects.create(name="Goods", requires_shipping=True, track_stock=True)
    partner = Partner.objects.create(name="Main")
    facts = [spec.product(number) for number in range(count)]
    Product.objects.bulk_create(
        [
            Product(
                structure="parent",
                title=fact.title,
                slug=f"p{fact.number}",
                upc=f"P{fact.number}",
                product_class=kind,
            )
            for fact in facts
        ],
        batch_size=1000,
    )
    parents = dict(Product.objects.values_list("upc", "id"))
    ProductCategory.objects.bulk_create(
        [
            ProductCategory(product_id=parents[f"P{f.number}"], category=categories[f.category])
            for f in facts
        ],
        batch_size=1000,
    )
    _make_variants(facts, parents, partner)


def _make_variants(facts: list[spec.Product], parents: dict[str, int], partner: Partner) -> None:
    pairs = [(fact, variant) for fact in facts for variant in range(spec.VARIANTS_PER_PRODUCT)]
    Product.objects.bulk_create(
        [
            Product(
                structure="child",
                parent_id=parents[f"P{fact.number}"],
                title=fact.title,
                slug=fact.sku(variant).lower(),
                upc=fact.sku(variant),
            )
            for fact, variant in pairs
        ],
        batch_size=1000,
    )
    children = dict(Product.objects.filter(structure="child").values_list("upc", "id"))
    StockRecord.objects.bulk_create(
        [
            StockRecord(
                product_id=children[fact.sku(variant)],
                partner=partner,
                partner_sku=fact.sku(variant),
                price_currency=spec.CURRENCY,
                price=Decimal(fact.variant_price_minor(variant)) / 100,
                num_in_stock=spec.STOCK,
            )
            for fact, variant in pairs
        ],
        batch_size=1000,
    )


def _make_promotions(categories: list[Category]) -> None:
    everything = Range.objects.create(name="everything", includes_all_products=True)
    ranges = {}
    for number in range(12):
        ranges[number] = Range.objects.create(name=f"category {number}")
        ranges[number].included_categories.add(categories[number])
    for priority, (kind, *numbers) in enumerate(spec.PROMOTIONS):
        scope = ranges[numbers[0]] if kind.startswith("category") else everything
        minimum, benefit, value = _terms(kind, numbers)
        condition_type = Condition.COUNT if kind.startswith("category") else Condition.VALUE
        ConditionalOffer.objects.create(
            name=f"promotion {priority}",
            offer_type=ConditionalOffer.SITE,
            condition=Condition.objects.create(range=scope, type=condition_type, value=minimum),
            benefit=Benefit.objects.create(range=scope, type=benefit, value=value),
            priority=priority,
            exclusive=False,
            max_basket_applications=1,
        )


def _terms(kind: str, numbers: list[int]) -> tuple[int, str, int]:
    """Return the condition's value, the benefit's type and its value."""
    if kind == "category_percent":
        return 1, Benefit.PERCENTAGE, numbers[1]
    if kind == "category_count":
        return numbers[1], Benefit.PERCENTAGE, numbers[2]
    kind_of_benefit = Benefit.FIXED if kind == "minimum_fixed" else Benefit.PERCENTAGE
    return numbers[0], kind_of_benefit, numbers[1]
