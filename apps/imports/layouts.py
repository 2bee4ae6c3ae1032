"""The columns of each kind of sheet: their names in both languages, and how a cell is read."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.imports import cells
from apps.imports.cells import Parser
from apps.imports.models import ImportRun
from apps.merchants import permissions

IGNORED = ""
_NOISE = re.compile(r"[\s_\-./*:：()（）\[\]#]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``reader`` makes its parser for the sheet's decimal mark.

    ``info`` columns are written into exports for people and never read back.
    """

    name: str
    label: str | Promise
    help: str | Promise
    example: str
    reader: Callable[[str], Parser] | None
    aliases: tuple[str, ...] = ()
    required: bool = False

    @property
    def is_info(self) -> bool:
        """Whether the column is only for people."""
        return self.reader is None


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind of sheet, and who may import it."""

    kind: str
    permission: str
    columns: tuple[Column, ...]

    def find(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)


def _always(parser: Parser) -> Callable[[str], Parser]:
    return lambda _mark: parser


def _text(limit: int, *, may_clear: bool = True, lines: bool = False) -> Callable[[str], Parser]:
    return _always(cells.text(limit=limit, may_clear=may_clear, lines=lines))


_STATUS = _always(
    cells.choice(
        {"active": "active", "archived": "archived", "在售": "active", "已归档": "archived"}
    )
)
_MODEL = _always(
    cells.choice(
        {
            "direct": "direct",
            "overseas": "overseas",
            "custody": "custody",
            "直发": "direct",
            "自发货": "direct",
            "海外仓": "overseas",
            "全托管": "custody",
        }
    )
)
_SKU = Column(
    "sku",
    _("SKU"),
    _("Your own number of the variant. It decides which row belongs to what, and never changes."),
    "LMP-RTN-S",
    _always(cells.sku),
    ("seller sku", "商家编码", "商品编码", "货号", "sku编码", "skucode"),
    required=True,
)
_TITLE_INFO = Column("title", _("Title"), _("For reading only."), "", None, ("标题", "商品名称"))
_PROBLEM = Column("problem", _("What is wrong"), _("For reading only."), "", None, ("问题",))

PRODUCTS = Layout(
    ImportRun.Kind.PRODUCTS,
    permissions.PRODUCTS_MANAGE,
    (
        _SKU,
        Column(
            "product",
            _("Product ID or group"),
            _(
                "Rows with the same word, one after another, are variants of one product. "
                "An ID (prd_…) names a product that exists. Empty: the row is a product of its own."
            ),
            "LAMP",
            _text(64, may_clear=False),
            (
                "product",
                "product id",
                "group",
                "parent sku",
                "handle",
                "商品 id 或分组",
                "父sku",
                "分组",
            ),
        ),
        Column(
            "title",
            _("Title"),
            _("Up to 200 characters. A new product needs one."),
            "Rattan pendant lamp",
            _text(200, may_clear=False),
            ("product name", "name", "标题", "商品名称", "商品标题", "品名"),
        ),
        Column(
            "option",
            _("Option"),
            _("What tells this variant from the others, such as a colour."),
            "Small",
            _text(120),
            ("variant", "variation", "规格", "选项", "颜色尺码"),
        ),
        Column(
            "description",
            _("Description"),
            _("Up to 20,000 characters."),
            "Hand-woven, with 1.5 m of cable.",
            _text(20_000, lines=True),
            ("描述", "商品描述", "详情"),
        ),
        Column("brand", _("Brand"), _("Up to 80 characters."), "Lanling", _text(80), ("品牌",)),
        Column(
            "category",
            _("Category"),
            _("Up to 120 characters."),
            "Lighting",
            _text(120),
            ("类目", "分类"),
        ),
        Column(
            "origin_country",
            _("Country of origin"),
            _("Two letters, such as CN."),
            "CN",
            _always(cells.country),
            ("origin", "made in", "原产国", "原产地"),
        ),
        Column(
            "hs_code",
            _("HS code"),
            _("6, 8, 10 or 12 digits. Format the column as text, so that no zero is lost."),
            "940511",
            _always(cells.hs_code),
            ("hs", "tariff code", "hs 编码", "海关编码"),
        ),
        Column(
            "customs_name",
            _("Customs description"),
            _("What it is and what it is made of, for customs."),
            "Pendant lamp of rattan, electric",
            _text(120),
            ("declared name", "报关品名", "海关品名", "申报品名"),
        ),
        Column(
            "gtin",
            _("GTIN"),
            _("EAN or UPC with its check digit, as text."),
            "4006381333931",
            _always(cells.gtin),
            ("ean", "upc", "barcode", "条码", "条形码"),
        ),
        Column(
            "weight_g",
            _("Weight in grams"),
            _("Packed, as a whole number."),
            "1450",
            cells.whole,
            ("weight", "weight g", "重量克", "重量", "重量（克）"),
        ),
        Column(
            "length_mm",
            _("Length in mm"),
            _("Packed."),
            "420",
            cells.whole,
            ("length", "长毫米", "长"),
        ),
        Column(
            "width_mm",
            _("Width in mm"),
            _("Packed."),
            "420",
            cells.whole,
            ("width", "宽毫米", "宽"),
        ),
        Column(
            "height_mm",
            _("Height in mm"),
            _("Packed."),
            "380",
            cells.whole,
            ("height", "高毫米", "高"),
        ),
        Column(
            "cost",
            _("Cost"),
            _("What a unit costs you, in the cost currency."),
            "61.00",
            cells.amount,
            ("unit cost", "成本", "成本价", "采购价"),
        ),
        Column(
            "cost_currency",
            _("Cost currency"),
            _("Three letters, such as CNY."),
            "CNY",
            _always(cells.currency),
            ("成本币种",),
        ),
        Column(
            "is_active",
            _("On offer"),
            _("yes or no. “no” withdraws the variant from sale."),
            "yes",
            _always(cells.truth),
            ("active", "enabled", "是否在售", "在售"),
        ),
        Column(
            "status",
            _("Product status"),
            _("active or archived."),
            "active",
            _STATUS,
            ("status", "商品状态"),
        ),
        _PROBLEM,
    ),
)
PRICES = Layout(
    ImportRun.Kind.PRICES,
    permissions.PRODUCTS_MANAGE,
    (
        _SKU,
        _TITLE_INFO,
        Column(
            "market",
            _("Market"),
            _("Two letters, such as DE. One row for each SKU and market."),
            "DE",
            _text(2, may_clear=False),
            ("country", "site", "市场", "站点", "国家"),
            required=True,
        ),
        Column(
            "price",
            _("Price"),
            _("What buyers pay, above zero."),
            "49.00",
            cells.amount,
            ("sale price", "selling price", "价格", "售价"),
            required=True,
        ),
        Column(
            "currency",
            _("Currency"),
            _("Empty: the market’s own currency."),
            "EUR",
            _always(cells.currency),
            ("币种", "货币"),
        ),
        Column(
            "model",
            _("Fulfilment model"),
            _("direct, overseas or custody. Empty: as it is, or your default."),
            "direct",
            _MODEL,
            ("model", "履约模式", "发货模式"),
        ),
        Column("status", _("Status"), _("For reading only."), "", None, ("状态",)),
        _PROBLEM,
    ),
)
STOCK = Layout(
    ImportRun.Kind.STOCK,
    permissions.STOCK_MANAGE,
    (
        _SKU,
        _TITLE_INFO,
        Column(
            "node",
            _("Place"),
            _("The code of the place that holds the stock. Empty: your only place."),
            "MAIN",
            _text(24, may_clear=False),
            ("node", "warehouse", "location", "仓库", "仓库代码", "库位"),
        ),
        Column(
            "available",
            _("Available"),
            _("Units on the shelf that no order has reserved. The sheet sets this figure."),
            "120",
            cells.whole,
            ("stock", "quantity", "qty", "on hand", "可售", "可售库存", "库存", "数量"),
            required=True,
        ),
        Column("reserved", _("Reserved"), _("For reading only."), "", None, ("已预留", "预留")),
        _PROBLEM,
    ),
)
LAYOUTS: dict[str, Layout] = {item.kind: item for item in (PRODUCTS, PRICES, STOCK)}


def normalise(name: str) -> str:
    """Return a header as it is compared: without case, spaces, marks and width."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name).casefold())


def header_key(header: Sequence[str]) -> str:
    """Return the key under which a header's meaning is remembered."""
    return hashlib.sha256("\x1f".join(map(normalise, header)).encode()).hexdigest()


def match_header(layout: Layout, header: Sequence[str]) -> list[str]:
    """Return for each header the column it means, by names in English and Chinese, else ``""``."""
    known: dict[str, str] = {}
    for column in layout.columns:
        names = (column.name, *_in_all_languages(column.label), *column.aliases)
        for name in names:
            known.setdefault(normalise(name), column.name)
    taken: set[str] = set()
    matched = []
    for name in header:
        found = known.get(normalise(name), IGNORED)
        matched.append(IGNORED if found in taken else found)
        taken.add(found)
    return matched


def _in_all_languages(label: str | Promise) -> list[str]:
    found = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.append(str(label))
    return found


def labels_of(layout: Layout, names: Sequence[str]) -> list[str]:
    """Return the labels of columns by name, in the language of the reader."""
    found = (layout.find(name) for name in names)
    return [str(column.label) for column in found if column is not None]
