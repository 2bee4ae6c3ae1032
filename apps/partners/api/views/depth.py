"""One product with its facts, attributes and texts, and previews of edits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from msgspec import UNSET, structs

from apps.catalog import selectors as catalog
from apps.catalog import services
from apps.catalog.attribute_rules import find_lacking
from apps.catalog.category_selectors import list_specs
from apps.catalog.fact_rules import document_state
from apps.catalog.fact_selectors import get_facts, list_documents
from apps.catalog.models import Party, Product, ProductDocument, ProductFacts
from apps.catalog.previews import Preview, SourceEdit, preview_edit
from apps.catalog.services.facts import FactValue
from apps.catalog.services.texts import digest_of
from apps.catalog.text_selectors import (
    list_market_texts,
    listed_markets,
    load_overrides,
    load_texts,
    locales_of,
)
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.catalog import ProductChanges, ProductView
from apps.partners.api.structs.depth import (
    Decision,
    DocumentView,
    FactChangeView,
    FactsChanges,
    FactsView,
    GateChangeView,
    MarketTextList,
    MarketTextView,
    PartyView,
    PreviewRequest,
    PreviewView,
    ProductDetail,
    TextChanges,
    TextChangeView,
    TextView,
)
from apps.partners.api.views.products import product_view

_DECIMALS = ("battery_wh", "battery_lithium_g")


class OneProductView(PartnerView):
    """One product."""

    @operation("products.get", scope="products:read", answers={200: ProductDetail})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one product with its category, attributes, facts, texts and papers."""
        return Answer(read_detail(call.merchant, call.path["product_id"], call.now))

    @operation(
        "products.update", scope="products:write", body=ProductChanges, answers={200: ProductView}
    )
    def patch(self, call: Call[Nothing, ProductChanges]) -> Answer:
        """Change fields of a product; what is absent stays."""
        product = catalog.get_product(call.merchant, call.path["product_id"])
        changes = {
            name: value
            for name, value in structs.asdict(call.body).items()
            if isinstance(value, str)
        }
        services.update_product(product, changes, actor=call.actor, now=call.now)
        return Answer(product_view(catalog.get_product(call.merchant, product.public_id)))


class FactsOfProductView(PartnerView):
    """Category, attributes and safety facts of one product."""

    @operation(
        "products.update_facts",
        scope="products:write",
        body=FactsChanges,
        answers={200: ProductDetail},
    )
    def patch(self, call: Call[Nothing, FactsChanges]) -> Answer:
        """Change the category, typed attributes and safety facts of a product.

        All of it is saved or none. Attributes are checked by the rules of the category
        (`GET /categories/attributes`); each wrong field gets one sentence.
        """
        product = catalog.get_product(call.merchant, call.path["product_id"])
        changes = {k: v for k, v in structs.asdict(call.body).items() if v is not UNSET}
        code, attributes = changes.pop("category_code", None), changes.pop("attributes", None)
        with transaction.atomic():
            if code is not None:
                services.choose_category(product, code, actor=call.actor, now=call.now)
            if attributes is not None:
                services.set_attributes(product, attributes, actor=call.actor, now=call.now)
            if changes:
                services.set_facts(product, _facts(changes), actor=call.actor, now=call.now)
        return Answer(read_detail(call.merchant, product.public_id, call.now))


class TextOfProductView(PartnerView):
    """A product's texts in one language."""

    @operation(
        "products.put_text", scope="products:write", body=TextChanges, answers={200: ProductDetail}
    )
    def put(self, call: Call[Nothing, TextChanges]) -> Answer:
        """Set title and description of a product in one language, such as `de` or `zh-Hans`.

        When both are empty the language is gone.
        """
        product = catalog.get_product(call.merchant, call.path["product_id"])
        services.set_product_text(
            product, call.path["locale"], _texts(call.body), actor=call.actor, now=call.now
        )
        return Answer(read_detail(call.merchant, product.public_id, call.now))


class MarketTextsView(PartnerView):
    """What the buyers of each market read."""

    @operation("products.list_market_texts", scope="products:read", answers={200: MarketTextList})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List title and description of a product in each market it is listed in."""
        return Answer(_market_texts(catalog.get_product(call.merchant, call.path["product_id"])))


class OneMarketTextView(PartnerView):
    """What one market says instead of the product."""

    @operation(
        "products.put_market_text",
        scope="products:write",
        body=TextChanges,
        answers={200: MarketTextList},
    )
    def put(self, call: Call[Nothing, TextChanges]) -> Answer:
        """Say something else in one market; an empty text follows the product again."""
        product, market = _listed(call.merchant, call.path["product_id"], call.path["market_code"])
        services.override_texts(product, market, _texts(call.body), actor=call.actor, now=call.now)
        return Answer(_market_texts(product))


class MarketTextDecisionView(PartnerView):
    """A conflict between a market's own text and its changed source."""

    @operation(
        "products.decide_market_text",
        scope="products:write",
        body=Decision,
        answers={200: MarketTextList},
    )
    def post(self, call: Call[Nothing, Decision]) -> Answer:
        """End a conflict: keep the market's own text, or take the source's.

        With `seen` of the listing, a source that changed meanwhile answers 409.
        """
        product, market = _listed(call.merchant, call.path["product_id"], call.path["market_code"])
        body = call.body
        services.decide_text(
            product,
            market,
            body.field,
            body.decision,
            seen=body.seen,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_market_texts(product))


