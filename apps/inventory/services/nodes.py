"""Places that hold stock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.inventory.models import Node
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant


def create_node(
    merchant: Merchant,
    *,
    code: str,
    name: str,
    kind: str,
    country: str,
    actor: Actor,
    now: datetime,
) -> Node:
    """Open a place that holds the merchant's stock."""
    with transaction.atomic():
        node: Node = Node.objects.create(
            merchant=merchant, code=code, name=name, kind=kind, country=country
        )
        journal.record("node.opened", merchant=merchant, subject=node, actor=actor, now=now)
    return node
