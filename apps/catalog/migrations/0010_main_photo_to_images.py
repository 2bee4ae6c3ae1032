from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.common.ids import new_public_id

_CHUNK = 500


def add_main_photos(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the photo of each product its first picture; a second run adds nothing."""
    products = apps.get_model("catalog", "Product")._base_manager
    images = apps.get_model("catalog", "ProductImage")
    waiting = products.exclude(image="").filter(images=None).order_by("pk")
    rows = []
    for product in waiting.only("merchant_id", "image").iterator(chunk_size=_CHUNK):
        rows.append(
            images(
                public_id=new_public_id("img"),
                merchant_id=product.merchant_id,
                product_id=product.pk,
                position=0,
                file=product.image.name,
            )
        )
    images._base_manager.bulk_create(rows, batch_size=_CHUNK)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_product_images")]

    operations = [migrations.RunPython(add_main_photos, migrations.RunPython.noop)]
