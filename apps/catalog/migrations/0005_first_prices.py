from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_CHUNK = 500


def keep_first_prices(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Begin the price history of each listing at its last change: before it nothing is proven."""
    listings = apps.get_model("catalog", "Listing")._base_manager
    prices = apps.get_model("catalog", "ListingPrice")
    rows = []
    for listing in listings.order_by("pk").iterator(chunk_size=_CHUNK):
        rows.append(
            prices(
                merchant_id=listing.merchant_id,
                listing_id=listing.pk,
                price_minor=listing.price_minor,
                currency=listing.currency,
                from_at=listing.updated_at,
                source="explicit",
                reason="migrated",
                actor="system:migration",
            )
        )
        if len(rows) == _CHUNK:
            prices._base_manager.bulk_create(rows)
            rows = []
    prices._base_manager.bulk_create(rows)


def begin_issues(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep what each refused listing lacks as issues, beside its refusal."""
    listings = apps.get_model("catalog", "Listing")._base_manager
    issues = apps.get_model("catalog", "ListingIssue")
    rows = [
        issues(
            merchant_id=listing.merchant_id,
            listing_id=listing.pk,
            code="missing",
            field=name,
            fix="customs",
            severity="error",
            effect="blocked",
            since=listing.updated_at,
        )
        for listing in listings.filter(refusal__startswith="missing:").order_by("pk")
        for name in listing.refusal.removeprefix("missing:").split(",")
    ]
    for row in rows:
        row.public_id = row._meta.get_field("public_id").get_default()
    issues._base_manager.bulk_create(rows, batch_size=_CHUNK)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_prices_and_issues")]

    operations = [
        migrations.RunPython(keep_first_prices, migrations.RunPython.noop),
        migrations.RunPython(begin_issues, migrations.RunPython.noop),
    ]
