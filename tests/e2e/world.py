"""Fills the portal under test: the demo world, one of everything pages show, and signed-in people.

Run as a process of its own; prints the facts the tests need as one line of JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import django

from tests.e2e.people import LOOKS, make_person, open_session, sign_in_people

if TYPE_CHECKING:
    from apps.merchants.models import Member, Merchant

DAYS = 14
LATE = 21
Facts = dict[str, str]


def main() -> None:
    """Make the world and print its facts."""
    django.setup()
    from django_scopes import scope, scopes_disabled

    from apps.common.clock import utc_now
    from apps.merchants.models import Member, Merchant
    from apps.sandbox.demo.seed import seed_world
    from apps.sandbox.pump import pump

    days = int(sys.argv[1]) if len(sys.argv) > 1 else DAYS
    seed_world(now=utc_now(), days=days, report=lambda _line: None)
    now = utc_now()
    with scopes_disabled():
        merchant = Merchant.objects.get(name="Lanling Home")
        owner = Member.objects.select_related("user", "merchant").get(merchant=merchant)
    with scope(merchant=merchant):
        facts = _add_partners(merchant, owner, now) | _add_people(merchant, owner, now)
        facts |= _add_orders(merchant, now) | _add_priced(merchant, now)
        facts |= _add_jobs(merchant, owner, now)
        facts |= _add_unpublished(merchant, owner, now)
        facts |= _add_imports(merchant, owner)
    facts |= sign_in_people(merchant, now)
    pump()
    _run_jobs()
    with scope(merchant=merchant):
        found = _find(merchant)
        print(json.dumps(facts | found | _add_depth(merchant, found["product"], now)))


def _add_partners(merchant: Merchant, owner: Member, now: datetime) -> Facts:
    """A key, an app, a webhook with one delivery, and a carrier with one booking."""
    from apps.accounts.actors import user_actor
    from apps.partners import services as partners
    from tests.factories.carriers import make_booking

    actor = user_actor(owner.user)
    key = partners.create_key(
        merchant,
        name="Warehouse system",
        scopes=["orders:read", "shipments:write", "tracking:write"],
        expires_at=now + timedelta(days=90),
        actor=actor,
        now=now,
    )
    writer = partners.create_key(
        merchant,
        name="Catalog system",
        scopes=["products:read", "products:write"],
        actor=actor,
        now=now,
    )
    app = partners.create_app(
        merchant, name="Shopping app", scopes=["orders:write"], actor=actor, now=now
    )
    endpoint, _secret = partners.create_endpoint(
        merchant,
        url="http://127.0.0.1:9/hooks",
        events_wanted=["order.placed", "order.shipped"],
        description="Warehouse system",
        actor=actor,
        now=now,
    )
    delivery = partners.send_test(endpoint, now=now)
    numbers = {"carrier_id": "sim-1", "tracking_numbers": ["SM100000012CN"]}
    booking = make_booking(
        merchant, now=now, status="booked", detail="", amount_minor=6200, currency="CNY", **numbers
    )
    return {
        "key": key.key.public_id,
        "secret": writer.secret,
        "app": app.app.public_id,
        "carrier": booking.account.public_id,
        "webhook": endpoint.public_id,
        "delivery": delivery.public_id,
    }


def _add_people(merchant: Merchant, owner: Member, now: datetime) -> Facts:
    """A colleague, somebody who was switched off, and somebody invited per look."""
    from apps.merchants import services as merchants
    from apps.merchants.models import Member, Role

    colleague = Member.objects.create(
        merchant=merchant,
        user=make_person("wei@demo.example", "Wei Jing"),
        role=Role.OPERATIONS,
    )
    left = Member.objects.create(
        merchant=merchant, user=make_person("old@demo.example", "Tang Bo"), role=Role.READ_ONLY
    )
    merchants.deactivate_member(left, by=owner, now=now)
    facts = {"member": colleague.public_id}
    for language, theme in LOOKS:
        look = f"{language}-{theme}"
        address = f"guest-{look}@demo.example"
        invitation = merchants.invite_member(
            merchant, email=address, role=Role.FINANCE, by=owner, now=now
        )
        facts[f"token-{look}"] = merchants.token_of(invitation.public_id)
        facts[f"guest-{look}"] = open_session(make_person(address, "Guo Min", language, theme))
    return facts


def _add_orders(merchant: Merchant, now: datetime) -> Facts:
    """Orders of this minute: to ship, without a house number, held by hand, and two to be shipped."""
    from apps.journal.actors import system_actor
    from apps.merchants.models import Store
    from apps.orders import services as orders
    from apps.orders.models import Order
    from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest

    facts: Facts = {}
    for name in ("ready", "held", "kept", "plain", "typed"):
        street = "Sonnenallee" if name == "held" else "Sonnenallee 7"
        # A buyer each: equal orders of one buyer would be held as possible duplicates.
        buyer = BuyerRequest(
            *("Jonas Weber", "DE"),
            street=street,
            city="Berlin",
            postal_code="12059",
            email=f"{name}@example.de",
        )
        lines = (LineRequest("MUG-CEL-01", 2), LineRequest("CSH-LIN-01", 1))
        request = OrderRequest(f"WALK-{name}", "DE", buyer, lines, placed_at=now)
        [receipt] = orders.place_orders(
            [request],
            merchant=merchant,
            store=Store.objects.get(merchant=merchant),
            actor=system_actor("walk"),
            now=now,
        )
        facts[name] = receipt.number
    _add_late_orders(merchant, now)
    kept = Order.objects.get(merchant=merchant, number=facts["kept"])
    orders.place_hold(
        kept, kind="manual", reason="Buyer asked to wait.", actor=system_actor("walk"), now=now
    )
    return facts


def _add_priced(merchant: Merchant, now: datetime) -> Facts:
    """An order under a voucher, a gift, and a promotion that did not apply, with two codes entered."""
    from apps.journal.actors import system_actor
    from apps.merchants.models import Store
    from apps.orders import services as orders
    from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest
    from apps.promotions import services as promotions
    from apps.promotions.requests import PromotionDraft

    actor = system_actor("walk")
    big = {"currency": "EUR", "value": {"amount": 2500}, "conditions": {"min_spend": 90_000}}
    drafts = {
        "Winter weeks": ("voucher", {"value": {"percent": "10"}}, ("WINTER10",)),
        "A mug for two": ("gift", {"gift": {"sku": "MUG-CEL-01", "quantity": 1}}, ("MUG4ME",)),
        "Large baskets": ("order_discount", big, ("LARGE25",)),
    }
    for name, (kind, rule, codes) in drafts.items():
        starts = f"{now - timedelta(days=2):%Y-%m-%dT%H:%M}"
        draft = PromotionDraft(name, kind, ("DE",), starts, rule=rule, codes=codes)
        made = promotions.create_promotion(
            merchant, draft, platform_percent=40, actor=actor, now=now
        )
        promotions.publish_promotion(made, actor=actor, now=now)
    buyer = BuyerRequest("Ada Braun", "DE", "Sonnenallee 9", "Berlin", postal_code="12059")
    request = OrderRequest(
        "WALK-priced",
        "DE",
        buyer,
        (LineRequest("CSH-LIN-01", 3),),
        placed_at=now,
        shipping_minor=499,
        codes=("winter10", "MUG4ME", "LARGE25", "SUMMER"),
    )
    store = Store.objects.get(merchant=merchant)
    receipt = orders.place_order(request, merchant=merchant, store=store, actor=actor, now=now)
    return {"priced": receipt.number}


def _add_late_orders(merchant: Merchant, now: datetime) -> None:
    """More late orders than somebody wants to tick one by one."""
    from apps.journal.actors import system_actor
    from apps.merchants.models import Store
    from apps.orders import services as orders
    from apps.orders.models import Order
    from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest

    then = now - timedelta(days=6)
    orders.place_orders(
        [
            OrderRequest(
                f"LATE-{number}",
                "DE",
                BuyerRequest(
                    *("Mara Vogt", "DE", f"Sonnenallee {number}", "Berlin", "", "12059"),
                    email=f"late{number}@example.de",
                ),
                (LineRequest("MUG-CEL-01", 1),),
                placed_at=then,
            )
            for number in range(1, LATE + 1)
        ],
        merchant=merchant,
        store=Store.objects.get(merchant=merchant),
        actor=system_actor("walk"),
        now=then,
    )
    # Working days would make it depend on the day and hour of the run.
    late = Order.objects.filter(merchant=merchant, external_ref__startswith="LATE-")
    late.update(ship_by_at=now - timedelta(days=2))


def _add_jobs(merchant: Merchant, owner: Member, now: datetime) -> Facts:
    """An export with its file, and work of which a part cannot be done."""
    from apps.accounts.actors import user_actor
    from apps.jobs import services as jobs
    from apps.orders.models import Order

    actor = user_actor(owner.user)
    keys = list(Order.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True))
    export = jobs.start_job(
        "orders.export",
        title="Export 40 orders",
        parameters={
            "kind": "view",
            "query": "view=all",
            "upto": keys[-1],
            "ids": [],
            "language": "en",
            "time_zone": "Asia/Shanghai",
        },
        tenant_id=merchant.pk,
        total=40,
        actor=actor,
        now=now,
    )
    shipping = jobs.start_job(
        "orders.ship",
        title="Ship 3 orders",
        parameters={"orders": keys[:3]},
        tenant_id=merchant.pk,
        total=3,
        actor=actor,
        now=now,
    )
    tagging = [
        jobs.start_job(
            "orders.tag",
            title=f"Tag 3 orders with {name}",
            parameters={"orders": keys[:3], "tag": name},
            tenant_id=merchant.pk,
            total=3,
            actor=actor,
            now=now,
        )
        for name in ("gift", "fair", "wholesale")
    ]
    made = {"export": export, "job": shipping}
    made |= dict(zip(("tagging", "tagged", "tagged_too"), tagging, strict=True))
    return {name: job.public_id for name, job in made.items()}


def _add_unpublished(merchant: Merchant, owner: Member, now: datetime) -> Facts:
    """Three finished products on sale nowhere, and five markets that the company usually sells in."""
    from apps.accounts.actors import user_actor
    from apps.catalog import services as catalog
    from apps.catalog.models import Product
    from apps.catalog.services import ProductDraft, VariantDraft
    from apps.compliance.publishing.reading import Wanted
    from apps.compliance.publishing.services import publish_in_market
    from apps.markets.models import Market
    from tests.factories.catalog import name_parties

    actor = user_actor(owner.user)
    facts: Facts = {}
    for name, gtin in (("plate", "2000000000015"), ("vase", "2000000000022"), ("jug", "")):
        variant = VariantDraft(
            sku=f"NEW-{name.upper()}",
            gtin=gtin,
            weight_g=600,
            cost_minor=2400,
            base_price_minor=24000,
        )
        draft = ProductDraft(
            title=f"Stoneware {name}",
            variants=(variant,),
            origin_country="CN",
            hs_code="691200",
            customs_name=f"{name.capitalize()} of stoneware",
        )
        made = catalog.create_product(draft, merchant=merchant, actor=actor, now=now)
        facts[name] = made.public_id
    lamp = Product.objects.get(merchant=merchant, title="Rattan pendant lamp")
    for product in (lamp, *Product.objects.filter(public_id__in=facts.values())):
        name_parties(product)
    for market in Market.objects.filter(code__in=("DE", "FR", "ES", "GB", "SG")).order_by("code"):
        publish_in_market(lamp, market, Wanted(), actor=actor, now=now)
    return facts


_SHEET = """SKU;Product ID or group;Title;Option;Weight in grams;Cost;Our remark
WLK-1-S;WALK;Rattan basket with lid;Small;900;31,50;from the fair
WLK-1-L;WALK;Rattan basket with lid;Large;1450;42,00;
WLK-2;;Bamboo tray;;heavy;12,80;
WLK-2;;Bamboo tray;;500;12.80;twice
;;Vase without a number;;700;9,90;
"""


def _add_imports(merchant: Merchant, owner: Member) -> Facts:
    """Sheets at every step: handed in, checked with wrong rows, applied, undone."""
    import io

    from apps.accounts.actors import user_actor
    from apps.common.clock import utc_now
    from apps.imports import selectors, services

    actor, facts = user_actor(owner.user), {}
    odd = b"sku,title\nWLK-9,Caf\xe9 au lait\n"
    refused = services.receive(
        io.BytesIO(odd),
        len(odd),
        "refused.csv",
        kind="products",
        merchant=merchant,
        actor=actor,
        now=utc_now(),
    )
    _run_jobs()
    facts["refused"] = refused.public_id
    for name in ("uploaded", "checked", "applied", "undone"):
        data = _SHEET.replace("WLK", name.upper()).encode()
        run = services.upload(
            io.BytesIO(data),
            len(data),
            f"{name}.csv",
            kind="products",
            merchant=merchant,
            actor=actor,
            now=utc_now(),
        )
        facts[name] = run.public_id
        if name == "uploaded":
            continue
        columns, _mark, _known = selectors.suggest_columns(run)
        services.set_columns(
            run, columns, decimal_mark=",", language="en", actor=actor, now=utc_now()
        )
        _run_jobs()
        if name == "checked":
            continue
        services.start_apply(run, language="en", actor=actor, now=utc_now())
        _run_jobs()
        if name == "undone":
            services.start_undo(run, language="en", actor=actor, now=utc_now())
            _run_jobs()
    return facts


def _run_jobs() -> None:
    """Do the jobs here: no worker runs yet."""
    from apps.common.clock import utc_now
    from apps.jobs import execution
    from apps.sandbox.pump import pump

    for key in execution.list_runnable(now=utc_now()):
        execution.run_job(key, now=utc_now())
    pump()


def _find(merchant: Merchant) -> Facts:
    """Return the records that pages are opened for."""
    from apps.catalog.models import Listing, Product
    from apps.fulfillment.models import Shipment
    from apps.fulfillment.states import ShipmentStatus
    from apps.inventory.models import StockBalance
    from apps.orders.models import Order
    from apps.orders.states import OrderStatus
    from tests.e2e.deliveries import add_deliveries
    from tests.e2e.trouble import make_trouble

    order = Order.objects.filter(merchant=merchant, status=OrderStatus.DELIVERED).first()
    travelling = Shipment.objects.filter(merchant=merchant, status=ShipmentStatus.IN_TRANSIT)
    shipment = travelling.order_by("-pk").last()
    product = Product.objects.filter(merchant=merchant).exclude(image="").order_by("pk").first()
    booked = Shipment.objects.filter(merchant=merchant, status=ShipmentStatus.BOOKED).first()
    if order is None or shipment is None or product is None or booked is None:
        raise RuntimeError(f"The demo world lacks one of: {order}, {shipment}, {product}")
    held = StockBalance.objects.filter(variant__product=product).select_related("variant", "node")
    balance = held.order_by("pk")[0]
    return {
        "order": order.number,
        "shipment": shipment.public_id,
        "booked": booked.public_id,
        "product": product.public_id,
        "variant": balance.variant.public_id,
        "node": balance.node.public_id,
        "listing": Listing.objects.filter(variant__product=product).earliest("pk").public_id,
        "image": product.images.order_by("pk").values_list("public_id", flat=True)[0],
        **_find_promotions(merchant),
        **make_trouble(shipment),
        **add_deliveries(merchant),
    }


def _find_promotions(merchant: Merchant) -> Facts:
    """Return the demo's draft, the one that runs, the one behind codes, and the campaign."""
    from apps.promotions.models import Campaign, Promotion

    own = Promotion.objects.filter(merchant=merchant)
    return {
        "promotion": own.get(status="draft").public_id,
        "running": own.get(kind="product_discount").public_id,
        "voucher": own.filter(kind="voucher").earliest("pk").public_id,
        "campaign": Campaign.objects.get().public_id,
    }


