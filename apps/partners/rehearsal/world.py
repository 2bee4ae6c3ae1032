"""The company of a rehearsal: one product, one price, so many units – and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django_scopes import scope, scopes_disabled

from apps.catalog import services as catalog
from apps.catalog.models import Variant
from apps.catalog.services import PriceDraft, ProductDraft, VariantDraft
from apps.inventory import hot
from apps.inventory import services as inventory
from apps.inventory.models import Node, StockPosting
from apps.inventory.selectors import find_wrong_balances, sum_stock
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.logistics import services as logistics
from apps.markets import services as markets
from apps.markets.models import Market
from apps.merchants.models import Merchant, Store
from apps.orders.models import Order, OrderLine
from apps.partners import services as partners

SKU = "FLASH"
MARKET = "DE"
_NAME = "Flash sale rehearsal"
_ACTOR = system_actor("rehearsal")
_PRICE_MINOR = 990


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says after the sale, in units and orders."""

    orders: int
    sold: int
    reserved: int
    available: int
    received: int
    announced: int
    wrong_balances: int
    order_ids: list[str]


def make_company(*, units: int, is_hot: bool, now: datetime) -> str:
    """Make the company with its stock and return the secret of a key that may send orders."""
    markets.open_markets()
    logistics.load_network(now=now)
    with scopes_disabled():
        merchant = Merchant.objects.create(name=_NAME, base_currency="EUR")
        Store.objects.create(merchant=merchant, name=_NAME)
    with scope(merchant=merchant):
        _stock(merchant, units, is_hot=is_hot, now=now)
        made = partners.create_key(
            merchant, name=_NAME, scopes=["orders:write"], actor=_ACTOR, now=now
        )
    return made.secret


def _stock(merchant: Merchant, units: int, *, is_hot: bool, now: datetime) -> None:
    draft = ProductDraft(
        title="Lantern of the hour",
        variants=(VariantDraft(sku=SKU, weight_g=300),),
        origin_country="CN",
        hs_code="940511",
        customs_name="Paper lantern",
    )
    product = catalog.create_product(draft, merchant=merchant, actor=_ACTOR, now=now)
    variant = Variant.objects.select_related("product").get(product=product)
    price = PriceDraft(variant, Market.objects.get(code=MARKET), _PRICE_MINOR)
    catalog.list_in_markets([price], merchant=merchant, actor=_ACTOR, now=now)
    node = inventory.create_node(
        merchant,
        code="HUB",
        name="Hub",
        kind=Node.Kind.MERCHANT_HUB,
        country="CN",
        actor=_ACTOR,
        now=now,
    )
    inventory.receive_stock(
        merchant, node=node, quantities={variant: units}, reference=SKU, actor=_ACTOR, now=now
    )
    if is_hot:
        hot.heat_balances(merchant, variants=[variant], actor=_ACTOR, now=now)


def read_outcome() -> Found:
    """Count what the sale left: orders, units and postings."""
    with scopes_disabled():
        merchant = Merchant.objects.get(name=_NAME)
    with scope(merchant=merchant):
        stock = sum_stock(merchant)
        ids = list(Order.objects.exclude(status="cancelled").values_list("public_id", flat=True))
        lines = OrderLine.objects.exclude(order__status="cancelled")
        posted = StockPosting.objects.filter(reason="received").values_list("quantity", flat=True)
        return Found(
            orders=len(ids),
            sold=sum(lines.values_list("quantity", flat=True)),
            reserved=stock["reserved"],
            available=stock["available"],
            received=sum(posted),
            announced=JournalEntry.objects.filter(event="order.placed").count(),
            wrong_balances=len(find_wrong_balances(merchant)),
            order_ids=sorted(ids),
        )


def as_dict(found: Found) -> dict[str, object]:
    """Return the facts as plain values."""
    return asdict(found)


def list_faults(
    found: Found, *, accepted: Sequence[str], buyers: int, units_each: int
) -> list[str]:
    """Return what does not hold after so many buyers; ``accepted`` are the order ids they got."""
    expected = min(found.received // units_each, buyers) * units_each
    checks = {
        f"sold {found.sold}, should be {expected}": found.sold == expected,
        f"oversold by {found.sold - found.received}": found.sold <= found.received,
        "an accepted order is missing": set(accepted) <= set(found.order_ids),
        "an order nobody was told of": set(found.order_ids) <= set(accepted),
        "an order was answered twice": len(set(accepted)) == len(accepted),
        f"{found.reserved} units reserved for {found.sold} sold": found.reserved == found.sold,
        "units vanished": found.available + found.reserved == found.received,
        f"{found.announced} orders announced": found.announced == found.orders,
        f"{found.wrong_balances} balances differ from their postings": not found.wrong_balances,
    }
    return [text for text, holds in checks.items() if not holds]
