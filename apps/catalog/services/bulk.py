"""Products and variants by the hundred: the same rows, facts and gates as one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db import models

from apps.catalog import events
from apps.catalog.models import Product, Variant
from apps.catalog.services.categories import match_categories
from apps.catalog.services.listings import relist
from apps.catalog.services.search import refresh_tokens
from apps.common.bulk import insert_rows, insert_rows_for_ids, overwrite_rows, with_defaults
from apps.common.db import in_transaction, lock_by_pk
from apps.common.ids import new_public_id
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

Value = str | int | bool
Values = Mapping[str, Value]
PRODUCT_FIELDS = (
    "title",
    "description",
    "brand",
    "category",
    "origin_country",
    "hs_code",
    "customs_name",
    "status",
)
VARIANT_FIELDS = (
    "option",
    "gtin",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "cost_minor",
    "cost_currency",
    "is_active",
)


@lru_cache(maxsize=8)
def _columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(item.attname for item in model._meta.concrete_fields if not item.generated)


@dataclass(frozen=True, slots=True)
class Record:
    """A stored product or variant: its whole row, in the order of its model's columns."""

    model: type[models.Model]
    row: tuple[Value, ...]

    def __getitem__(self, name: str) -> Value:
        """Return one column's value."""
        return self.row[_columns(self.model).index(name)]

    @property
    def pk(self) -> int:
        """The key."""
        return int(self["id"])

    @property
    def public_id(self) -> str:
        """The outward id."""
        return str(self["public_id"])


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog holds of some SKUs and products."""

    variants: Mapping[str, Record]
    products: Mapping[int, Record]
    product_keys: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """New values of a record, and the values they replace."""

    record: Record
    before: dict[str, Value]
    after: dict[str, Value]


@dataclass(slots=True)
class NewVariant:
    """A variant to add; ``product_id`` is empty inside a new product."""

    sku: str
    values: Values
    product_id: int = 0
    public_id: str = ""


@dataclass(slots=True)
class NewProduct:
    """A product to make, with its variants."""

    values: Values
    variants: list[NewVariant] = field(default_factory=list)
    public_id: str = ""


@dataclass(slots=True)
class Batch:
    """Everything one call of ``write_batch`` makes and changes."""

    products: list[NewProduct] = field(default_factory=list)
    variants: list[NewVariant] = field(default_factory=list)
    product_changes: list[Change] = field(default_factory=list)
    variant_changes: list[Change] = field(default_factory=list)


def read_known(
    merchant: Merchant,
    *,
    skus: Collection[str],
    product_ids: Collection[str] = (),
    lock: bool = False,
) -> Known:
    """Return the merchant's variants of these SKUs and the products they and the ids name.

    With ``lock`` (inside a transaction) products, then variants, are locked in the order of their
    keys, as every other writer does.
    """
    named = Variant.objects.filter(merchant=merchant, sku__in=skus)
    family = set(named.values_list("product_id", flat=True)) if skus else set()
    wanted = models.Q(pk__in=family)
    if product_ids:
        wanted |= models.Q(public_id__in=product_ids)
    products = _read(Product, Product.objects.filter(wanted, merchant=merchant), lock=lock)
    variants = _read(Variant, named, lock=lock)
    # Somebody may have made a SKU since its product was looked for.
    late = {int(item["product_id"]) for item in variants} - {item.pk for item in products}
    if late:
        products += _read(Product, Product.objects.filter(pk__in=late), lock=lock)
    return Known(
        {str(item["sku"]): item for item in variants},
        {item.pk: item for item in products},
        {item.public_id: item.pk for item in products},
    )


def read_records(
    model: type[models.Model], merchant: Merchant, keys: Collection[int]
) -> dict[int, Record]:
    """Return the merchant's products or variants by key, locked in the order of their keys."""
    own = model._default_manager.filter(merchant=merchant, pk__in=keys)
    return {item.pk: item for item in _read(model, own, lock=True)}


def _read(model: type[models.Model], rows: models.QuerySet, *, lock: bool) -> list[Record]:  # type: ignore[type-arg]
    ordered = rows.order_by("pk")
    if lock:
        ordered = ordered.select_for_update()
    return [Record(model, row) for row in ordered.values_list(*_columns(model))]


