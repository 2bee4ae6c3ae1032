"""Products and their variants from a sheet: one row is one variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import cast

from apps.catalog.models import Product, Variant
from apps.catalog.services import bulk
from apps.catalog.services.bulk import (
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    Batch,
    Change,
    Known,
    NewProduct,
    NewVariant,
    Record,
)
from apps.imports.cells import CellError, Value, to_minor
from apps.imports.planning.common import Parsed, Plan, Undo, Undone
from apps.journal.actors import Actor
from apps.journal.services import Json
from apps.merchants.models import Merchant

_ID = "prd_"
_COST = ("cost_minor", "cost_currency")


@dataclass(slots=True)
class ProductPlan(Plan):
    """The batch to write, and the row that each of its records came from."""

    batch: Batch = field(default_factory=Batch)
    rows_of_products: list[int] = field(default_factory=list)
    rows_of_variants: list[int] = field(default_factory=list)
    rows_of_product_changes: list[int] = field(default_factory=list)
    rows_of_variant_changes: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Family:
    """Good rows of one product, with the product they belong to if it exists."""

    rows: list[Parsed]
    product: Record | None


class ProductPlanner:
    """Plans rows of variants; rows with one word in ``product`` are one product."""

    def __init__(self, merchant: Merchant) -> None:
        """Plan for a company."""
        self._merchant = merchant

    def group_of(self, parsed: Parsed) -> str:
        """Return the product's word."""
        return str(parsed.values.get("product", ""))

    def key_of(self, parsed: Parsed) -> str:
        """Return the SKU: one row per variant."""
        return str(parsed.values["sku"])

    def plan(self, rows: Sequence[Parsed], *, lock: bool) -> ProductPlan:
        """Work out what the rows make and change; two to six statements, however many rows."""
        plan = ProductPlan()
        known = bulk.read_known(
            self._merchant,
            skus=[str(item.values["sku"]) for item in rows],
            product_ids={word for item in rows if (word := self.group_of(item)).startswith(_ID)},
            lock=lock,
        )
        families = self._families(plan, known, rows)
        last = self._emptied(families, known)
        for family in families:
            self._plan_family(plan, known, family, last)
        return plan

    def _families(self, plan: Plan, known: Known, rows: Sequence[Parsed]) -> list[_Family]:
        """Return the good rows by product: rows of one product are one family, word or not."""
        families: list[_Family] = []
        by_product: dict[int, _Family] = {}
        for group in self._groups(rows):
            family = self._family(plan, known, group)
            if family is None:
                continue
            if family.product is None:
                families.append(family)
            elif family.product.pk in by_product:
                by_product[family.product.pk].rows.extend(family.rows)
            else:
                by_product[family.product.pk] = family
                families.append(family)
        return families

    def _groups(self, rows: Sequence[Parsed]) -> Iterator[list[Parsed]]:
        for word, group in groupby(rows, key=self.group_of):
            if word:
                yield list(group)
            else:
                yield from ([item] for item in group)

    def _family(self, plan: Plan, known: Known, group: list[Parsed]) -> _Family | None:
        """Find the product of a group and leave out the rows that belong to another."""
        word = self.group_of(group[0])
        found = [known.variants.get(str(item.values["sku"])) for item in group]
        owners = [int(record["product_id"]) for record in found if record is not None]
        target = owners[0] if owners else 0
        if word.startswith(_ID):
            if word not in known.product_keys:
                for item in group:
                    plan.refuse(item, "product", "unknown_product", value=word)
                return None
            target = known.product_keys[word]
        good = []
        for item, record in zip(group, found, strict=True):
            if record is not None and record["product_id"] != target:
                plan.refuse(item, "product", "other_product", value=word)
            else:
                good.append(item)
        return _Family(good, known.products[target] if target else None) if good else None

    def _emptied(self, families: Sequence[_Family], known: Known) -> set[int]:
        """Return the products that would be left without a variant on offer."""
        asked = {
            family.product.pk: family.rows
            for family in families
            if family.product is not None
            and _status_after(family) == Product.Status.ACTIVE
            and any(item.values.get("is_active") is False for item in family.rows)
        }
        if not asked:
            return set()
        left: dict[int, set[str]] = {key: set() for key in asked}
        offered = Variant.objects.filter(merchant=self._merchant, product__in=asked, is_active=True)
        for key, sku in offered.values_list("product_id", "sku"):
            left[key].add(sku)
        for key, rows in asked.items():
            for item in rows:
                sku = str(item.values["sku"])
                if item.values.get("is_active") is False:
                    left[key].discard(sku)
                elif item.values.get("is_active") or sku not in known.variants:
                    left[key].add(sku)
        return {key for key, skus in left.items() if not skus}

    def _plan_family(
        self, plan: ProductPlan, known: Known, family: _Family, emptied: set[int]
    ) -> None:
        product = family.product
        rows = family.rows
        if product is not None and product.pk in emptied:
            for item in [item for item in rows if item.values.get("is_active") is False]:
                plan.refuse(item, "is_active", "last_variant")
            rows = [item for item in rows if item.values.get("is_active") is not False]
        pairs = [
            (item, facts)
            for item in rows
            if (facts := self._variant(plan, known, item)) is not None
        ]
        shared, pairs = _merge(plan, pairs)
        if not pairs:
            return
        if product is None:
            self._make(plan, pairs, shared)
        else:
            self._change(plan, known, product, pairs, shared)

    def _variant(self, plan: Plan, known: Known, parsed: Parsed) -> dict[str, Value] | None:
        """Return the variant's facts of a row, its cost in minor units; nothing if it is wrong."""
        record = known.variants.get(str(parsed.values["sku"]))
        facts = {name: parsed.values[name] for name in VARIANT_FIELDS if name in parsed.values}
        stored = str(record["cost_currency"]) if record else self._merchant.base_currency
        currency = str(parsed.values.get("cost_currency", stored))
        if "cost" in parsed.values:
            try:
                facts["cost_minor"] = to_minor(str(parsed.values["cost"]), currency)
            except CellError as error:
                plan.refuse(parsed, "cost", error.code, **error.facts)
                return None
        elif record is not None and record["cost_minor"] and currency != stored:
            plan.refuse(parsed, "cost", "cost_missing", currency=currency)
            return None
        if record is None:
            facts["cost_currency"] = currency
        return facts

    def _make(
        self,
        plan: ProductPlan,
        pairs: list[tuple[Parsed, dict[str, Value]]],
        shared: dict[str, Value],
    ) -> None:
        if not shared.get("title"):
            for item, _facts in pairs:
                plan.refuse(item, "title", "title_missing")
            return
        made = NewProduct(shared)
        for item, facts in pairs:
            made.variants.append(NewVariant(str(item.values["sku"]), facts))
            plan.new.append(item)
        plan.batch.products.append(made)
        plan.rows_of_products.append(pairs[0][0].row.number)

    def _change(
        self,
        plan: ProductPlan,
        known: Known,
        product: Record,
        pairs: list[tuple[Parsed, dict[str, Value]]],
        shared: dict[str, Value],
    ) -> None:
        first_row = 0
        for item, facts in pairs:
            sku = str(item.values["sku"])
            record = known.variants.get(sku)
            touches = any(
                product[name] != item.values[name] for name in PRODUCT_FIELDS if name in item.values
            )
            if touches and not first_row:
                first_row = item.row.number
            if record is None:
                plan.new.append(item)
                plan.batch.variants.append(NewVariant(sku, facts, product_id=product.pk))
                plan.rows_of_variants.append(item.row.number)
                continue
            change = _difference(record, facts)
            if change is not None:
                plan.batch.variant_changes.append(change)
                plan.rows_of_variant_changes.append(item.row.number)
                _show(plan, item, change)
            (plan.changed if change is not None or touches else plan.unchanged).append(item)
        change = _difference(product, shared)
        if change is not None:
            plan.batch.product_changes.append(change)
            plan.rows_of_product_changes.append(first_row)
            _show(plan, pairs[0][0], change)

    def write(self, plan: Plan, *, reference: str, actor: Actor, now: datetime) -> Undo:
        """Write the batch; undoing needs what was made and the values before and after."""
        if not isinstance(plan, ProductPlan):
            raise TypeError("a plan of another kind")
        batch = plan.batch
        bulk.write_batch(batch, merchant=self._merchant, actor=actor, now=now)
        return {
            "products": [
                [row, made.public_id, len(made.variants)]
                for row, made in zip(plan.rows_of_products, batch.products, strict=True)
            ],
            "variants": [
                [row, made.public_id, 1]
                for row, made in zip(plan.rows_of_variants, batch.variants, strict=True)
            ],
            "product_changes": _changes(plan.rows_of_product_changes, batch.product_changes),
            "variant_changes": _changes(plan.rows_of_variant_changes, batch.variant_changes),
        }

    def undo(
        self, undo: Undo, *, made_at: datetime, reference: str, actor: Actor, now: datetime
    ) -> Undone:
        """Put values back where they are still the import's, and delete what nobody uses."""
        undone = Undone()
        self._put_back(undo, undone, actor, now)
        made = {
            name: {ident: (row, count) for row, ident, count in _made(undo, name)}
            for name in ("products", "variants")
        }
        kept = bulk.remove_unused(
            self._merchant,
            products=made["products"].keys(),
            variants=made["variants"].keys(),
            made_at=made_at,
            actor=actor,
            now=now,
        )
        for ident, (row, count) in {**made["products"], **made["variants"]}.items():
            if ident in kept:
                undone.refuse(row, f"undo_{kept[ident]}")
            else:
                undone.restored += count
        return undone

    def _put_back(self, undo: Undo, undone: Undone, actor: Actor, now: datetime) -> None:
        batch = Batch()
        for name, model, target in (
            ("product_changes", Product, batch.product_changes),
            ("variant_changes", Variant, batch.variant_changes),
        ):
            changes = cast("list[tuple[int, int, dict[str, Value], dict[str, Value]]]", undo[name])
            keys = [key for _row, key, _before, _after in changes]
            records = bulk.read_records(model, self._merchant, keys)
            for row, key, before, after in changes:
                record = records.get(key)
                if record is None:
                    undone.refuse(row, "undo_gone")
                elif changed := [at for at, value in after.items() if record[at] != value]:
                    undone.refuse(row, "undo_changed", column=changed[0])
                else:
                    target.append(Change(record, after, before))
                    undone.restored += 1
        bulk.write_batch(batch, merchant=self._merchant, actor=actor, now=now)


