"""What the three demo companies sell; invented names, plausible facts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """A demo product; cost in fen, price in cents of a US dollar, mass in g, size in mm."""

    sku: str
    title: str
    options: tuple[str, ...]
    hs_code: str
    customs_name: str
    weight_g: int
    size_mm: tuple[int, int, int]
    cost_minor: int
    price_usd_minor: int
    drawing: str = ""


@dataclass(frozen=True, slots=True)
class Shop:
    """A demo company: who owns it, its model, markets, nodes and goods."""

    name: str
    owner_email: str
    owner_name: str
    model: str
    markets: tuple[str, ...]
    nodes: tuple[tuple[str, str, str, str], ...]
    orders_a_day: float
    items: tuple[Item, ...]


HOME = (
    Item("LMP-RTN", "Rattan pendant lamp", ("30 cm", "40 cm"), "940511",
         "Pendant lamp of rattan, electric", 1450, (420, 420, 380), 6100, 5300, "lamp"),
    Item("MUG-CEL", "Celadon stoneware mug", ("Green", "White"), "691200",
         "Stoneware mug", 420, (130, 110, 110), 1450, 1890, "mug"),
    Item("CSH-LIN", "Linen cushion cover", ("Sand", "Ink", "Moss"), "630492",
         "Cushion cover of linen", 260, (300, 220, 30), 1900, 2150, "cushion"),
    Item("SHF-OAK", "Floating oak shelf", ("60 cm", "90 cm"), "940360",
         "Wall shelf of oak wood", 2300, (920, 240, 60), 8200, 6400, "shelf"),
    Item("DSK-FLD", "Folding wall desk", ("Natural",), "940330",
         "Folding wall desk of wood", 7800, (820, 560, 120), 21500, 14900, "desk"),
    Item("PRC-CAT", "Window cat perch", ("Single", "Double"), "420100",
         "Cat perch of felt with suction cups", 1300, (560, 340, 90), 4600, 3990, "perch"),
)  # fmt: skip
SOUND = (
    Item("EAR-AIR", "Open-ear headphones", ("Black", "Mist"), "851830",
         "Wireless headphones with lithium battery", 180, (160, 120, 60), 11800, 7900),
    Item("SPK-CUB", "Pocket speaker", ("Blue", "Clay"), "851822",
         "Portable loudspeaker", 540, (140, 120, 120), 9900, 5900),
    Item("CBL-USB", "Braided USB-C cable, 2 m", ("Grey", "Red"), "854442",
         "USB data cable with connectors", 70, (160, 110, 25), 900, 1290),
    Item("CHG-65W", "Compact charger 65 W", ("US plug", "EU plug"), "850440",
         "Power adapter for laptops", 190, (110, 90, 50), 5200, 3490),
    Item("LMP-CLP", "Clip reading light", ("Warm",), "940521",
         "Clip-on reading lamp, LED", 160, (180, 90, 50), 2100, 1690),
)  # fmt: skip
GIFTS = (
    Item("NTB-STN", "Stone paper notebook", ("A5", "A6"), "482010",
         "Notebook of stone paper", 310, (220, 160, 20), 1300, 1490),
    Item("PEN-BRS", "Brass fountain pen", ("Fine", "Broad"), "960830",
         "Fountain pen of brass", 60, (180, 40, 30), 4100, 3200),
    Item("KIT-EMB", "Embroidery kit, peony", ("Beginner",), "630800",
         "Embroidery kit: cloth, yarn and hoop", 340, (280, 240, 40), 1700, 2290),
    Item("FAN-BMB", "Bamboo folding fan", ("Cranes", "Waves"), "460219",
         "Folding fan of bamboo and paper", 90, (260, 50, 30), 850, 1150),
    Item("INC-SET", "Incense set with holder", ("Sandalwood", "Cypress"), "330741",
         "Incense sticks with ceramic holder", 250, (260, 90, 50), 1500, 1990),
)  # fmt: skip

SHOPS = (
    Shop(
        "Lanling Home",
        "lin@demo.example",
        "Lin Yuan",
        "direct",
        ("US", "DE", "GB", "FR", "ES", "SG"),
        (("SZX", "Shenzhen hub", "merchant_hub", "CN"),),
        7.0,
        HOME,
    ),
    Shop(
        "Brightway Sound",
        "chen@demo.example",
        "Chen Mei",
        "overseas",
        ("US", "DE", "FR", "IT", "NL"),
        (
            ("LAX", "Los Angeles warehouse", "overseas", "US"),
            ("FRA", "Frankfurt warehouse", "overseas", "DE"),
        ),
        2.4,
        SOUND,
    ),
    Shop(
        "Yiwu Cartan Gifts",
        "zhou@demo.example",
        "Zhou Ning",
        "custody",
        ("US", "GB", "JP", "SG", "MY"),
        (("NAN", "Nansha platform warehouse", "platform", "CN"),),
        2.0,
        GIFTS,
    ),
)
