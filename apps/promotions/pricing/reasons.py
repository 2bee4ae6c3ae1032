"""Why a promotion did not apply, or applied in part: stable codes and the parameters each carries."""

from __future__ import annotations

NOT_STARTED = "not_started"
ENDED = "ended"
OUTSIDE_HOURS = "outside_hours"
MARKET = "market"
CURRENCY = "currency"
CHANNEL = "channel"
CONTENT = "content"
COUNTRY = "country"
SHIPPING_METHOD = "shipping_method"
BUYER_TAGS = "buyer_tags"
NOT_FOLLOWER = "not_follower"
NOT_FIRST_ORDER = "not_first_order"
NOT_NTH_ORDER = "not_nth_order"
CODE_NOT_ENTERED = "code_not_entered"
CODE_USED_UP = "code_used_up"
USED_UP = "used_up"
BUYER_USED_UP = "buyer_used_up"
BUDGET_USED_UP = "budget_used_up"
UNITS_SOLD_OUT = "units_sold_out"
BUYER_UNITS_USED_UP = "buyer_units_used_up"
NO_MATCHING_ITEM = "no_matching_item"
NOT_DISCOUNTABLE = "not_discountable"
UNITS_IN_OTHER_OFFER = "units_in_other_offer"
SPEND_BELOW = "spend_below"
QUANTITY_BELOW = "quantity_below"
LINE_QUANTITY_BELOW = "line_quantity_below"
TOO_FEW_KINDS = "too_few_kinds"
ITEMS_MISSING = "items_missing"
SET_INCOMPLETE = "set_incomplete"
NO_SHIPPING_FEE = "no_shipping_fee"
AT_FLOOR = "at_floor"
COST_UNKNOWN = "cost_unknown"
NO_GAIN = "no_gain"
EXCLUDED_BY = "excluded_by"
REPLACED_BY = "replaced_by"
BETTER_IN_GROUP = "better_in_group"
BETTER_PRICE = "better_price"

# In part: the promotion applied, but gave less than it says.
CAPPED = "capped"
BUDGET_CAPPED = "budget_capped"
FLOOR_CAPPED = "floor_capped"
UNITS_LIMITED = "units_limited"

# Gifts that whoever takes the order could not add.
GIFT_NOT_ON_SALE = "gift_not_on_sale"
GIFT_OUT_OF_STOCK = "gift_out_of_stock"

# About codes the buyer entered.
CODE_UNKNOWN = "code_unknown"
CODE_INACTIVE = "code_inactive"

PARTIAL = frozenset(
    {CAPPED, BUDGET_CAPPED, FLOOR_CAPPED, UNITS_LIMITED, GIFT_NOT_ON_SALE, GIFT_OUT_OF_STOCK}
)
# The parameters of each code; amounts are minor units.
PARAMETERS: dict[str, tuple[str, ...]] = {
    NOT_STARTED: ("starts",),
    ENDED: ("ends",),
    OUTSIDE_HOURS: ("hours",),
    MARKET: ("market", "allowed"),
    CURRENCY: ("currency",),
    CHANNEL: ("channel", "allowed"),
    CONTENT: ("content", "allowed"),
    COUNTRY: ("country", "allowed"),
    SHIPPING_METHOD: ("method", "allowed"),
    BUYER_TAGS: ("allowed",),
    NOT_FOLLOWER: (),
    NOT_FIRST_ORDER: (),
    NOT_NTH_ORDER: ("needed", "reached"),
    CODE_NOT_ENTERED: (),
    CODE_USED_UP: ("code",),
    USED_UP: ("limit",),
    BUYER_USED_UP: ("limit",),
    BUDGET_USED_UP: ("budget_minor",),
    UNITS_SOLD_OUT: ("limit",),
    BUYER_UNITS_USED_UP: ("limit",),
    NO_MATCHING_ITEM: (),
    NOT_DISCOUNTABLE: (),
    UNITS_IN_OTHER_OFFER: (),
    SPEND_BELOW: ("needed_minor", "reached_minor"),
    QUANTITY_BELOW: ("needed", "reached"),
    LINE_QUANTITY_BELOW: ("needed", "reached"),
    TOO_FEW_KINDS: ("needed", "reached"),
    ITEMS_MISSING: ("needed", "reached"),
    SET_INCOMPLETE: ("needed", "reached"),
    NO_SHIPPING_FEE: (),
    AT_FLOOR: (),
    COST_UNKNOWN: (),
    NO_GAIN: (),
    EXCLUDED_BY: ("promotion",),
    REPLACED_BY: ("promotion",),
    BETTER_IN_GROUP: ("promotion",),
    BETTER_PRICE: ("promotion",),
    CAPPED: ("limit_minor", "wanted_minor"),
    BUDGET_CAPPED: ("left_minor", "wanted_minor"),
    FLOOR_CAPPED: ("lost_minor",),
    UNITS_LIMITED: ("limit", "wanted"),
    GIFT_NOT_ON_SALE: ("sku",),
    GIFT_OUT_OF_STOCK: ("sku",),
    CODE_UNKNOWN: ("code",),
    CODE_INACTIVE: ("code",),
}
