"""The portal and the plain view that the catalogue measurement calls, in one process."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from rest_framework import generics, pagination, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory

from apps.accounts.models import User
from apps.catalog.models import Listing
from apps.inventory.models import Node
from apps.journal.actors import system_actor
from apps.markets.services import open_markets
from apps.merchants.models import Member, Merchant, Role
from apps.partners import services as partners
from bench.perf.catalog_list import Case
from bench.perf.rig.catalogue import Catalogue, sku_of

_ACTOR = system_actor("benchmark")


class PlainSerializer(serializers.ModelSerializer[Listing]):
    """A listing as the framework writes it, with the same facts as ours."""

    sku = serializers.CharField(source="variant.sku")
    title = serializers.CharField(source="variant.product.title")
    market = serializers.CharField(source="market.code")

    class Meta:
        """The same columns as our list of listings."""

        model = Listing
        fields = (
            *("public_id", "sku", "title", "market", "status", "model", "price_minor", "currency"),
            *("refusal", "updated_at"),
        )


class PlainPages(pagination.PageNumberPagination):
    """Fifty to a page, counted."""

    page_size = 50


class PlainView(generics.ListAPIView[Listing]):
    """The peer: filters by text as most applications do."""

    serializer_class = PlainSerializer
    pagination_class = PlainPages
    renderer_classes = (JSONRenderer,)
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def get_queryset(self) -> QuerySet[Listing]:
        """Return the listings whose product's title holds the text, the newest first."""
        found = Listing.objects.select_related("variant__product", "market").order_by("-pk")
        text = self.request.GET.get("q")
        return found.filter(variant__product__title__icontains=text) if text else found


class Site:
    """One merchant with a growing catalogue, a key and a signed-in person."""

    def __init__(self) -> None:
        """Make the tables, the merchant and its doors."""
        self._settings = override_settings(
            SECURE_SSL_REDIRECT=False,
            PARTNER_CALLS_PER_MINUTE=10_000_000,
            USERSESSIONS_TRACK_ACTIVITY=False,
            STORAGES={
                "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
                "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
            },
        )
        self._settings.enable()
        call_command("migrate", verbosity=0)
        open_markets()
        self.application = get_wsgi_application()
        self.merchant = Merchant.objects.create(name="Benchmark Trading")
        with scope(merchant=self.merchant):
            self._open()

    def _open(self) -> None:
        node = Node.objects.create(
            merchant=self.merchant, code="MAIN", name="Main", kind="merchant_hub", country="CN"
        )
        self.catalogue = Catalogue(self.merchant, node)
        user = User.objects.create(email="bench@example.com", full_name="Bench", language="en")
        Member.objects.create(merchant=self.merchant, user=user, role=Role.OWNER)
        now = timezone.now()
        made = partners.create_key(
            self.merchant,
            name="bench",
            scopes=["products:read", "orders:read"],
            actor=_ACTOR,
            now=now,
        )
        self.key = made.secret
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        self.cookie = "; ".join(f"{name}={item.value}" for name, item in client.cookies.items())

    def grow(self, size: int) -> None:
        """Add products until there are so many listings."""
        self.catalogue.grow(size)

    def cases(self) -> list[Case]:
        """Return what is measured at the size the catalogue has now."""
        sku = sku_of(self.catalogue.size // 2)
        texts = {
            "a word of 5 %": "lamp",
            "two words": "rattan lamp",
            "a beginning": "la",
            "an exact SKU": sku,
            "the start of a SKU": sku[:-2],
            "Chinese": "吊灯",
            "nothing": "zzz",
        }
        listed = [
            Case("API me: the way through the stack", self._api("/me")),
            Case("API products", self._api("/products"), 2),
            Case("API listings", self._api("/listings"), 2),
            Case(
                "API listings, market and status", self._api("/listings?market=DE&status=live"), 2
            ),
            Case("API listings, refused", self._api("/listings?status=rejected"), 2),
            Case("API listings, deep page", self._deep("/listings"), 2),
            Case("web page", self._web("/products/")),
            Case("web page, refused in DE", self._web("/products/?view=rejected&market=DE")),
            Case("web page, sold out", self._web("/products/?view=sold_out")),
            Case("web page, brand and market", self._web("/products/?market=US&brand=Brand 7")),
        ]
        found = [
            Case(f"API products, {name}", self._api(f"/products?q={quote(text)}"), 22)
            for name, text in texts.items()
        ]
        palette = [
            Case(f"palette, {name}", self._web(f"/search/palette?q={quote(text)}"))
            for name, text in texts.items()
            if name in {"a word of 5 %", "a beginning", "an exact SKU"}
        ]
        peers = [
            Case("plain view, listings", self._plain("")),
            Case("plain view, a word of 5 %", self._plain("lamp")),
            Case("plain view, nothing", self._plain("zzz")),
        ]
        return [*listed, *found, *palette, *peers]

    def _api(self, path: str) -> Callable[[], bytes]:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.key}"}
        return lambda: self._call(f"/api/v1{path}", headers)

    def _web(self, path: str) -> Callable[[], bytes]:
        return lambda: self._call(path, {"HTTP_COOKIE": self.cookie})

    def _deep(self, path: str) -> Callable[[], bytes]:
        from apps.common.pagination import encode_cursor

        with scopes_disabled():
            first = Listing.objects.order_by("pk").values_list("pk", flat=True)[0]
        middle = first + self.catalogue.size * 2
        return self._api(f"{path}?cursor={encode_cursor(middle, middle)}")

    def _plain(self, text: str) -> Callable[[], bytes]:
        requests, view = APIRequestFactory(), PlainView.as_view()

        def call() -> bytes:
            with scope(merchant=self.merchant):
                content: bytes = (
                    view(requests.get("/plain", {"q": text}, HTTP_HOST="127.0.0.1"))
                    .render()
                    .content
                )
            return content

        return call

    def _call(self, address: str, headers: dict[str, str]) -> bytes:
        path, _mark, query = address.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query.replace(" ", "%20"),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "443",
            "HTTP_HOST": "127.0.0.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            **headers,
        }
        told: list[str] = []
        parts = self.application(environ, lambda status, _headers: told.append(status))
        body = b"".join(parts)
        close = getattr(parts, "close", None)
        if close is not None:
            close()
        if not told[0].startswith("200"):
            raise RuntimeError(f"{address} answered {told[0]}: {body[:300]!r}")
        return body