def write_batch(batch: Batch, *, merchant: Merchant, actor: Actor, now: datetime) -> None:
    """Make and change products and variants, and try refused listings of changed ones again.

    Runs in the caller's transaction, on records read with ``lock``; values were checked by the
    caller. New records get their ``public_id``. Raises ``IntegrityError`` when somebody made one of
    the SKUs meanwhile. The journal gets a fact per product and per variant, as for single changes.
    """
    if not in_transaction():
        raise RuntimeError("a batch is written inside its caller's transaction")
    facts = _insert_products(batch.products, merchant, now)
    within = [variant for product in batch.products for variant in product.variants]
    _insert_variants([*within, *batch.variants], merchant, now)
    facts += [
        journal.Fact(events.VARIANT_ADDED, "variant", item.public_id, {"sku": item.sku})
        for item in batch.variants
    ]
    _match(batch.product_changes, merchant)
    _overwrite(Product, batch.product_changes, now)
    _overwrite(Variant, batch.variant_changes, now)
    facts += [_product_fact(change) for change in batch.product_changes]
    for change in batch.variant_changes:
        facts += _variant_facts(change)
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    touched = _touched(batch)
    relist(touched, merchant=merchant, actor=actor, now=now)
    made = {item.product_id for item in (*within, *batch.variants)}
    refresh_tokens(touched | made)


def _insert_products(
    products: Sequence[NewProduct], merchant: Merchant, now: datetime
) -> list[journal.Fact]:
    names = ("public_id", "merchant", "category_ref", "created_at", "updated_at", *PRODUCT_FIELDS)
    defaults = _defaults(Product, PRODUCT_FIELDS)
    equal = match_categories([str(item.values.get("category", "")) for item in products], merchant)
    rows = []
    for item in products:
        item.public_id = new_public_id("prd")
        values = {**defaults, **item.values}
        category = equal.get(str(values["category"]))
        own = (item.public_id, merchant.pk, category.pk if category else None, now, now)
        rows.append((*own, *map(values.get, PRODUCT_FIELDS)))
    if rows:
        ids = insert_rows_for_ids(Product, *with_defaults(Product, names, rows), key="public_id")
        for item, pk in zip(products, ids, strict=True):
            for variant in item.variants:
                variant.product_id = pk
    return [
        journal.Fact(
            events.PRODUCT_CREATED, "product", item.public_id, {"title": item.values["title"]}
        )
        for item in products
    ]


def _insert_variants(variants: list[NewVariant], merchant: Merchant, now: datetime) -> None:
    names = ("public_id", "merchant", "product", "sku", "created_at", "updated_at")
    defaults = _defaults(Variant, VARIANT_FIELDS)
    rows = []
    # One order of keys for everybody: two imports of the same SKUs wait instead of deadlocking.
    for item in sorted(variants, key=lambda item: item.sku):
        item.public_id = new_public_id("var")
        values = {**defaults, **item.values}
        rows.append(
            (
                item.public_id,
                merchant.pk,
                item.product_id,
                item.sku,
                now,
                now,
                *map(values.get, VARIANT_FIELDS),
            )
        )
    if rows:
        insert_rows(Variant, *with_defaults(Variant, (*names, *VARIANT_FIELDS), rows))


def _match(changes: Sequence[Change], merchant: Merchant) -> None:
    """Give products without a category of the tree the one their new own category is called like."""
    open_changes = [
        item for item in changes if "category" in item.after and not item.record["category_ref_id"]
    ]
    names = [str(item.after["category"]) for item in open_changes]
    equal = match_categories(names, merchant)
    for change, name in zip(open_changes, names, strict=True):
        if name in equal:
            change.after["category_ref_id"] = equal[name].pk


