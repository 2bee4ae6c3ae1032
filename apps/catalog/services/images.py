"""Writes of a product's pictures: adding, ordering, describing, taking away, smaller copies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Literal

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import UnidentifiedImageError

from apps.catalog import events
from apps.catalog.models import Product, ProductImage
from apps.catalog.models.images import BANDS
from apps.catalog.photos import MEDIUM, SMALL, read_photo, shrink_kept, split_bands
from apps.common.db import lock_by_pk
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.journal import services as journal
from apps.journal.actors import Actor

MAX_IMAGES = 12
MAX_ALT = 200
Step = Literal["first", "earlier", "later"]


def add_image(
    product: Product, photo: File[bytes], *, actor: Actor, now: datetime, alt: str = ""
) -> ProductImage:
    """Add a picture behind those a product has; the first one is the main one.

    Smaller copies are made by a worker that hears of it. Raises ``catalog.photo`` (422) for an
    unusable file, ``catalog.too_many_images`` (409) beyond 12.
    """
    read = read_photo(photo, photo.size)
    bands = split_bands(read.fingerprint)
    with transaction.atomic():
        locked, images = _lock(product)
        if len(images) >= MAX_IMAGES:
            sentence = _("A product has at most %(count)s pictures. Take one away first.")
            raise DomainError("catalog.too_many_images", sentence % {"count": MAX_IMAGES})
        image = ProductImage(
            merchant_id=locked.merchant_id,
            product=locked,
            position=images[-1].position + 1 if images else 0,
            alt=_clean(alt),
            fingerprint=read.fingerprint,
            **(dict(zip(BANDS, bands, strict=True)) if bands else {}),
        )
        image.file.save(f"{new_public_id('img')}.webp", read.content, save=False)
        image.save()
        _finish(locked, [*images, image], image, "added", actor=actor, now=now)
    return image


def describe_image(image: ProductImage, alt: str, *, actor: Actor, now: datetime) -> ProductImage:
    """Say what a picture shows, for people who cannot see it; at most 200 characters are kept."""
    with transaction.atomic():
        locked, images = _lock(image.product)
        mine = _one_of(images, image)
        mine.alt = _clean(alt)
        mine.save(update_fields=["alt", "updated_at"])
        _finish(locked, images, mine, "described", actor=actor, now=now)
    return mine


def move_image(image: ProductImage, step: Step, *, actor: Actor, now: datetime) -> None:
    """Move a picture one place earlier or later, or to the front, where it is the main one."""
    with transaction.atomic():
        locked, images = _lock(image.product)
        mine = _one_of(images, image)
        at = images.index(mine)
        images.remove(mine)
        place = {"first": 0, "earlier": max(at - 1, 0), "later": at + 1}[step]
        images.insert(place, mine)
        for position, item in enumerate(images):
            item.position = position
        ProductImage.objects.bulk_update(images, ["position"])
        _finish(locked, images, mine, "moved", actor=actor, now=now)


def delete_image(image: ProductImage, *, actor: Actor, now: datetime) -> None:
    """Take a picture away; its files go once the change is committed."""
    with transaction.atomic():
        locked, images = _lock(image.product)
        mine = _one_of(images, image)
        images.remove(mine)
        files = [item.name for item in (mine.file, mine.medium, mine.small) if item.name]
        ProductImage.objects.filter(pk=mine.pk).delete()
        _finish(locked, images, mine, "deleted", actor=actor, now=now)
        transaction.on_commit(partial(_delete_files, files))


def make_smaller(product_public_id: str) -> int:
    """Make the smaller copies that a product's pictures lack; returns how many pictures got some."""
    waiting = ProductImage.objects.filter(product__public_id=product_public_id, small="")
    made = 0
    for image in waiting.order_by("pk"):
        try:
            source = image.file.open("rb")
            with source:
                smaller = [(side, shrink_kept(source, side)) for side in (MEDIUM, SMALL)]
        except (FileNotFoundError, UnidentifiedImageError):
            # Drawings of the demo, and files an operator lost: shown, or not, as they are.
            continue
        for side, content in smaller:
            field = image.medium if side == MEDIUM else image.small
            field.save(f"{new_public_id('img')}.webp", content, save=False)
        image.save(update_fields=["medium", "small"])
        made += 1
    return made


def _delete_files(names: Sequence[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _lock(product: Product) -> tuple[Product, list[ProductImage]]:
    """Lock the product, which stands for the order of its pictures; returns it with them."""
    [locked] = lock_by_pk(Product.objects.filter(pk=product.pk))
    return locked, list(ProductImage.objects.filter(product=locked).order_by("position", "pk"))


def _one_of(images: Sequence[ProductImage], image: ProductImage) -> ProductImage:
    for item in images:
        if item.pk == image.pk:
            return item
    raise DomainError("catalog.image_gone", _("This picture was taken away meanwhile."))


def _clean(alt: str) -> str:
    return " ".join(alt.split())[:MAX_ALT]


def _finish(
    product: Product,
    images: Sequence[ProductImage],
    image: ProductImage,
    step: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the product's main picture in step and write the fact down."""
    main = images[0].file.name if images else ""
    if product.image.name != main:
        product.image = main
        product.save(update_fields=["image", "updated_at"])
    journal.record(
        events.PHOTO_CHANGED,
        merchant=product.merchant,
        subject=product,
        actor=actor,
        now=now,
        payload={"image": image.public_id, "step": step},
    )