def _add_depth(merchant: Merchant, product_id: str, now: datetime) -> Facts:
    """Give the product a category, attributes, facts, a paper, texts, and a conflict to decide."""
    import io

    from apps.catalog import selectors, services
    from apps.catalog.text_selectors import listed_markets
    from apps.journal.actors import system_actor
    from tests.catalog.conftest import load_tree

    load_tree()
    who = {"actor": system_actor("walk"), "now": now}
    product = selectors.get_product(merchant, product_id)
    services.choose_category(product, "900012", **who)
    services.set_attributes(product, {"material": ["Rattan"], "power": "40"}, **who)
    maker = services.PartyDraft(
        "manufacturer", "Lanling Lamps Ltd", "8 Deng Road, Linyi", "CN", "quality@lanling.example"
    )
    party = services.add_party(maker, merchant=merchant, **who)
    changes = {"battery": "none", "dangerous": "no", "manufacturer": party.public_id}
    services.set_facts(product, changes, **who)
    draft = services.DocumentDraft("test_report", "EN 60598-1, no. 4711", now.date())
    raw = b"%PDF-1.7\n%%EOF\n"
    paper = services.add_document(product, draft, io.BytesIO(raw), len(raw), **who)
    services.set_product_text(product, "de", {"title": "Leuchte aus Rattan"}, **who)
    market = next(iter(listed_markets(product).values()))
    services.override_texts(product, market, {"title": "Hand-woven by Lanling"}, **who)
    services.set_product_text(product, market.locale, {"title": "New name"}, **who)
    return {"paper": paper.public_id}


if __name__ == "__main__":
    main()
