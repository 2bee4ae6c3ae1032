"""Nodes and stock."""

from __future__ import annotations

import factory
from django_scopes import scope

from apps.catalog.models import Variant
from apps.inventory import services as inventory
from apps.inventory.models import Node
from apps.journal.actors import system_actor
from tests.factories.merchants import MerchantFactory, ScopelessFactory


class NodeFactory(ScopelessFactory):
    """A merchant's hub in Shenzhen."""

    class Meta:
        model = Node

    merchant = factory.SubFactory(MerchantFactory)
    code = factory.Sequence(lambda n: f"SZX{n}")
    name = "Shenzhen hub"
    kind = Node.Kind.MERCHANT_HUB
    country = "CN"


def put_stock(variant: Variant, quantity: int, *, now, node: Node | None = None) -> Node:
    """Receive units of a variant at a node (a new one unless given) through the service."""
    place = node or NodeFactory(merchant=variant.merchant)
    with scope(merchant=variant.merchant):
        inventory.receive_stock(
            variant.merchant,
            node=place,
            quantities={variant: quantity},
            reference=f"test:{variant.pk}:{place.pk}:{quantity}",
            actor=system_actor("tests"),
            now=now,
        )
    return place
