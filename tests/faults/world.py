"""The company that is sold out under fire: made, and judged afterwards. Run as a program of its own.

``python -m tests.faults.world prepare URL`` prints token and SKUs; ``… judge`` prints the facts.
"""

from __future__ import annotations

import json
import os
import sys

import django

PLENTY = [f"SKU-{n:02}" for n in range(1, 31)]
# Three SKUs are scarce, so that refusals for want of stock happen under fire too.
SCARCE = {"SCARCE-1": 60, "SCARCE-2": 60, "SCARCE-3": 60}
UNITS = 1_000_000
WEBHOOK_EVENT = "order.completed"


def prepare(webhook_url: str) -> dict[str, object]:
    """Make merchant, goods, stock, an API key and a webhook endpoint; return what clients need."""
    from django_scopes import scope, scopes_disabled

    from apps.common.clock import utc_now
    from apps.finance import services as finance
    from apps.journal.actors import system_actor
    from apps.logistics import services as logistics
    from apps.markets import services as markets
    from apps.merchants.models import Merchant, Store
    from apps.partners import services as partners
    from apps.sandbox.models import SandboxTenant

    now, actor = utc_now(), system_actor("faults")
    markets.open_markets()
    finance.open_fee_rules()
    logistics.load_network(now=now)
    with scopes_disabled():
        merchant = Merchant.objects.create(name="Under Fire", base_currency="EUR")
        Store.objects.create(merchant=merchant, name="Under Fire")
        SandboxTenant.objects.create(merchant=merchant, pace=SandboxTenant.Pace.INSTANT)
    with scope(merchant=merchant):
        _stock(merchant, actor, now)
        made = partners.create_key(
            merchant, name="Under fire", scopes=["orders:write"], actor=actor, now=now
        )
        partners.create_endpoint(
            merchant, url=webhook_url, events_wanted=[WEBHOOK_EVENT], actor=actor, now=now
        )
    return {"token": made.secret, "skus": [*PLENTY, *SCARCE], "merchant": merchant.pk}


def _stock(merchant, actor, now) -> None:
    from apps.catalog import services as catalog
    from apps.catalog.models import Variant
    from apps.catalog.services import PriceDraft, ProductDraft, VariantDraft
    from apps.inventory import services as inventory
    from apps.inventory.models import Node
    from apps.markets.models import Market

    draft = ProductDraft(
        title="Cup",
        variants=tuple(VariantDraft(sku=sku, weight_g=300) for sku in [*PLENTY, *SCARCE]),
        origin_country="CN",
        hs_code="691200",
        customs_name="Stoneware cup",
    )
    product = catalog.create_product(draft, merchant=merchant, actor=actor, now=now)
    variants = list(Variant.objects.filter(product=product).select_related("product"))
    germany = Market.objects.get(code="DE")
    prices = [PriceDraft(variant, germany, 1290) for variant in variants]
    catalog.list_in_markets(prices, merchant=merchant, actor=actor, now=now)
    node = inventory.create_node(
        merchant,
        code="HUB",
        name="Hub",
        kind=Node.Kind.MERCHANT_HUB,
        country="CN",
        actor=actor,
        now=now,
    )
    inventory.receive_stock(
        merchant,
        node=node,
        quantities={item: SCARCE.get(item.sku, UNITS) for item in variants},
        reference="faults",
        actor=actor,
        now=now,
    )


def open_work() -> dict[str, int]:
    """Return what is not finished yet: orders, journal entries, webhook deliveries."""
    from django_scopes import scopes_disabled

    from apps.journal.models import JournalEntry
    from apps.orders.models import Order
    from apps.orders.states import END_STATES
    from apps.partners.models import WebhookDelivery

    with scopes_disabled():
        return {
            "orders": Order.objects.exclude(status__in=END_STATES).count(),
            "entries": JournalEntry.objects.exclude(state=JournalEntry.State.DONE).count(),
            "webhooks": WebhookDelivery.objects.filter(delivered_at=None).count(),
        }


def hurry() -> dict[str, int]:
    """Let what waits for its next attempt be due now: the shaking is over."""
    from django_scopes import scopes_disabled

    from apps.common.clock import utc_now
    from apps.common.db import retry_transaction
    from apps.journal.models import JournalEntry, Receipt
    from apps.partners.models import WebhookDelivery

    now = utc_now()

    @retry_transaction
    def update() -> dict[str, int]:
        return {
            "webhooks": WebhookDelivery.objects.filter(
                delivered_at=None, next_attempt_at__gt=now
            ).update(next_attempt_at=now),
            "receipts": Receipt.objects.filter(state=Receipt.State.FAILED).update(
                next_attempt_at=now
            ),
            "entries": JournalEntry.objects.filter(state=JournalEntry.State.SENT).update(
                next_attempt_at=now
            ),
        }

    with scopes_disabled():
        return update()


def judge() -> dict[str, object]:
    """Return the facts the verdict is made of, counted from the tables."""
    from collections import Counter

    from django_scopes import scope

    from apps.common.models import IdempotencyRecord
    from apps.finance import selectors as finance
    from apps.inventory.models import StockBalance, StockPosting
    from apps.inventory.selectors import find_wrong_balances
    from apps.journal.chain import find_faults
    from apps.journal.models import JournalEntry, Receipt
    from apps.merchants.models import Merchant
    from apps.orders.models import Order, OrderLine
    from apps.partners.models import WebhookDelivery

    merchant = Merchant.objects.get(name="Under Fire")
    with scope(merchant=merchant):
        lines = OrderLine.objects.values_list("variant_id", "quantity")
        sold: Counter[int] = Counter()
        for variant, quantity in lines:
            sold[variant] += quantity
        received = dict(
            StockPosting.objects.filter(reason="received").values_list(
                "balance__variant_id", "quantity"
            )
        )
        left = {b.variant_id: (b.available, b.reserved) for b in StockBalance.objects.all()}
        return {
            "orders": dict(Order.objects.values_list("public_id", "status")),
            "keys": {
                row.key: json.loads(row.body).get("id")
                for row in IdempotencyRecord.objects.filter(status=201)
            },
            "stock_exact": all(
                left[variant] == (received[variant] - sold[variant], 0) for variant in received
            ),
            "wrong_balances": len(find_wrong_balances(merchant)),
            "ledger": finance.sum_ledger(merchant),
            "unbalanced": len(list(finance.find_unbalanced(merchant))),
            "chain_faults": [str(fault) for fault in find_faults(merchant.pk)],
            "dead_letters": Receipt.objects.exclude(state=Receipt.State.DONE).count(),
            "entries": JournalEntry.objects.count(),
            "republished": sum(
                max(0, n - 1) for n in JournalEntry.objects.values_list("attempts", flat=True)
            ),
            "completed_events": list(
                JournalEntry.objects.filter(event=WEBHOOK_EVENT).values_list("public_id", flat=True)
            ),
            "webhooks": list(WebhookDelivery.objects.values_list("entry_id", flat=True)),
            "order_steps": max(
                Counter(
                    JournalEntry.objects.filter(event=WEBHOOK_EVENT).values_list(
                        "subject_id", flat=True
                    )
                ).values(),
                default=0,
            ),
        }


def main() -> None:
    """Do what the arguments say and print one line of JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.dev")
    django.setup()
    action = sys.argv[1]
    actions = {
        "prepare": lambda: prepare(sys.argv[2]),
        "open": open_work,
        "hurry": hurry,
        "judge": judge,
    }
    result = actions[action]()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