def _status_after(family: _Family) -> Value:
    told = (item.values["status"] for item in family.rows if "status" in item.values)
    return next(told, family.product["status"] if family.product else Product.Status.ACTIVE)


def _merge(
    plan: Plan, pairs: list[tuple[Parsed, dict[str, Value]]]
) -> tuple[dict[str, Value], list[tuple[Parsed, dict[str, Value]]]]:
    """Return the product's facts that the rows tell together; a row that differs is wrong."""
    shared: dict[str, Value] = {}
    told: dict[str, int] = {}
    good = []
    for item, facts in pairs:
        own = {name: item.values[name] for name in PRODUCT_FIELDS if name in item.values}
        other = next((at for at, value in own.items() if shared.get(at, value) != value), None)
        if other is not None:
            plan.refuse(item, other, "differs", row=told[other])
            continue
        for name in own:
            told.setdefault(name, item.row.number)
        shared.update(own)
        good.append((item, facts))
    return shared, good


def _difference(record: Record, facts: Mapping[str, Value]) -> Change | None:
    after = {name: value for name, value in facts.items() if record[name] != value}
    if not after:
        return None
    return Change(record, {name: record[name] for name in after}, after)


def _show(plan: Plan, parsed: Parsed, change: Change) -> None:
    for name, value in change.after.items():
        # What a unit costs is for those who may see money; the sheet's owner knows it anyway.
        if name not in _COST:
            plan.show(parsed, name, change.before[name], value)


def _changes(rows: list[int], changes: list[Change]) -> list[Json]:
    return [
        [row, change.record.pk, dict[str, Json](change.before), dict[str, Json](change.after)]
        for row, change in zip(rows, changes, strict=True)
    ]


def _made(undo: Undo, name: str) -> list[tuple[int, str, int]]:
    return cast("list[tuple[int, str, int]]", undo[name])
