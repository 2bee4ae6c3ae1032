"""What the product pages show: prices per market, stock, what is missing, why stock changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog.models import Listing, ListingIssue, Product, ProductImage, Variant
from apps.catalog.pricing.reductions import Reduction
from apps.catalog.rules import CustomsFacts, find_missing
from apps.catalog.selectors_pricing import find_reductions
from apps.catalog.sentences import (
    FIELD_NAMES,
    explain_issue,
    explain_reduction,
    explain_refusal,
)
from apps.catalog.services.issues import load_issues
from apps.catalog.states import TRANSITIONS, ListingStatus
from apps.common.money import Money
from apps.dashboard.selectors.order_rows import photo_url
from apps.dashboard.selectors.publish_parts import fix_url
from apps.dashboard.words import country_name
from apps.inventory import buckets
from apps.inventory.models import Disposition, Node, StockBalance, StockPosting
from apps.inventory.states import Reason
from apps.merchants.models import Merchant

HISTORY = 25


@dataclass(frozen=True, slots=True)
class MarketChip:
    """One market of a product: its state, and the price or the range of prices."""

    code: str
    status: str
    low: Money
    high: Money
    refusal: str

    @property
    def name(self) -> str:
        """The country's name in the page's language."""
        return country_name(self.code)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product of the list."""

    product: Product
    photo: str
    skus: tuple[str, ...]
    chips: tuple[MarketChip, ...]
    available: int
    reserved: int
    missing: tuple[str, ...]


def rows_of(merchant: Merchant, products: Sequence[Product]) -> list[ProductRow]:
    """Return rows of products that come with variants and listings (one more statement)."""
    variants = {variant.pk for product in products for variant in product.variants.all()}
    stock = sum_stock(merchant, variants)
    return [_row(product, stock) for product in products]


