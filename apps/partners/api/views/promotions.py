"""Promotions: making, publishing, codes, performance, simulation, and lowest prices."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog.models import Variant
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.compliance.promoting import services as checked
from apps.compliance.promoting.performance import read_performance
from apps.compliance.promoting.simulating import Outcome, Simulation, simulate
from apps.markets import selectors as markets
from apps.markets.models import Market
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.common import PageQuery, money_view
from apps.partners.api.structs.promotions import (
    CodeList,
    CodePage,
    CodeView,
    FloorList,
    FloorView,
    NewCodes,
    NewFloor,
    NewFloors,
    NewPromotion,
    OutcomeView,
    PerformanceView,
    PromotionPage,
    PromotionQuery,
    PromotionView,
    PublishPromotion,
    SimulationView,
    TakenView,
    WorstView,
)
from apps.partners.scopes import PROMOTIONS_READ, PROMOTIONS_WRITE
from apps.promotions import selectors, services
from apps.promotions.models import Promotion
from apps.promotions.requests import PromotionDraft
from apps.promotions.rows import row_of_draft
from apps.promotions.services.drafts import check_draft

SIMULATED = 60


class PromotionsView(PartnerView):
    """The promotions of the company."""

    @operation(
        "promotions.list",
        scope=PROMOTIONS_READ,
        query=PromotionQuery,
        answers={200: PromotionPage},
    )
    def get(self, call: Call[PromotionQuery, Nothing]) -> Answer:
        """List promotions, the newest first."""
        found = selectors.list_promotions(call.merchant)
        for name in ("status", "kind"):
            if getattr(call.query, name):
                found = found.filter(**{name: getattr(call.query, name)})
        page = paginate(
            found, key="id", cursor=call.query.cursor, size=call.query.limit, is_time=False
        )
        items = [_promotion_view(promotion) for promotion in page.rows]
        return Answer(PromotionPage(items, page.next_cursor or None))

    @operation(
        "promotions.create",
        scope=PROMOTIONS_WRITE,
        body=NewPromotion,
        answers={201: PromotionView},
    )
    def post(self, call: Call[Nothing, NewPromotion]) -> Answer:
        """Save a promotion as a draft. It changes no price until it is published."""
        made = services.create_promotion(
            call.merchant, _draft(call.body), actor=call.actor, now=call.now
        )
        return Answer(_promotion_view(made), 201)


class OnePromotionView(PartnerView):
    """One promotion."""

    @operation("promotions.get", scope=PROMOTIONS_READ, answers={200: PromotionView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one promotion."""
        return Answer(_promotion_view(_one(call)))

    @operation(
        "promotions.put", scope=PROMOTIONS_WRITE, body=NewPromotion, answers={200: PromotionView}
    )
    def put(self, call: Call[Nothing, NewPromotion]) -> Answer:
        """Replace the content of a draft or paused promotion; codes are added, never taken away."""
        changed = services.update_promotion(
            _one(call), _draft(call.body), actor=call.actor, now=call.now
        )
        return Answer(_promotion_view(changed))

    @operation("promotions.delete", scope=PROMOTIONS_WRITE, answers={204: None})
    def delete(self, call: Call[Nothing, Nothing]) -> Answer:
        """Delete a draft that was never published; end any other promotion instead."""
        services.remove_promotion(_one(call), actor=call.actor, now=call.now)
        return Answer(None, 204)


class PublishPromotionView(PartnerView):
    """Publishing a promotion."""

    @operation(
        "promotions.publish",
        scope=PROMOTIONS_WRITE,
        body=PublishPromotion,
        answers={200: PromotionView},
    )
    def post(self, call: Call[Nothing, PublishPromotion]) -> Answer:
        """Let a draft or paused promotion price carts in its period.

        Refused with `promotions.loses_money` when its worst case leaves less than nothing, unless
        `accepts_loss` is true.
        """
        done = checked.publish_promotion(
            _one(call), accepts_loss=call.body.accepts_loss, actor=call.actor, now=call.now
        )
        return Answer(_promotion_view(done))


