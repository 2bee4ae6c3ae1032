"""Prices per market from a sheet: one row is one SKU in one market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, cast

from apps.catalog import services as catalog
from apps.catalog.models import Listing, Variant
from apps.catalog.rules import CustomsFacts, find_missing
from apps.catalog.services import PriceDraft
from apps.catalog.states import ListingStatus
from apps.common.db import lock_by_pk
from apps.common.money import Money
from apps.imports.cells import CellError, to_minor
from apps.imports.planning.common import Parsed, Plan, Undo, Undone
from apps.journal.actors import Actor
from apps.journal.services import Json
from apps.markets.models import Market
from apps.markets.selectors import list_markets
from apps.merchants.models import Merchant

_Terms = tuple[int, str, str]
_COLUMNS = (
    "sku",
    "pk",
    "is_active",
    "product__origin_country",
    "product__hs_code",
    "product__customs_name",
    "weight_g",
)


class _Before(NamedTuple):
    """The terms of a listing and where its price came from, in the order of ``_BEFORE``."""

    minor: int
    currency: str
    model: str
    status: str
    source: str
    basis: dict[str, Json]


_BEFORE = ("price_minor", "currency", "model", "status", "price_source", "price_basis")


class _Offer(NamedTuple):
    """What planning needs to know of a variant."""

    sku: str
    pk: int
    is_active: bool
    facts: CustomsFacts


@dataclass(slots=True)
class PricePlan(Plan):
    """The prices to set: variant, market and terms; for each its row and the terms before."""

    prices: list[tuple[int, Market, _Terms]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    before: list[_Before | None] = field(default_factory=list)


class PricePlanner:
    """Plans prices; every one passes the gate of its listing."""

    def __init__(self, merchant: Merchant) -> None:
        """Plan for a company."""
        self._merchant = merchant
        self._markets: dict[str, Market] = {market.code: market for market in list_markets()}

    def group_of(self, parsed: Parsed) -> str:
        """Return nothing: rows stand alone."""
        return ""

    def key_of(self, parsed: Parsed) -> str:
        """Return SKU and market: one row for each."""
        return f"{parsed.values['sku']} · {str(parsed.values['market']).upper()}"

    def plan(self, rows: Sequence[Parsed], *, lock: bool) -> PricePlan:
        """Work out which prices are new or differ; two statements, however many rows."""
        plan = PricePlan()
        variants = self._variants(rows)
        listings = self._listings(variants, lock=lock)
        for parsed in rows:
            variant = variants.get(str(parsed.values["sku"]))
            market = self._markets.get(str(parsed.values["market"]).upper())
            if variant is None:
                plan.refuse(parsed, "sku", "unknown_sku", value=str(parsed.values["sku"]))
            elif market is None:
                known = ", ".join(sorted(self._markets))
                value = str(parsed.values["market"])
                plan.refuse(parsed, "market", "unknown_market", value=value, choices=known)
            elif not variant.is_active:
                plan.refuse(parsed, "sku", "withdrawn", value=variant.sku)
            else:
                self._plan_price(plan, parsed, variant, market, listings)
        return plan

    def _variants(self, rows: Sequence[Parsed]) -> dict[str, _Offer]:
        skus = {str(item.values["sku"]) for item in rows}
        found = Variant.objects.filter(merchant=self._merchant, sku__in=skus)
        return {
            sku: _Offer(sku, pk, is_active, CustomsFacts(*facts))
            for sku, pk, is_active, *facts in found.values_list(*_COLUMNS)
        }

    def _listings(
        self, variants: Mapping[str, _Offer], *, lock: bool
    ) -> dict[tuple[int, int], _Before]:
        keys = [variant.pk for variant in variants.values()]
        found = Listing.objects.filter(merchant=self._merchant, variant__in=keys).order_by("pk")
        if lock:
            found = found.select_for_update()
        return {
            (variant, market): _Before(*terms)
            for variant, market, *terms in found.values_list("variant_id", "market_id", *_BEFORE)
        }

    def _plan_price(
        self,
        plan: PricePlan,
        parsed: Parsed,
        variant: _Offer,
        market: Market,
        listings: Mapping[tuple[int, int], _Before],
    ) -> None:
        before = listings.get((variant.pk, market.pk))
        values = parsed.values
        currency = str(values.get("currency", market.currency))
        try:
            minor = to_minor(str(values["price"]), currency)
        except CellError as error:
            plan.refuse(parsed, "price", error.code, **error.facts)
            return
        if minor <= 0:
            plan.refuse(parsed, "price", "price_zero")
            return
        known = before.model if before else self._merchant.default_model
        model = str(values.get("model", known))
        is_off = before is not None and before.status == ListingStatus.REMOVED
        if before is not None and before[:3] == (minor, currency, model) and not is_off:
            plan.unchanged.append(parsed)
            return
        self._warn(plan, parsed, variant)
        (plan.new if before is None else plan.changed).append(parsed)
        if before is not None:
            plan.show(
                parsed, "price", _money(before.minor, before.currency), _money(minor, currency)
            )
        plan.prices.append((variant.pk, market, (minor, currency, model)))
        plan.rows.append(parsed.row.number)
        plan.before.append(before)

    def _warn(self, plan: Plan, parsed: Parsed, variant: _Offer) -> None:
        if missing := list(find_missing(variant.facts)):
            plan.warn(parsed, "sku", "gate_closed", names=",".join(missing))

    def write(self, plan: Plan, *, reference: str, actor: Actor, now: datetime) -> Undo:
        """Set the prices through the listing service; undoing needs the terms before and after."""
        if not isinstance(plan, PricePlan):
            raise TypeError("a plan of another kind")
        if not plan.prices:
            return {"new": [], "changed": []}
        wanted = Variant.objects.filter(pk__in={variant for variant, _market, _to in plan.prices})
        variants = {item.pk: item for item in wanted.select_related("product")}
        drafts = [
            PriceDraft(variants[variant], market, minor, model, currency)
            for variant, market, (minor, currency, model) in plan.prices
        ]
        made = catalog.list_in_markets(drafts, merchant=self._merchant, actor=actor, now=now)
        new: list[Json] = []
        changed: list[Json] = []
        for row, listing, before in zip(plan.rows, made, plan.before, strict=True):
            terms: list[Json] = list(_terms(listing))
            if before is None:
                new.append([row, listing.public_id, terms])
            else:
                changed.append([row, listing.public_id, terms, list[Json](before)])
        return {"new": new, "changed": changed}

    def undo(
        self, undo: Undo, *, made_at: datetime, reference: str, actor: Actor, now: datetime
    ) -> Undone:
        """Put prices back that nobody changed since, and take new listings off sale."""
        undone = Undone()
        steps = _steps(undo)
        idents = [ident for _row, ident, _after, _before in steps]
        own = Listing.objects.filter(merchant=self._merchant, public_id__in=idents)
        rows = lock_by_pk(own.select_related("market", "variant__product"))
        found = {item.public_id: item for item in rows}
        off: list[Listing] = []
        drafts: list[PriceDraft] = []
        for row, ident, after, before in steps:
            listing = found.get(ident)
            if not self._may_undo(undone, row, listing, after) or listing is None:
                continue
            if before is None or before.status == ListingStatus.REMOVED:
                off.append(listing)
            if before is not None:
                drafts.append(_draft_before(listing, before))
            undone.restored += 1
        if drafts:
            catalog.list_in_markets(drafts, merchant=self._merchant, actor=actor, now=now)
        if off:
            again = lock_by_pk(Listing.objects.filter(pk__in=[item.pk for item in off]))
            catalog.take_off_sale(again, merchant=self._merchant, actor=actor, now=now)
        return undone

    def _may_undo(
        self, undone: Undone, row: int, listing: Listing | None, after: Sequence[int | str]
    ) -> bool:
        if listing is None:
            undone.refuse(row, "undo_gone")
        elif list(_terms(listing)) != list(after):
            undone.refuse(row, "undo_changed", column="price")
        elif listing.status == ListingStatus.SUPPRESSED:
            undone.refuse(row, "undo_changed", column="status")
        elif not listing.variant.is_active:
            undone.refuse(row, "undo_withdrawn")
        else:
            return True
        return False


def _money(minor: int, currency: str) -> str:
    return f"{Money.from_minor(minor, currency).amount} {currency}"


def _draft_before(listing: Listing, before: _Before) -> PriceDraft:
    """Return the draft that restores a price with what it came from."""
    return PriceDraft(
        listing.variant,
        listing.market,
        before.minor,
        before.model,
        before.currency,
        source=before.source,
        basis=before.basis,
    )


def _terms(listing: Listing) -> _Terms:
    return (listing.price_minor, listing.currency, listing.model)


def _steps(undo: Undo) -> list[tuple[int, str, list[int | str], _Before | None]]:
    """Return (row, listing, terms after, what was before or nothing) of each change."""
    new = cast("list[tuple[int, str, list[int | str]]]", undo["new"])
    changed = cast("list[tuple[int, str, list[int | str], list[Any]]]", undo["changed"])
    return [
        *((row, ident, after, None) for row, ident, after in new),
        *((row, ident, after, _Before(*before)) for row, ident, after, before in changed),
    ]
