"""Pictures of products: order, text, smaller copies, and likely copies elsewhere."""

from __future__ import annotations

import importlib
import io

import pytest
from django.apps import apps as registry
from django.core.files.storage import default_storage
from django_scopes import scope, scopes_disabled
from PIL import Image, ImageEnhance

from apps.catalog import selectors, services
from apps.catalog.models import ProductImage
from apps.catalog.photos import MAX_PIXELS, distance, find_fingerprint, read_photo, split_bands
from apps.catalog.receivers import make_copies
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from tests.factories.catalog import ProductFactory, draw_picture, make_image, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamp(scoped):
    """A product without pictures."""
    return ProductFactory(merchant=scoped)


def _order(merchant, product) -> list[int]:
    return [image.pk for image in selectors.list_images(merchant, product)]


def test_the_first_picture_is_the_main_one(lamp, scoped, actor, now):
    one, two, three = (make_image(lamp, seed) for seed in (1, 2, 3))
    lamp.refresh_from_db()
    assert (_order(scoped, lamp), lamp.image.name) == ([one.pk, two.pk, three.pk], one.file.name)

    services.move_image(three, "first", actor=actor, now=now)
    services.move_image(one, "later", actor=actor, now=now)
    services.move_image(two, "earlier", actor=actor, now=now)

    lamp.refresh_from_db()
    assert (_order(scoped, lamp), lamp.image.name) == ([two.pk, three.pk, one.pk], two.file.name)
    steps = JournalEntry.objects.filter(event="product.photo_changed").order_by("pk")
    assert [entry.payload["step"] for entry in steps] == ["added"] * 3 + ["moved"] * 3


def test_a_deleted_picture_takes_its_files_along(
    lamp, scoped, actor, now, django_capture_on_commit_callbacks
):
    one, two = make_image(lamp, 1), make_image(lamp, 2)
    services.images.make_smaller(lamp.public_id)
    one.refresh_from_db()
    names = [one.file.name, one.medium.name, one.small.name]

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_image(one, actor=actor, now=now)

    lamp.refresh_from_db()
    assert (_order(scoped, lamp), lamp.image.name) == ([two.pk], two.file.name)
    assert [default_storage.exists(name) for name in names] == [False] * 3
    services.delete_image(two, actor=actor, now=now)
    lamp.refresh_from_db()
    assert not lamp.image
    with pytest.raises(DomainError) as gone:
        services.move_image(two, "first", actor=actor, now=now)
    assert gone.value.code == "catalog.image_gone"


def test_a_product_has_at_most_twelve_pictures(lamp, scoped):
    for seed in range(12):
        make_image(lamp, seed, size=(32, 24))

    with pytest.raises(DomainError) as refused:
        make_image(lamp, 13)
    assert (refused.value.code, len(_order(scoped, lamp))) == ("catalog.too_many_images", 12)


def test_text_of_a_picture_is_tidied(lamp, actor, now):
    image = services.describe_image(
        make_image(lamp), f" A\n lamp {'x' * 300}", actor=actor, now=now
    )

    assert image.alt == f"A lamp {'x' * 193}"


def test_the_worker_makes_smaller_copies_once(lamp):
    image = make_image(lamp, size=(2000, 1000))
    entry = JournalEntry.objects.get(event="product.photo_changed")

    make_copies(entry)
    image.refresh_from_db()
    sizes = [(f.width, f.height) for f in (image.file, image.medium, image.small)]

    assert sizes == [(1200, 600), (480, 240), (160, 80)]
    assert services.images.make_smaller(lamp.public_id) == 0


def test_a_drawing_or_a_lost_file_stays_as_it_is(lamp, scoped):
    image = make_image(lamp)
    default_storage.delete(image.file.name)

    assert services.images.make_smaller(lamp.public_id) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.4\n" + draw_picture(),
        b"<html>" + draw_picture(),
        b"PK\x03\x04" + draw_picture(),
        draw_picture()[:200],
    ],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(DomainError) as refused:
        read_photo(io.BytesIO(content), len(content))

    assert (refused.value.code, refused.value.status) == ("catalog.photo", 422)


def test_what_hides_behind_a_picture_is_left_behind():
    content = draw_picture() + b"PK\x03\x04<script>alert(1)</script>"

    kept = read_photo(io.BytesIO(content), len(content)).content.read()

    assert b"<script>" not in kept
    assert b"PK\x03\x04" not in kept


def test_a_moving_picture_becomes_its_first_frame():
    frames = [Image.open(io.BytesIO(draw_picture(seed))) for seed in (1, 2)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    photo = read_photo(io.BytesIO(out.getvalue()), out.tell())

    assert getattr(Image.open(photo.content), "n_frames", 1) == 1
    assert distance(photo.fingerprint, find_fingerprint(frames[0])) <= 2


def test_a_picture_of_too_many_pixels_is_refused_by_its_header():
    out = io.BytesIO()
    Image.new("1", (8000, MAX_PIXELS // 8000 + 1)).save(out, "PNG")

    with pytest.raises(DomainError, match="40 million pixels"):
        read_photo(io.BytesIO(out.getvalue()), out.tell())


def _changed(change: str) -> bytes:
    picture = Image.open(io.BytesIO(draw_picture(5)))
    if change == "smaller":
        picture = picture.resize((320, 240))
    elif change == "brighter":
        picture = ImageEnhance.Brightness(picture).enhance(1.08)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=60)
    return out.getvalue()


@pytest.mark.parametrize("change", ["again", "smaller", "brighter"])
def test_a_changed_copy_is_near_and_another_picture_is_far(change):
    original = read_photo(io.BytesIO(draw_picture(5)), 1).fingerprint
    other = read_photo(io.BytesIO(draw_picture(6)), 1).fingerprint

    assert distance(original, read_photo(io.BytesIO(_changed(change)), 1).fingerprint) <= 6
    assert distance(original, other) > 6


def test_a_picture_without_structure_has_no_fingerprint(lamp):
    assert find_fingerprint(Image.new("RGB", (100, 100), "white")) == ""
    assert split_bands("") is None
    assert split_bands("0001ffff00020003") == (1, 65535, 2, 3)


def test_copies_are_found_within_the_company_only(
    lamp, scoped, stranger, actor, now, django_assert_num_queries
):
    mine = make_image(lamp, 5)
    twin = ProductFactory(merchant=scoped)
    with scope(merchant=scoped):
        copy = services.add_image(twin, upload(_changed("smaller")), actor=actor, now=now)
    make_image(ProductFactory(merchant=scoped), 6)
    theirs = make_image(ProductFactory(merchant=stranger), 5)

    with django_assert_num_queries(1):
        assert selectors.find_copies([mine], merchant=scoped) == [(mine, copy)]
    assert {other.pk for _image, other in selectors.find_copies([mine])} == {copy.pk, theirs.pk}


def test_photos_from_before_become_first_pictures(lamp, scoped):
    lamp.image = "products/2026/01/old.webp"
    lamp.save()
    migration = importlib.import_module("apps.catalog.migrations.0010_main_photo_to_images")
    with scopes_disabled():
        for _ in range(2):
            migration.add_main_photos(registry, None)

    [image] = ProductImage.objects.filter(product=lamp)
    assert (image.file.name, image.position, image.fingerprint) == (lamp.image.name, 0, "")
