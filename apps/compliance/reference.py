"""Words the checks know. Descriptions: in the manner of the EU's ICS2 stop words and US ACE guidance."""

from __future__ import annotations

_EU_TEXT = """
    AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK
"""
EU = frozenset(_EU_TEXT.split())
# Post in these countries delivers by house number; a street without one comes back. Not FR and IE:
# hamlets and townlands there have none.
NUMBERED = (EU - {"FR", "IE"}) | frozenset({"CH", "NO", "US", "CA", "AU", "NZ", "TR", "BR", "MX"})
# Who is nobody: customs refuse such names.
_NOBODY_TEXT = """
    n/a na none null unknown private test anonymous xxx customer
"""
NOBODY = frozenset(_NOBODY_TEXT.split())
# Words that say nothing by themselves nor about another word.
_FILLERS_TEXT = """
    and assorted consumer daily for general home household misc miscellaneous mixed new of other
    personal spare the various
"""
FILLERS = frozenset(_FILLERS_TEXT.split())
# Words that name a whole class of things: refused when they stand alone.
_CLASSES_TEXT = """
    accessories accessory apparel appliance appliances article articles belongings caps cargo
    chemicals clothes clothing cosmetic cosmetics decor decoration decorations effects electronic
    electronics equipment fabric fabrics food freight furniture gadget gadgets garment garments gift
    gifts goods hardware item items kitchenware machine machinery machines material materials
    medicine merchandise metal necessities object objects package parcel part parts pipe pipes
    plastic plate plates present presents product products sample samples shipment stuff supplies
    textile textiles thing things tool tools toy toys ware wares
"""
CLASSES = frozenset(_CLASSES_TEXT.split())
_CLASSES_HAN_TEXT = """
    礼品 礼物 样品 日用品 生活用品 配件 零件 商品 货物 物品 产品 电子产品 电子 服装 衣服 玩具 工具 杂货
    杂物 饰品 家居用品 塑料制品 个人物品 百货 其他
"""
CLASSES_HAN = frozenset(_CLASSES_HAN_TEXT.split())