class PreviewOfProductView(PartnerView):
    """An edit of a product before it is saved."""

    @operation(
        "products.preview",
        scope="products:read",
        body=PreviewRequest,
        answers={200: PreviewView},
    )
    def post(self, call: Call[Nothing, PreviewRequest]) -> Answer:
        """Tell what an edit would change in each market; nothing is saved.

        Markets that inherit a text change, those with their own text keep it and may come into
        conflict, and listings may lose or gain what they need to be on sale.
        """
        product = catalog.get_product(call.merchant, call.path["product_id"])
        body = call.body
        edit = SourceEdit(
            {k: v for k, v in structs.asdict(body.product).items() if isinstance(v, str)},
            {locale: _texts(text) for locale, text in body.texts.items()},
            body.weights,
        )
        return Answer(_preview(preview_edit(product, edit)))


def read_detail(merchant: Merchant, product_id: str, now: datetime) -> ProductDetail:
    """Return a product with everything known about it; raises ``Product.DoesNotExist``."""
    product = (
        catalog.list_products(merchant).select_related("category_ref").get(public_id=product_id)
    )
    facts, texts = get_facts(product), load_texts(product)
    specs = list_specs(product.category_ref)
    short = product_view(product)
    return ProductDetail(
        **{name: getattr(short, name) for name in short.__struct_fields__},
        category_code=product.category_ref.code if product.category_ref else "",
        attributes=facts.attributes,
        lacking={
            market: [spec.key for spec in find_lacking(specs, facts.attributes, market)]
            for market in sorted(listed_markets(product))
        },
        facts=_facts_view(facts),
        texts=[
            TextView(name, text["title"], text["description"])
            for name, text in texts.by_locale.items()
        ],
        documents=[_document_view(item, now) for item in list_documents(product)],
    )


def party_view(party: Party) -> PartyView:
    """Return a company as the API writes it."""
    return PartyView(
        party.public_id,
        party.kind,
        party.name,
        party.address,
        party.country,
        party.email,
        party.website,
        party.is_active,
    )


def _facts(changes: dict[str, str | int | bool | None]) -> dict[str, FactValue]:
    made: dict[str, FactValue] = dict(changes)
    for name in _DECIMALS:
        value = changes.get(name)
        if isinstance(value, str):
            made[name] = Decimal(value)
    return made


def _texts(body: TextChanges) -> dict[str, str]:
    return {k: v for k, v in structs.asdict(body).items() if isinstance(v, str)}


def _listed(merchant: Merchant, product_id: str, code: str) -> tuple[Product, Market]:
    product = catalog.get_product(merchant, product_id)
    try:
        return product, listed_markets(product)[code]
    except KeyError as error:
        raise Market.DoesNotExist from error


def _market_texts(product: Product) -> MarketTextList:
    rows = list_market_texts(
        locales_of(listed_markets(product)), load_texts(product), load_overrides(product)
    )
    return MarketTextList(
        [
            MarketTextView(
                row.market,
                row.locale,
                row.field,
                row.state.value,
                row.shown,
                row.source,
                row.source_was,
                digest_of(row.source),
            )
            for row in rows
        ]
    )


def _facts_view(facts: ProductFacts) -> FactsView:
    return FactsView(
        battery=facts.battery,
        battery_wh=_plain(facts.battery_wh),
        battery_lithium_g=_plain(facts.battery_lithium_g),
        battery_count=facts.battery_count,
        dangerous=facts.dangerous,
        un_number=facts.un_number,
        hazard_class=facts.hazard_class,
        packing_group=facts.packing_group,
        is_limited_quantity=facts.is_limited_quantity,
        has_magnet=facts.has_magnet,
        has_liquid=facts.has_liquid,
        has_powder=facts.has_powder,
        manufacturer=party_view(facts.manufacturer) if facts.manufacturer else None,
        eu_responsible=party_view(facts.eu_responsible) if facts.eu_responsible else None,
        uk_responsible=party_view(facts.uk_responsible) if facts.uk_responsible else None,
        importer=party_view(facts.importer) if facts.importer else None,
    )


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _document_view(document: ProductDocument, now: datetime) -> DocumentView:
    return DocumentView(
        document.public_id,
        document.kind,
        document.name,
        document.content_type,
        document.size,
        document.sha256,
        document.issued_on,
        document.valid_until,
        document_state(document.status, document.valid_until, now.date()),
    )


def _preview(told: Preview) -> PreviewView:
    return PreviewView(
        list(told.markets),
        [FactChangeView(item.field, item.sku, item.before, item.after) for item in told.facts],
        [
            TextChangeView(
                item.market,
                item.field,
                item.state.value,
                item.following.value,
                item.shown,
                item.becomes,
            )
            for item in told.texts
        ],
        [
            GateChangeView(
                item.sku,
                item.market,
                item.status,
                list(item.missing),
                list(item.missing_after),
            )
            for item in told.gates
        ],
    )
