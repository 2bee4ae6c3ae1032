"""What the publish page shows: a row per market with its price, what is kept, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.catalog.models import Listing, Product
from apps.common.formatting import currency_symbol, format_day, format_percent
from apps.common.money import Money
from apps.compliance.publishing.answering import Answer, answer_case
from apps.compliance.publishing.facts import Finding
from apps.compliance.publishing.obligations import find_demand
from apps.compliance.publishing.reading import Wanted, read_cases, usual_markets
from apps.compliance.publishing.records import Verdict
from apps.compliance.publishing.sentences import (
    explain_finding,
    explain_note,
    line_label,
    name_of_registration,
)
from apps.compliance.publishing.waterfall import Waterfall
from apps.dashboard.selectors.publish_parts import fix_url, price_text
from apps.dashboard.words import country_name
from apps.markets.landed.rows import EU_MEMBERS
from apps.markets.models import Market
from apps.merchants.models import Merchant

USUAL, EU, LISTED, ALL, NONE = "usual", "eu", "listed", "all", "none"


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One line of a waterfall in words."""

    label: str
    amount: Money | None
    note: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in words, with the address where it is put right.

    ``is_quoted`` marks the text of a rule row, which is English in every language of the page.
    """

    sentence: str
    url: str
    is_blocking: bool
    rows: tuple[str, ...]
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One market of the publish page."""

    market: Market
    answer: Answer
    is_on: bool
    is_listed: bool
    text: str
    shown: str
    lines: tuple[FlowLine, ...]
    problems: tuple[Problem, ...]
    error: str = ""

    @property
    def code(self) -> str:
        """The market's code."""
        return self.market.code

    @property
    def name(self) -> str:
        """The country's name."""
        return country_name(self.market.code)

    @property
    def symbol(self) -> str:
        """The currency as it is written before the price."""
        return currency_symbol(self.market.currency)

    @property
    def verdict(self) -> str:
        """The answer's code."""
        return self.answer.verdict

    @property
    def is_possible(self) -> bool:
        """Whether the market can be chosen."""
        return self.answer.verdict != Verdict.CANNOT

    @property
    def lowest(self) -> Waterfall | None:
        """What is kept of the variant that keeps least."""
        return self.answer.lowest

    @property
    def worst(self) -> Money | None:
        """What is kept in the worst parcel, where that is less."""
        found = self.answer.lowest
        if found is None or found.worst.case != "basket":
            return None
        return found.worst.keep

    @property
    def margin(self) -> str:
        """What is kept as a share of the price."""
        found = self.answer.lowest
        return format_percent(found.margin, 0) if found is not None else ""

    @property
    def is_loss(self) -> bool:
        """Whether nothing is kept."""
        found = self.answer.lowest
        return found is not None and found.keep.minor <= 0

    @property
    def unknown(self) -> list[str]:
        """Names of the lines that are not known."""
        found = self.answer.lowest
        return [line_label(code, "") for code in found.unknown] if found is not None else []

    @property
    def is_by_rule(self) -> bool:
        """Whether every price follows a rule."""
        offers = [offer for offer in self.answer.case.offers if offer.price is not None]
        return all(offer.source == Listing.PriceSource.RULE for offer in offers)

    @property
    def source(self) -> str:
        """Where the price comes from, in words."""
        if all(offer.price is None for offer in self.answer.case.offers):
            return ""
        if self.answer.case.is_custody:
            return _("Supply price")
        return _("Follows the rule") if self.is_by_rule else _("Own price")

    @property
    def first_block(self) -> str:
        """The sentence of the first thing in the way."""
        return next((item.sentence for item in self.problems if item.is_blocking), "")

    @property
    def block_count(self) -> int:
        """How many things are in the way."""
        return sum(item.is_blocking for item in self.problems)


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact the page asks for once: a register number of the company or a duty rate of the product.

    ``is_near`` means that a chosen or listed market needs it.
    """

    kind: str
    code: str
    country: str
    label: str
    hint: str
    extra: str = ""
    is_near: bool = True

    @property
    def name(self) -> str:
        """The name of the field."""
        return f"{self.kind}_{self.code}_{self.country}"


@dataclass(frozen=True, slots=True)
class Preset:
    """A choice of markets."""

    slug: str
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class PublishPage:
    """Everything the page shows of its markets."""

    rows: tuple[MarketRow, ...]
    asks: tuple[Ask, ...]
    presets: tuple[Preset, ...]
    model: str
    on: date

    @property
    def day(self) -> str:
        """The day whose rules and rates count, in words."""
        return format_day(self.on, today=self.on)

    @property
    def first(self) -> list[MarketRow]:
        """The markets that are chosen or listed; without any, those that can be sold in."""
        near = [row for row in self.rows if row.is_on or row.is_listed]
        return near or [row for row in self.rows if row.verdict == Verdict.CAN]

    @property
    def others(self) -> list[MarketRow]:
        """The rest."""
        shown = {row.code for row in self.first}
        return [row for row in self.rows if row.code not in shown]

    @property
    def near_asks(self) -> list[Ask]:
        """What the chosen and listed markets need."""
        return [ask for ask in self.asks if ask.is_near]

    @property
    def other_asks(self) -> list[Ask]:
        """What opens further markets."""
        return [ask for ask in self.asks if not ask.is_near]

    @property
    def chosen(self) -> list[MarketRow]:
        """The markets that are switched on."""
        return [row for row in self.rows if row.is_on]

    @property
    def note(self) -> str:
        """How many of the chosen markets can go live now."""
        chosen = self.chosen
        if not chosen:
            return _("Choose the markets first.")
        ready = sum(row.verdict == Verdict.CAN for row in chosen)
        values = {"ready": ready, "count": len(chosen)}
        if ready == len(chosen):
            return ngettext(
                "%(count)s market can go live now.", "%(count)s markets can go live now.", ready
            ) % {"count": ready}
        return (
            _(
                "%(ready)s of %(count)s markets can go live now. The others follow as soon as the "
                "problem is fixed."
            )
            % values
        )


def read_page(
    product: Product,
    markets: Sequence[Market],
    *,
    merchant: Merchant,
    on: date,
    model: str = "",
    preset: str = "",
    typed: Mapping[str, Wanted] | None = None,
    texts: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> PublishPage:
    """Return the page of a product; eleven statements for any number of markets.

    ``typed`` is what a refused form asked for by market; its markets are the ones switched on.
    """
    wanted = {market.code: Wanted(model=model) for market in markets} | dict(typed or {})
    cases = read_cases(product, markets, merchant=merchant, on=on, wanted=wanted)
    answers = [answer_case(case) for case in cases]
    listed = _listed_markets(product)
    usual = usual_markets(merchant)
    slug = preset or (USUAL if usual else LISTED if listed else ALL)
    chosen = set(typed) if typed is not None else _chosen(slug, answers, usual, listed)
    rows = [_row(answer, product, chosen, listed, texts or {}, errors or {}) for answer in answers]
    ranked = sorted(rows, key=lambda row: (not row.is_on, _RANK[row.verdict], row.code))
    return PublishPage(
        rows=tuple(ranked),
        asks=tuple(_asks(ranked)),
        presets=tuple(_presets(product, slug, model, answers, usual, listed)),
        model=cases[0].model if cases else merchant.default_model,
        on=on,
    )


_RANK = {Verdict.CAN.value: 0, Verdict.CAN_WHEN.value: 1, Verdict.CANNOT.value: 2}


def _listed_markets(product: Product) -> set[str]:
    return {
        listing.market.code
        for variant in product.variants.all()
        if variant.is_active
        for listing in variant.listings.all()
        if listing.status != "removed"
    }


def _chosen(
    slug: str, answers: Sequence[Answer], usual: Sequence[str], listed: set[str]
) -> set[str]:
    possible = {answer.case.market.code for answer in answers if answer.verdict != Verdict.CANNOT}
    can = {answer.case.market.code for answer in answers if answer.verdict == Verdict.CAN}
    sets = {
        USUAL: possible & set(usual),
        EU: can & EU_MEMBERS,
        LISTED: possible & listed,
        ALL: can,
    }
    return sets.get(slug, set())


def _row(
    answer: Answer,
    product: Product,
    chosen: set[str],
    listed: set[str],
    texts: Mapping[str, str],
    errors: Mapping[str, str],
) -> MarketRow:
    code = answer.case.market.code
    text, shown = price_text(answer.case.offers)
    lowest = answer.lowest
    return MarketRow(
        market=answer.case.market,
        answer=answer,
        is_on=code in chosen,
        is_listed=code in listed,
        text=texts.get(code, text),
        shown=shown,
        lines=tuple(_lines(lowest)) if lowest is not None else (),
        problems=tuple(_problem(finding, product) for finding in answer.findings),
        error=errors.get(f"price_{code}", ""),
    )


def _lines(waterfall: Waterfall) -> Iterable[FlowLine]:
    for line in waterfall.lines:
        yield FlowLine(
            line_label(line.code, line.note), line.amount, explain_note(line.code, line.note)
        )


def _problem(finding: Finding, product: Product) -> Problem:
    return Problem(
        explain_finding(finding),
        fix_url(finding.fix, product),
        finding.is_blocking,
        finding.rows,
        is_quoted=finding.code == "rule_caution",
    )


def _asks(rows: Sequence[MarketRow]) -> Iterable[Ask]:
    """Yield what the page can take at once: numbers for chosen or listed markets, and duty rates."""
    found: dict[tuple[str, str, str], Ask] = {}
    for row in rows:
        for finding in row.answer.findings:
            ask = _ask(finding, row)
            if ask is not None and (ask.is_near or finding.is_blocking):
                key = (ask.kind, ask.code, ask.country)
                found.setdefault(key, ask)
    return found.values()


def _ask(finding: Finding, row: MarketRow) -> Ask | None:
    is_near = row.is_on or row.is_listed
    if finding.code == "registration" and find_demand(finding.field) is not None:
        name = name_of_registration(finding.field)
        label = _("%(market)s: %(name)s") % {"market": row.name, "name": name}
        duty = str(finding.parameters.get("duty", ""))
        return Ask("reg", finding.field, row.code, label, duty, is_near=is_near)
    if finding.code == "no_tariff_rate":
        label = _("%(market)s: duty rate of this product in %%") % {"market": row.name}
        extra = "" if finding.field == "tariff_rate" else finding.field
        if row.code == "US" and row.answer.case.product.origin_country == "CN":
            extra = "section_301_cn_rate"
        return Ask("duty", "rate", row.code, label, "", extra, is_near)
    return None


def _presets(
    product: Product,
    slug: str,
    model: str,
    answers: Sequence[Answer],
    usual: Sequence[str],
    listed: set[str],
) -> Iterable[Preset]:
    base = reverse("dashboard:product_publish", args=[product.public_id])
    counts = {name: len(_chosen(name, answers, usual, listed)) for name in (USUAL, LISTED, EU, ALL)}
    labels = {
        USUAL: _("My usual %(count)s"),
        LISTED: _("Where it is listed: %(count)s"),
        EU: _("EU that can: %(count)s"),
        ALL: _("All that can: %(count)s"),
    }
    for name, label in labels.items():
        if counts[name]:
            url = f"{base}?preset={name}" + (f"&model={model}" if model else "")
            yield Preset(name, label % {"count": counts[name]}, url, name == slug)