def _defaults(model: type[models.Model], names: Iterable[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name in names:
        column = model._meta.get_field(name)
        if isinstance(column, models.Field):
            found[name] = column.get_default()
    return found


def _overwrite(model: type[models.Model], changes: Sequence[Change], now: datetime) -> None:
    columns = _columns(model)
    changing: set[str] = set()
    rows = []
    for change in changes:
        values = dict(zip(columns, change.record.row, strict=True))
        values.update(change.after)
        values["updated_at"] = now  # type: ignore[assignment]
        changing.update(change.after)
        rows.append(tuple(values.values()))
    overwrite_rows(model, columns, rows, changing=sorted({*changing, "updated_at"}))


def _product_fact(change: Change) -> journal.Fact:
    before: dict[str, journal.Json] = {name: str(value) for name, value in change.before.items()}
    payload: dict[str, journal.Json] = {"before": before}
    return journal.Fact(events.PRODUCT_CHANGED, "product", change.record.public_id, payload)


def _variant_facts(change: Change) -> list[journal.Fact]:
    record = change.record
    sku: dict[str, journal.Json] = {"sku": str(record["sku"])}
    before: dict[str, journal.Json] = {
        name: value for name, value in change.before.items() if name != "is_active"
    }
    told: list[tuple[str, dict[str, journal.Json]]] = []
    if before:
        told.append((events.VARIANT_CHANGED, {**sku, "before": before}))
    if "is_active" in change.after:
        is_back = bool(change.after["is_active"])
        step = events.VARIANT_REACTIVATED if is_back else events.VARIANT_WITHDRAWN
        told.append((step, sku))
    return [journal.Fact(event, "variant", record.public_id, facts) for event, facts in told]


def _touched(batch: Batch) -> set[int]:
    """Return the keys of the products of which a fact changed, their own or a variant's."""
    touched = {change.record.pk for change in batch.product_changes}
    return touched | {int(change.record["product_id"]) for change in batch.variant_changes}


def remove_unused(
    merchant: Merchant,
    *,
    products: Collection[str],
    variants: Collection[str],
    made_at: datetime,
    actor: Actor,
    now: datetime,
) -> dict[str, str]:
    """Delete products and variants that were made at a moment and touched by nobody since.

    Runs in the caller's transaction. Returns what stays, by outward id, with why: ``gone`` already,
    ``changed`` since, or ``used`` by a listing, stock, an order or another record.
    """
    of_products = models.Q(product__public_id__in=products)
    own = Variant.objects.filter(models.Q(public_id__in=variants) | of_products, merchant=merchant)
    found = list(lock_by_pk(Product.objects.filter(merchant=merchant, public_id__in=products)))
    kept = dict.fromkeys({*products, *variants}, "gone")
    rows = lock_by_pk(own)
    used = _used(Variant, [item.pk for item in rows])
    reasons = {item.pk: _why_kept(item, made_at, used) for item in rows}
    used = _used(Product, [item.pk for item in found], but=Variant)
    for product in found:
        family = [item for item in rows if item.product_id == product.pk]
        why = _why_kept(product, made_at, used)
        why = why or next((reasons[item.pk] for item in family if reasons[item.pk]), "")
        reasons.update(dict.fromkeys((item.pk for item in family), why))
        kept[product.public_id] = why
    for item in rows:
        kept[item.public_id] = reasons[item.pk]
    gone_variants = [item for item in rows if not reasons[item.pk]]
    gone_products = [item for item in found if not kept[item.public_id]]
    Variant.objects.filter(pk__in=[item.pk for item in gone_variants]).delete()
    Product.objects.filter(pk__in=[item.pk for item in gone_products]).delete()
    refresh_tokens(
        {item.product_id for item in gone_variants} - {item.pk for item in gone_products}
    )
    facts = [
        journal.Fact(events.VARIANT_REMOVED, "variant", item.public_id, {"sku": item.sku})
        for item in gone_variants
    ]
    facts += [
        journal.Fact(events.PRODUCT_REMOVED, "product", item.public_id, {"title": item.title})
        for item in gone_products
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    asked = {*products, *variants}
    return {ident: why for ident, why in kept.items() if why and ident in asked}


def _why_kept(record: Product | Variant, made_at: datetime, used: set[int]) -> str:
    if record.updated_at != made_at:
        return "changed"
    return "used" if record.pk in used else ""


def _used(
    model: type[models.Model], keys: Sequence[int], *, but: type[models.Model] | None = None
) -> set[int]:
    """Return the keys that another record holds on to, whichever app it belongs to."""
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is models.CASCADE:
            continue
        other = relation.related_model
        if other is but or not keys or isinstance(other, str):
            continue
        name = relation.field.name
        holders = other._base_manager.filter(**{f"{name}__in": keys})
        found.update(holders.values_list(f"{name}_id", flat=True).distinct())
    return found
