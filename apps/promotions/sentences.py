"""Why a promotion did not apply, told in the language of the reader; one sentence for each code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from django.utils.translation import gettext_lazy as _

from apps.common.formatting import format_count, format_full, format_money, join_words
from apps.promotions.pricing import reasons
from apps.promotions.pricing.quote import Parameter, Reason

SENTENCES = {
    reasons.NOT_STARTED: _("Starts %(starts)s."),
    reasons.ENDED: _("Ended %(ends)s."),
    reasons.OUTSIDE_HOURS: _("Only at %(hours)s."),
    reasons.MARKET: _("Not in this market, only in %(allowed)s."),
    reasons.CURRENCY: _("It has no amount in %(currency)s."),
    reasons.CHANNEL: _("Only through %(allowed)s."),
    reasons.CONTENT: _("Only in the live session or video %(allowed)s."),
    reasons.COUNTRY: _("Only for deliveries to %(allowed)s."),
    reasons.SHIPPING_METHOD: _("Only with the shipping method %(allowed)s."),
    reasons.BUYER_TAGS: _("Only for buyers tagged %(allowed)s."),
    reasons.NOT_FOLLOWER: _("Only for followers."),
    reasons.NOT_FIRST_ORDER: _("Only for a buyer’s first order."),
    reasons.NOT_NTH_ORDER: _("Only for a buyer’s order number %(needed)s."),
    reasons.CODE_NOT_ENTERED: _("Its code was not entered."),
    reasons.CODE_USED_UP: _("The code %(code)s is used up."),
    reasons.USED_UP: _("All of its uses are taken (%(limit)s)."),
    reasons.BUYER_USED_UP: _("This buyer has used it as often as allowed (%(limit)s)."),
    reasons.BUDGET_USED_UP: _("Its budget of %(budget_minor)s is used up."),
    reasons.UNITS_SOLD_OUT: _("Its units are sold out (%(limit)s)."),
    reasons.BUYER_UNITS_USED_UP: _("This buyer has as many units as allowed (%(limit)s)."),
    reasons.NO_MATCHING_ITEM: _("Nothing in the cart is part of it."),
    reasons.NOT_DISCOUNTABLE: _("The products are kept out of promotions."),
    reasons.UNITS_IN_OTHER_OFFER: _("The units are already in another offer."),
    reasons.SPEND_BELOW: _("Goods for %(reached_minor)s of the %(needed_minor)s it needs."),
    reasons.QUANTITY_BELOW: _("Units in the cart: %(reached)s of %(needed)s."),
    reasons.LINE_QUANTITY_BELOW: _("Units of one product: %(reached)s of %(needed)s."),
    reasons.TOO_FEW_KINDS: _("Different products: %(reached)s of %(needed)s."),
    reasons.ITEMS_MISSING: _("Units of the products it asks for: %(reached)s of %(needed)s."),
    reasons.SET_INCOMPLETE: _("Units for a set: %(reached)s of %(needed)s."),
    reasons.NO_SHIPPING_FEE: _("There is no shipping fee to reduce."),
    reasons.AT_FLOOR: _("The price is already as low as it may be."),
    reasons.COST_UNKNOWN: _("The product cost is not known, so the margin cannot be kept."),
    reasons.NO_GAIN: _("It would save nothing."),
    reasons.EXCLUDED_BY: _("It cannot be combined with %(promotion)s."),
    reasons.REPLACED_BY: _("%(promotion)s takes the place of codes."),
    reasons.BETTER_IN_GROUP: _("Only one of its group applies: %(promotion)s."),
    reasons.BETTER_PRICE: _("%(promotion)s gives a lower price."),
    reasons.CAPPED: _("At most %(limit_minor)s instead of %(wanted_minor)s."),
    reasons.BUDGET_CAPPED: _("Its budget has %(left_minor)s left instead of %(wanted_minor)s."),
    reasons.FLOOR_CAPPED: _("%(lost_minor)s less, to keep the lowest price or the margin."),
    reasons.UNITS_LIMITED: _("Units it applies to: %(limit)s of %(wanted)s."),
    reasons.GIFT_NOT_ON_SALE: _("The gift %(sku)s is not on sale in this market."),
    reasons.GIFT_OUT_OF_STOCK: _("Not enough stock of the gift %(sku)s."),
    reasons.CODE_INACTIVE: _("The promotion of the code %(code)s does not run in this market now."),
    reasons.CODE_UNKNOWN: _("No promotion has the code %(code)s."),
}
_MOMENTS = {"starts", "ends"}


def explain_reason(
    reason: Reason, *, currency: str, zone: tzinfo, names: Mapping[str, str] | None = None
) -> str:
    """Return the sentence of a reason.

    ``zone`` is that of the market, in which moments are told; ``names`` gives promotions their names
    instead of their ids.
    """
    values = {
        name: _say(name, value, currency, zone, names or {})
        for name, value in reason.parameters.items()
    }
    return SENTENCES[reason.code] % values


def _say(name: str, value: Parameter, currency: str, zone: tzinfo, names: Mapping[str, str]) -> str:
    if isinstance(value, tuple):
        return join_words(value)
    if isinstance(value, int):
        return format_money(value, currency) if name.endswith("_minor") else format_count(value)
    if value and name in _MOMENTS:
        moment = datetime.fromisoformat(value)
        return format_full(moment if moment.tzinfo else moment.replace(tzinfo=zone), zone=zone)
    return names.get(value or "", value or "")
