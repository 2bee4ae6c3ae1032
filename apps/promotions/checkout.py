"""Pricing the carts of a batch: everything they need read once, each cart seeing the ones before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.promotions.counting import Counters, Entered, find_codes, read_counters
from apps.promotions.explanation import Explanation, Named
from apps.promotions.facts import VariantFacts, cost_in, read_facts
from apps.promotions.pricing import reasons
from apps.promotions.pricing.cart import Buyer, Cart, Line
from apps.promotions.pricing.quote import Applied, CodeAnswer, Gift, Quote, Reason
from apps.promotions.programs import Active, Loaded, empty_program
from apps.promotions.requests import Taking

# How many orders a buyer has placed, and how many of them were cancelled.
History = Mapping[str, tuple[int, int]]
_NO_FACTS = VariantFacts("", "", (), 0, "", {})


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line of a basket at the listing's price in minor units."""

    sku: str
    variant_id: int
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody wants to buy, before promotions; lines are numbered from 1 in their order."""

    lines: tuple[BasketLine, ...]
    market: str
    market_id: int
    currency: str
    moment: datetime
    channel: str = ""
    content: str = ""
    country: str = ""
    shipping_minor: int = 0
    shipping_method: str = ""
    buyer_index: str = ""
    is_follower: bool = False
    buyer_tags: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with its quote; ``codes`` are those that lead somewhere, ``used_up`` their closed ones."""

    basket: Basket
    loaded: Loaded
    quote: Quote
    codes: Mapping[str, Entered]
    used_up: frozenset[str]

    def takings(self, order_ref: str, *, without: Mapping[Gift, str] | None = None) -> list[Taking]:
        """Return what an order of this basket takes; ``without`` are gifts it does not get."""
        lost = without or {}
        gifts: dict[str, int] = {}
        for gift in self.quote.gifts:
            if gift not in lost:
                gifts[gift.promotion] = gifts.get(gift.promotion, 0) + gift.quantity
        return [
            Taking(
                promotion=one.promotion,
                order_ref=order_ref,
                buyer_index=self.basket.buyer_index,
                currency=self.basket.currency,
                units=one.units + gifts.get(one.promotion, 0),
                amount_minor=one.goods + one.shipping,
                platform_minor=one.platform,
                code=self._code_of(one.promotion),
            )
            for one in self._applied(lost)
        ]

    def _applied(self, lost: Mapping[Gift, str]) -> list[Applied]:
        """Return what gave something; a promotion all of whose gifts were lost did not."""
        given = {gift.promotion for gift in self.quote.gifts if gift not in lost}
        empty = {gift.promotion for gift in lost} - given
        return [
            one
            for one in self.quote.applied
            if one.goods or one.shipping or one.promotion not in empty
        ]

    def _code_of(self, promotion: str) -> str:
        for code, entered in self.codes.items():
            if entered.promotion == promotion and code not in self.used_up:
                return entered.code
        return ""

    def explain(self, *, without: Mapping[Gift, str] | None = None) -> Explanation:
        """Return the explanation; ``without`` are gifts that could not be added, and why."""
        quote, loaded, lost = self.quote, self.loaded, without or {}
        applied = self._applied(lost)
        found = [*self._reasons(), *(_lost(gift, code) for gift, code in lost.items())]
        return Explanation(
            program=loaded.version,
            currency=quote.currency,
            zone=loaded.program.setting.timezone,
            goods_minor=quote.goods_before,
            shipping_minor=quote.shipping_before,
            goods_discount_minor=quote.discount,
            shipping_discount_minor=quote.shipping_discount,
            promotions={
                ident: Named(active.name, active.version)
                for ident, active in loaded.promotions.items()
            },
            applied=tuple(applied),
            gifts=tuple(gift for gift in quote.gifts if gift not in lost),
            reasons=tuple(found),
            codes=tuple(self._answer(code, applied, found) for code in self.basket.codes),
            trace=quote.trace,
        )

    def _reasons(self) -> list[Reason]:
        """Return the engine's reasons; a code that is used up was entered, so it is named."""
        closed = {self.codes[code].promotion: code for code in self.used_up}
        return [
            Reason(
                one.promotion,
                reasons.CODE_USED_UP,
                {"code": closed[one.promotion]},
                is_partial=False,
            )
            if one.code == reasons.CODE_NOT_ENTERED and one.promotion in closed
            else one
            for one in self.quote.reasons
        ]

    def _answer(self, code: str, applied: Sequence[Applied], found: Sequence[Reason]) -> CodeAnswer:
        entered = self.codes.get(code)
        if entered is None:
            return CodeAnswer(code, (), reasons.CODE_UNKNOWN)
        if entered.promotion not in self.loaded.promotions:
            return CodeAnswer(code, (), reasons.CODE_INACTIVE)
        leads = (entered.promotion,)
        if code in self.used_up:
            return CodeAnswer(code, leads, reasons.CODE_USED_UP)
        if any(one.promotion == entered.promotion for one in applied):
            return CodeAnswer(code, leads, "")
        why = [one.code for one in found if one.promotion == entered.promotion]
        return CodeAnswer(code, leads, why[0] if why else reasons.NO_GAIN)


