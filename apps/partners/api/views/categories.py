"""The category tree with its attributes, and the companies that answer for products."""

from __future__ import annotations

from decimal import Decimal

from django.utils import translation
from msgspec import structs

from apps.catalog import category_selectors as categories
from apps.catalog import services
from apps.catalog.attribute_rules import AttributeSpec
from apps.catalog.fact_selectors import get_party, list_parties
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.depth import (
    AttributeList,
    AttributesQuery,
    AttributeView,
    CategoryList,
    CategoryQuery,
    CategoryView,
    NewParty,
    PartyChanges,
    PartyList,
    PartyView,
)
from apps.partners.api.views.depth import party_view


class CategoriesView(PartnerView):
    """The category tree."""

    @operation(
        "categories.list", scope="products:read", query=CategoryQuery, answers={200: CategoryList}
    )
    def get(self, call: Call[CategoryQuery, Nothing]) -> Answer:
        """Find categories by words of their path, or by their number; none without `q`."""
        with translation.override(call.query.language):
            found = categories.search_categories(call.query.q, limit=call.query.limit)
        return Answer(
            CategoryList(
                [
                    CategoryView(row.code, row.name, row.path, row.depth, row.is_leaf)
                    for row in found
                ]
            )
        )


class CategoryAttributesView(PartnerView):
    """The attributes of one category."""

    @operation(
        "categories.attributes",
        scope="products:read",
        query=AttributesQuery,
        answers={200: AttributeList},
        errors=(404,),
    )
    def get(self, call: Call[AttributesQuery, Nothing]) -> Answer:
        """List the attributes that products of a category may or must have."""
        category = categories.get_category(call.query.code)
        with translation.override(call.query.language):
            specs = categories.list_specs(category)
        return Answer(AttributeList([_attribute(spec) for spec in specs]))


class PartiesView(PartnerView):
    """The companies that answer for products."""

    @operation("parties.list", scope="products:read", answers={200: PartyList})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List manufacturers, responsible persons and importers."""
        return Answer(PartyList([party_view(party) for party in list_parties(call.merchant)]))

    @operation("parties.create", scope="products:write", body=NewParty, answers={201: PartyView})
    def post(self, call: Call[Nothing, NewParty]) -> Answer:
        """Add a company that answers for products."""
        draft = services.PartyDraft(**structs.asdict(call.body))
        party = services.add_party(draft, merchant=call.merchant, actor=call.actor, now=call.now)
        return Answer(party_view(party), 201)


class OnePartyView(PartnerView):
    """One company that answers for products."""

    @operation(
        "parties.update", scope="products:write", body=PartyChanges, answers={200: PartyView}
    )
    def patch(self, call: Call[Nothing, PartyChanges]) -> Answer:
        """Change a company for all its products; what is absent stays."""
        party = get_party(call.merchant, call.path["party_id"])
        changes = {
            name: value
            for name, value in structs.asdict(call.body).items()
            if isinstance(value, str | bool)
        }
        changed = services.update_party(party, changes, actor=call.actor, now=call.now)
        return Answer(party_view(changed))


def _attribute(spec: AttributeSpec) -> AttributeView:
    return AttributeView(
        spec.key,
        spec.label,
        spec.kind,
        spec.unit,
        spec.is_required,
        list(spec.markets),
        list(spec.choices),
        _plain(spec.min_value),
        _plain(spec.max_value),
        spec.min_length,
        spec.max_length,
        spec.pattern,
        spec.basis,
        spec.category,
    )


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"
