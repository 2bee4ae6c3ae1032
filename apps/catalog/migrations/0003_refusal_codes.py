from __future__ import annotations

import re

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_CHUNK = 500


def _missing(listing):
    product = listing.variant.product
    if not re.fullmatch("[A-Z]{2}", product.origin_country):
        yield "origin_country"
    if not re.fullmatch(r"\d{6}(\d{2}){0,3}", product.hs_code):
        yield "hs_code"
    if len(product.customs_name.strip()) < 3:
        yield "customs_name"
    if listing.variant.weight_g <= 0:
        yield "weight_g"


def store_codes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Replace the sentence of each refused listing by the code and the names of what it lacks."""
    listings = apps.get_model("catalog", "Listing")._base_manager
    told = listings.exclude(refusal="")
    changed = []
    for listing in told.select_related("variant__product").iterator(chunk_size=_CHUNK):
        if re.fullmatch("missing:[a-z_,]+", listing.refusal):
            continue
        names = ",".join(_missing(listing))
        listing.refusal = f"missing:{names}" if names else ""
        changed.append(listing)
    listings.bulk_update(changed, ["refusal"], batch_size=_CHUNK)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_variant_is_active")]

    operations = [migrations.RunPython(store_codes, migrations.RunPython.noop)]
