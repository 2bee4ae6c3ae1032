"""The pictures of a product: adding, ordering, describing, taking away, and the files themselves."""

from __future__ import annotations

from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import ImageFieldFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import selectors as catalog
from apps.catalog import services as catalog_services
from apps.catalog.models import Product, ProductImage
from apps.catalog.services.images import Step
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, member_page
from apps.dashboard.web.products import field_error, found_product, refused, saved
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

_STEPS = ("first", "earlier", "later")


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def add(request: MemberRequest, product_id: str) -> HttpResponse:
    """Add a picture to the product."""
    found = found_product(request, product_id)
    photo = request.FILES.get("photo")
    try:
        if not isinstance(photo, UploadedFile):
            raise field_error("photo", _("Choose a picture first."))
        catalog_services.add_image(
            found,
            photo,
            alt=request.POST.get("alt", ""),
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return refused(request, found, error)
    return saved(request, found, _("Picture added."))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def describe(request: MemberRequest, product_id: str, image_id: str) -> HttpResponse:
    """Say what a picture shows."""
    image = _found_image(request, product_id, image_id)
    alt = request.POST.get("alt", "")
    catalog_services.describe_image(image, alt, actor=user_actor(request.user), now=utc_now())
    return saved(request, image.product, _("Saved."))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def move(request: MemberRequest, product_id: str, image_id: str) -> HttpResponse:
    """Move a picture one place, or to the front."""
    image = _found_image(request, product_id, image_id)
    step = request.POST.get("step", "")
    if step not in _STEPS:
        raise DomainError("catalog.unknown_step", _("This step does not exist."), status=400)
    catalog_services.move_image(
        image, cast("Step", step), actor=user_actor(request.user), now=utc_now()
    )
    return saved(request, image.product, _("Order of the pictures changed."))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def delete(request: MemberRequest, product_id: str, image_id: str) -> HttpResponse:
    """Take a picture away."""
    image = _found_image(request, product_id, image_id)
    catalog_services.delete_image(image, actor=user_actor(request.user), now=utc_now())
    return saved(request, image.product, _("Picture deleted."))


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def photo(request: MemberRequest, product_id: str) -> HttpResponseBase:
    """Answer the product's main picture to members only; nothing in it may run."""
    own = Product.objects.filter(merchant=request.member.merchant)
    found: Product = find_or_404(own.get, public_id=product_id)
    if request.GET.get("size") == "small":
        main = ProductImage.objects.filter(product=found).order_by("position", "pk").first()
        if main is not None and main.small:
            return _answer(main.small)
    return _answer(found.image)


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def file(request: MemberRequest, product_id: str, image_id: str) -> HttpResponseBase:
    """Answer one picture, ``?size=small`` or ``medium`` once a worker has made them."""
    image = _found_image(request, product_id, image_id)
    smaller = {"small": image.small, "medium": image.medium}.get(request.GET.get("size", ""))
    return _answer(smaller or image.file)


def _found_image(request: MemberRequest, product_id: str, image_id: str) -> ProductImage:
    return find_or_404(catalog.get_image, request.member.merchant, product_id, image_id)


def _answer(kept: ImageFieldFile) -> HttpResponseBase:
    if not kept:
        raise Http404
    try:
        response = FileResponse(kept.open("rb"))
    except FileNotFoundError as error:
        raise Http404 from error
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
