from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.catalog.search.words import ListingFacts, ProductFacts, VariantFacts, find_tokens

_CHUNK = 500


def _facts(product):
    variants = tuple(
        VariantFacts(
            variant.sku,
            variant.gtin,
            variant.option,
            variant.is_active,
            tuple(
                ListingFacts(item.market.code, item.status, item.model)
                for item in variant.listings.all()
            ),
        )
        for variant in product.variants.all()
    )
    return ProductFacts(product.title, product.brand, product.status == "archived", variants)


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the products there are their tokens; a second run adds only what is missing."""
    products = apps.get_model("catalog", "Product")._base_manager
    token = apps.get_model("catalog", "SearchToken")
    found = products.prefetch_related("variants__listings__market").order_by("pk")
    for product in found.iterator(chunk_size=_CHUNK):
        rows = [
            token(merchant_id=product.merchant_id, product_id=product.pk, token=text)
            for text in sorted(find_tokens(_facts(product)))
        ]
        token._base_manager.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_listing_list_indexes")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