def _lost(gift: Gift, code: str) -> Reason:
    return Reason(gift.promotion, code, {"sku": gift.sku}, is_partial=True)


@dataclass(slots=True)
class Desk:
    """What the baskets of a batch need to know; ``note`` lets the next one see the one before.

    ``history`` is known only where a promotion asks for it.
    """

    programs: Mapping[str, Loaded]
    facts: Mapping[int, VariantFacts]
    codes: Mapping[str, Entered]
    counters: Counters
    history: dict[str, tuple[int, int]] | None
    _empty: dict[tuple[str, str], Loaded] = field(default_factory=dict)

    def price(self, basket: Basket) -> Priced | None:
        """Return the price of a basket; nothing when there are neither promotions nor codes."""
        loaded = self._program(basket)
        return None if loaded is None else self.price_with(basket, loaded)

    def price_with(self, basket: Basket, loaded: Loaded) -> Priced:
        """Return the price of a basket under a program."""
        entered = {code: self.codes[code] for code in basket.codes if code in self.codes}
        running = {code: one for code, one in entered.items() if one.promotion in loaded.promotions}
        used_up = frozenset(
            code
            for code, one in running.items()
            if not self.counters.is_open(loaded.promotions[one.promotion].key, one)
        )
        usage = self.counters.usage(
            loaded,
            buyer_index=basket.buyer_index,
            currency=basket.currency,
            entered=list(running.values()),
        )
        cart = Cart(
            lines=tuple(self._lines(basket, loaded)),
            market=basket.market,
            currency=basket.currency,
            moment=basket.moment,
            channel=basket.channel,
            content=basket.content,
            buyer=self._buyer(basket),
            # A program knows one code for all that lead to a promotion: the promotion's own id.
            codes=tuple(
                dict.fromkeys(one.promotion for code, one in running.items() if code not in used_up)
            ),
            shipping=basket.shipping_minor,
            shipping_method=basket.shipping_method,
            country=basket.country,
            usage=usage,
        )
        return Priced(basket, loaded, loaded.program.quote(cart), entered, used_up)

    def note(self, priced: Priced, takings: Sequence[Taking]) -> None:
        """Count an order that will be placed, for the baskets after it."""
        for taking in takings:
            self.counters.note(taking, priced.loaded.promotions[taking.promotion])
        buyer = priced.basket.buyer_index
        if self.history is not None and buyer:
            orders, cancelled = self.history.get(buyer, (0, 0))
            self.history[buyer] = (orders + 1, cancelled)

    def _program(self, basket: Basket) -> Loaded | None:
        loaded = self.programs.get(basket.market)
        if loaded is not None and loaded.program.setting.currency == basket.currency:
            return loaded
        if not basket.codes:
            return None
        key = (basket.market, basket.currency)
        if key not in self._empty:
            self._empty[key] = empty_program(*key)
        return self._empty[key]

    def _lines(self, basket: Basket, loaded: Loaded) -> list[Line]:
        found = []
        on = basket.moment.date()
        for position, line in enumerate(basket.lines, 1):
            facts = self.facts.get(line.variant_id, _NO_FACTS)
            floor = min(facts.floors.get(basket.market_id, 0), line.unit_price_minor)
            cost = cost_in(facts, basket.currency, on) if loaded.needs_costs else None
            found.append(
                Line(
                    sku=line.sku,
                    unit_price=line.unit_price_minor,
                    quantity=line.quantity,
                    product=facts.product,
                    categories=facts.categories,
                    brand=facts.brand,
                    floor=floor,
                    cost=cost,
                    position=position,
                )
            )
        return found

    def _buyer(self, basket: Basket) -> Buyer:
        orders, cancelled = None, 0
        if self.history is not None and basket.buyer_index:
            orders, cancelled = self.history.get(basket.buyer_index, (0, 0))
        return Buyer(orders, cancelled, basket.is_follower, frozenset(basket.buyer_tags))


def open_desk(
    merchant_id: int,
    programs: Mapping[str, Loaded],
    baskets: Sequence[Basket],
    *,
    read_history: Callable[[set[str]], History],
) -> Desk:
    """Read what the baskets need: facts, and codes, counters and histories only where they matter.

    One statement each; none at all without programs and codes.
    """
    priced = [basket for basket in baskets if basket.market in programs]
    used = {basket.market: programs[basket.market] for basket in priced}
    codes = find_codes(merchant_id, sorted({code for one in baskets for code in one.codes}))
    facts = read_facts(
        merchant_id,
        {line.variant_id for basket in priced for line in basket.lines},
        {basket.market_id for basket in priced},
    )
    buyers = {basket.buyer_index for basket in priced}
    counters = read_counters(list(used.values()), buyers=buyers, codes=codes.values())
    asking = {basket.buyer_index for basket in priced if programs[basket.market].needs_history} - {
        ""
    }
    history = dict(read_history(asking)) if asking else None
    return Desk(used, facts, codes, counters, history)


def promotions_of(programs: Mapping[str, Loaded]) -> dict[str, Active]:
    """Return the promotions of programs by public id, as ``counting.take`` wants them."""
    return {
        ident: active for loaded in programs.values() for ident, active in loaded.promotions.items()
    }