def sum_stock(merchant: Merchant, variants: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return variant key → (available, reserved) over all nodes."""
    balances = StockBalance.objects.filter(merchant=merchant, variant__in=list(variants))
    stock: dict[int, tuple[int, int]] = {}
    spread: dict[int, int] = {}
    for key, variant, is_hot, available, reserved in balances.values_list(
        "pk", "variant_id", "is_hot", *buckets.SPREAD
    ):
        _add(stock, variant, (available, reserved))
        if is_hot:
            spread[key] = variant
    for key, amounts in buckets.sum_buckets(list(spread)).items():
        _add(stock, spread[key], amounts)
    return stock


def _add(stock: dict[int, tuple[int, int]], variant: int, amounts: tuple[int, int]) -> None:
    before = stock.get(variant, (0, 0))
    stock[variant] = (before[0] + amounts[0], before[1] + amounts[1])


def _row(product: Product, stock: dict[int, tuple[int, int]]) -> ProductRow:
    variants = list(product.variants.all())
    amounts = [stock.get(variant.pk, (0, 0)) for variant in variants]
    return ProductRow(
        product=product,
        photo=photo_url(product),
        skus=tuple(variant.sku for variant in variants),
        chips=tuple(chips_of(variants)),
        available=sum(available for available, _reserved in amounts),
        reserved=sum(reserved for _available, reserved in amounts),
        missing=tuple(missing_of(product, variants)),
    )


_WORST_FIRST = (
    ListingStatus.SUPPRESSED,
    ListingStatus.REJECTED,
    ListingStatus.LIVE,
    ListingStatus.CHECKING,
    ListingStatus.PAUSED,
    ListingStatus.DRAFT,
    ListingStatus.REMOVED,
)


def chips_of(variants: Sequence[Variant]) -> list[MarketChip]:
    """Return the markets of a product by code; the most urgent state of its variants counts."""
    groups: dict[str, list[Listing]] = {}
    for variant in variants:
        for listing in variant.listings.all() if variant.is_active else ():
            groups.setdefault(listing.market.code, []).append(listing)
    return [_chip(code, groups[code]) for code in sorted(groups)]


def _chip(code: str, listings: list[Listing]) -> MarketChip:
    prices = [item.price_minor for item in listings]
    currency = listings[0].currency
    worst = min(listings, key=lambda item: _WORST_FIRST.index(ListingStatus(item.status)))
    return MarketChip(
        code,
        worst.status,
        Money.from_minor(min(prices), currency),
        Money.from_minor(max(prices), currency),
        explain_refusal(worst.refusal),
    )


def missing_of(product: Product, variants: Sequence[Variant]) -> list[str]:
    """Return in words what keeps a product from being sold."""
    names: dict[str, None] = {}
    offered = [variant for variant in variants if variant.is_active]
    for variant in offered:
        facts = CustomsFacts(
            product.origin_country, product.hs_code, product.customs_name, variant.weight_g
        )
        names.update(dict.fromkeys(str(FIELD_NAMES[name]) for name in find_missing(facts)))
    if not any(variant.listings.all() for variant in offered):
        names[_("a market")] = None
    return list(names)


@dataclass(frozen=True, slots=True)
class Step:
    """A step a listing may take now."""

    following: str
    label: str


@dataclass(frozen=True, slots=True)
class ShownIssue:
    """Something wrong with a listing in words, and where it is put right."""

    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One listing of the product page, with the steps people may take.

    ``was`` is the earlier price that may be struck through beside the price, ``why_no_was`` says why a
    cut shows none.
    """

    listing: Listing
    variant: Variant
    price: Money
    steps: tuple[Step, ...] = field(default=())
    issues: tuple[ShownIssue, ...] = field(default=())
    was: Money | None = None
    why_no_was: str = ""

    @property
    def source(self) -> str:
        """Where the price comes from, in words."""
        if self.listing.model == Merchant.Model.CUSTODY:
            return _("Supply price")
        is_rule = self.listing.price_source == Listing.PriceSource.RULE
        return _("Follows the rule") if is_rule else ""

    @property
    def name(self) -> str:
        """The country's name."""
        return country_name(self.listing.market.code)

    @property
    def refusal(self) -> str:
        """The sentence of why the listing was refused, in the page's language."""
        if self.listing.status != ListingStatus.REJECTED:
            return ""
        return explain_refusal(self.listing.refusal)


def list_listing_rows(product: Product, *, now: datetime) -> list[ListingRow]:
    """Return the listings of a product by market and variant, without withdrawn variants.

    Two statements for any number of listings, none without any.
    """
    pairs = [
        (variant, listing)
        for variant in product.variants.all()
        if variant.is_active
        for listing in variant.listings.all()
    ]
    listings = [listing for _variant, listing in pairs]
    issues = load_issues(listings)
    reductions = find_reductions(listings, now=now)
    rows = [
        _listing_row(product, variant, listing, issues.get(listing.pk, {}).values(), reductions)
        for variant, listing in pairs
    ]
    return sorted(rows, key=lambda row: (row.listing.market.code, row.variant.pk))


def _listing_row(
    product: Product,
    variant: Variant,
    listing: Listing,
    issues: Iterable[ListingIssue],
    reductions: Mapping[int, Reduction],
) -> ListingRow:
    found = reductions[listing.pk]
    was = None
    if found.was_minor is not None:
        was = Money.from_minor(found.was_minor, listing.currency)
    blocking = (issue for issue in issues if issue.effect == ListingIssue.Effect.BLOCKED)
    return ListingRow(
        listing,
        variant,
        Money.from_minor(listing.price_minor, listing.currency),
        tuple(_steps(listing)),
        issues=tuple(
            ShownIssue(
                explain_issue(issue.code, issue.field, issue.parameters),
                fix_url(issue.fix, product),
            )
            for issue in blocking
        ),
        was=was,
        why_no_was=explain_reduction(found, listing.market.code, listing.currency),
    )


PEOPLE_STEPS = (ListingStatus.PAUSED, ListingStatus.LIVE, ListingStatus.REMOVED)


def _steps(listing: Listing) -> Iterable[Step]:
    """Yield pause, resume and remove where the life cycle allows them to people."""
    labels = {
        ListingStatus.PAUSED: _("Pause"),
        ListingStatus.LIVE: _("Resume"),
        ListingStatus.REMOVED: _("Remove"),
    }
    if listing.status not in {ListingStatus.LIVE, ListingStatus.PAUSED}:
        return
    for following in PEOPLE_STEPS:
        if following in TRANSITIONS[listing.status]:
            yield Step(following.value, labels[following])


@dataclass(frozen=True, slots=True)
class StockRow:
    """The stock of one variant at one node."""

    variant: Variant
    node: Node
    available: int
    reserved: int
    inbound: int
    damaged: int
    is_hot: bool


def list_stock(merchant: Merchant, product: Product, nodes: Sequence[Node]) -> list[StockRow]:
    """Return every variant at every node, also where nothing stands."""
    variants = list(product.variants.all())
    found = list(StockBalance.objects.filter(merchant=merchant, variant__in=variants))
    buckets.fold(found)
    known = {(balance.variant_id, balance.node_id): balance for balance in found}
    rows = []
    for variant in variants:
        for node in nodes:
            balance = known.get((variant.pk, node.pk)) or StockBalance()
            rows.append(
                StockRow(
                    variant,
                    node,
                    balance.available,
                    balance.reserved,
                    balance.inbound,
                    balance.damaged,
                    balance.is_hot,
                )
            )
    return rows


@dataclass(frozen=True, slots=True)
class Change:
    """One movement of stock, told."""

    at: datetime
    text: str
    quantity: int
    sku: str
    node: str
    reference: str


def list_changes(merchant: Merchant, product: Product) -> list[Change]:
    """Return the newest movements of a product's stock with their reasons in words."""
    postings = StockPosting.objects.filter(
        merchant=merchant, balance__variant__product=product
    ).select_related("balance__variant", "balance__node")
    changes = [_change(posting) for posting in postings.order_by("-id")[:HISTORY]]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def tell_reason(reason: str) -> str:
    """Return why stock moved in words; a reason of an earlier version reads as itself."""
    return str(Reason(reason).label) if reason in Reason.values else reason


def _change(posting: StockPosting) -> Change:
    is_out = posting.from_disposition == Disposition.AVAILABLE or not posting.to_disposition
    back = posting.to_disposition == Disposition.AVAILABLE
    sign = 1 if back else -1 if is_out else 0
    return Change(
        posting.occurred_at,
        tell_reason(posting.reason),
        sign * posting.quantity,
        posting.balance.variant.sku,
        posting.balance.node.name,
        posting.reference,
    )


def list_copies(merchant: Merchant, images: Sequence[ProductImage]) -> list[ProductImage]:
    """Return one picture of each other product of the company that has a likely copy of these."""
    pairs = catalog.find_copies(images, merchant=merchant)
    return list({other.product_id: other for _mine, other in pairs}.values())