class PausePromotionView(PartnerView):
    """Pausing a promotion."""

    @operation("promotions.pause", scope=PROMOTIONS_WRITE, answers={200: PromotionView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Stop pricing carts with it until it is published again."""
        done = services.pause_promotion(_one(call), actor=call.actor, now=call.now)
        return Answer(_promotion_view(done))


class EndPromotionView(PartnerView):
    """Ending a promotion."""

    @operation("promotions.end", scope=PROMOTIONS_WRITE, answers={200: PromotionView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """End it for ever; orders placed with it keep their prices."""
        done = services.end_promotion(_one(call), actor=call.actor, now=call.now)
        return Answer(_promotion_view(done))


class PromotionCodesView(PartnerView):
    """The codes of a promotion."""

    @operation(
        "promotions.list_codes", scope=PROMOTIONS_READ, query=PageQuery, answers={200: CodePage}
    )
    def get(self, call: Call[PageQuery, Nothing]) -> Answer:
        """List the codes of a promotion with their uses, the newest first."""
        promotion = _one(call)
        page = paginate(
            selectors.list_codes(promotion).order_by(),
            key="id",
            cursor=call.query.cursor,
            size=call.query.limit,
            is_time=False,
        )
        used = selectors.count_code_uses(promotion, page.rows)
        items = [
            CodeView(code.code, used.get(code.plain, 0), code.uses_limit) for code in page.rows
        ]
        return Answer(CodePage(items, page.next_cursor or None))

    @operation(
        "promotions.add_codes", scope=PROMOTIONS_WRITE, body=NewCodes, answers={201: CodeList}
    )
    def post(self, call: Call[Nothing, NewCodes]) -> Answer:
        """Add codes by name, or draw so many. The promotion stands behind codes then."""
        promotion, body = _one(call), call.body
        if bool(body.codes) == bool(body.draw):
            sentence = _("Give either codes or how many to draw.")
            raise field_error("promotions.codes", "codes", sentence)
        added = list(body.codes)
        if body.draw:
            added = services.make_codes(
                promotion,
                body.draw,
                prefix=body.prefix,
                uses_limit=body.uses_limit,
                actor=call.actor,
                now=call.now,
            )
        else:
            services.add_codes(
                promotion, added, uses_limit=body.uses_limit, actor=call.actor, now=call.now
            )
        return Answer(CodeList(added), 201)


class PromotionPerformanceView(PartnerView):
    """What a promotion has brought."""

    @operation("promotions.performance", scope=PROMOTIONS_READ, answers={200: PerformanceView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show what orders took from it, and units of its goods beside the weeks before."""
        found = read_performance(_one(call), now=call.now)
        taken = [
            TakenView(
                one.currency,
                one.orders,
                one.units,
                money_view(one.amount, one.currency),
                money_view(one.merchant, one.currency),
                money_view(one.platform, one.currency),
            )
            for one in found.taken
        ]
        return Answer(PerformanceView(taken, found.units, found.units_before, found.weeks))


class SimulatePromotionView(PartnerView):
    """Trying a promotion."""

    @operation(
        "promotions.simulate",
        scope=PROMOTIONS_READ,
        body=NewPromotion,
        answers={200: SimulationView},
    )
    def post(self, call: Call[Nothing, NewPromotion]) -> Answer:
        """Work out what a promotion would do beside those that run or are planned; nothing is saved.

        Looks at up to 60 offers. The worst case is over all channels, buyers, codes and quantities
        in which promotions can meet.
        """
        draft = _draft(call.body)
        chosen = check_draft(draft)
        row = row_of_draft(draft)
        found = simulate(call.merchant, row, markets=chosen, now=call.now, most=SIMULATED)
        return Answer(_simulation_view(found))


class PriceFloorsView(PartnerView):
    """The lowest prices that promotions may reach."""

    @operation("price_floors.put", scope=PROMOTIONS_WRITE, body=NewFloors, answers={200: FloorList})
    def put(self, call: Call[Nothing, NewFloors]) -> Answer:
        """Set what no stack of promotions may go below, by SKU and market."""
        set_to = [
            _set_floor(call, item, f"floors.{place}") for place, item in enumerate(call.body.floors)
        ]
        return Answer(FloorList(set_to))


def _set_floor(call: Call[Nothing, NewFloors], item: NewFloor, attr: str) -> FloorView:
    try:
        variant = catalog.get_variant(call.merchant, item.sku)
    except Variant.DoesNotExist as error:
        sentence = _("This SKU does not exist.")
        raise field_error("catalog.unknown_sku", f"{attr}.sku", sentence) from error
    market = _market(item.market, f"{attr}.market")
    minor = to_minor(item.floor, market.currency, f"{attr}.floor") if item.floor else None
    services.set_floor(
        call.merchant,
        variant=variant,
        market=market,
        floor_minor=minor,
        actor=call.actor,
        now=call.now,
    )
    shown = None if minor is None else money_view(minor, market.currency)
    return FloorView(item.sku, item.market, shown)


def _market(code: str, attr: str) -> Market:
    try:
        return markets.get_market(code)
    except DomainError as error:
        raise field_error("markets.unknown", attr, error.message) from error


def _one(call: Call[Any, Any]) -> Promotion:
    [public_id] = call.path.values()
    return selectors.get_promotion(call.merchant, public_id)


def _draft(body: NewPromotion) -> PromotionDraft:
    return PromotionDraft(
        name=body.name,
        kind=body.kind,
        markets=tuple(dict.fromkeys(body.markets)),
        starts=body.starts,
        ends=body.ends,
        rule=body.rule,
        priority=body.priority,
        codes=tuple(body.codes),
    )


def _promotion_view(promotion: Promotion) -> PromotionView:
    return PromotionView(
        id=promotion.public_id,
        name=promotion.name,
        kind=promotion.kind,
        status=promotion.status,  # type: ignore[arg-type]
        markets=sorted(row.market.code for row in promotion.markets.all()),
        starts=promotion.starts_local,
        ends=promotion.ends_local,
        rule=promotion.rule,
        priority=promotion.priority,
        needs_code=promotion.needs_code,
        platform_percent=f"{promotion.platform_percent.normalize():f}",
        version=promotion.version,
        published_at=promotion.published_at,
        ended_at=promotion.ended_at,
    )


def _simulation_view(found: Simulation) -> SimulationView:
    ranked = sorted(found.outcomes, key=lambda one: (not one.is_loss, one.kept_worst.amount))
    items = [_outcome_view(one) for one in ranked]
    return SimulationView(items, found.total, len(found.losses), found.is_complete)


def _outcome_view(one: Outcome) -> OutcomeView:
    code, new, kept = one.currency, one.new, one.kept_new
    return OutcomeView(
        sku=one.sku,
        market=one.market,
        price=money_view(one.now, code),
        new_price=None if new is None else money_view(new.unit_paid, code),
        lowest_of_30_days=None if one.lowest is None else money_view(one.lowest, code),
        may_announce=one.is_reduction if one.is_announced else None,
        keep=money_view(one.kept_now.minor, code),
        new_keep=None if kept is None else money_view(kept.minor, code),
        unknown=list(one.unknown),
        worst=WorstView(
            price=money_view(one.worst.unit_paid, code),
            keep=money_view(one.kept_worst.minor, code),
            quantity=one.worst.quantity,
            promotions=[taken.promotion for taken in one.worst.taken],
            is_loss=one.is_loss,
            is_at_floor=one.worst.is_at_floor,
        ),
        conflicts=sorted({name for item in one.conflicts for name in (item.loser, item.winner)}),
    )
