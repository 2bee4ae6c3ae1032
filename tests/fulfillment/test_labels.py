"""Labels: exact size, readable by machine and by people, the same bytes every time."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.fulfillment.labels import render_labels
from apps.fulfillment.labels.facts import address_lines, collect_facts
from apps.fulfillment.labels.fonts import find_unprintable
from apps.fulfillment.models import Parcel
from apps.orders.models import Order
from apps.orders.requests import BuyerRequest
from tests.factories.fulfillment import make_parcel, make_shipment
from tests.factories.orders import BUYER

pytestmark = pytest.mark.django_db
POINTS_PER_MM = 72 / 25.4


def read_page(pdf: bytes, page: int = 0):
    """Return a page's barcodes as a 203 dpi label printer would print them, and its text."""
    document = pypdfium2.PdfDocument(pdf)
    image = document[page].render(scale=203 / 72, grayscale=True).to_pil()
    codes = [(code.format.name, code.text) for code in zxingcpp.read_barcodes(image)]
    return codes, document[page].get_textpage().get_text_range()


def test_page_is_exactly_100_by_150_mm(scoped, now):
    pdf = render_labels([make_parcel(scoped, now=now)])

    width, height = pypdfium2.PdfDocument(pdf)[0].get_size()
    assert (round(width / POINTS_PER_MM, 3), round(height / POINTS_PER_MM, 3)) == (100, 150)


def test_barcode_reads_back_at_printer_resolution(scoped, now):
    parcel = make_parcel(scoped, now=now)

    codes, _text = read_page(render_labels([parcel]))

    assert codes == [("Code128", parcel.tracking_number)]


def test_label_says_everything_a_carrier_needs(scoped, now):
    parcel = make_parcel(scoped, now=now)

    _codes, text = read_page(render_labels([parcel]))

    number = parcel.tracking_number
    for part in (
        "TRACKED LINE",
        scoped.name,
        "Jonas Weber",
        "Sonnenallee 214",
        "12059 Berlin",
        "GERMANY",
        f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:11]} {number[11:]}",
        parcel.shipment.order.number,
        "2.900 kg",
        "1 / 1",
        "Pendant lamp of rattan, electric",
        "940511",
        "98.00 EUR",
    ):
        assert part in text


def test_names_in_polish_greek_and_chinese_are_printed(scoped, now):
    buyer = replace(BUYER, name="Łukasz Wąż 王小明", city="Θεσσαλονίκη")

    _codes, text = read_page(render_labels([make_parcel(scoped, now=now, buyer=buyer)]))

    assert "Łukasz Wąż 王小明" in text
    assert "Θεσσαλονίκη" in text


def test_longest_address_loses_nothing(scoped, now):
    buyer = replace(BUYER, name="N" * 200, street="S" * 199 + "1", city="C" * 200)

    _codes, text = read_page(render_labels([make_parcel(scoped, now=now, buyer=buyer)]))

    letters = "".join(text.split())
    assert "N" * 200 in letters
    assert "S" * 199 + "1" in letters
    assert "12059" + "C" * 200 in letters


def test_many_parcels_are_one_document_in_their_order(scoped, now):
    parcels = [make_parcel(scoped, now=now) for _ in range(3)]

    pdf = render_labels(parcels[::-1])

    codes = [read_page(pdf, page)[0][0][1] for page in range(3)]
    assert codes == [parcel.tracking_number for parcel in parcels[::-1]]


def test_several_labels_need_no_more_statements_than_one(scoped, now):
    parcels = [make_parcel(scoped, now=now) for _ in range(4)]
    fresh = Parcel.objects.order_by("id")

    counts = []
    for wanted in (fresh[:1], fresh[:4]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            render_labels(wanted)
        counts.append(len(queries))

    assert counts == [8, 8]
    assert len(parcels) == 4


def test_same_facts_give_the_same_bytes(scoped, now):
    parcel = make_parcel(scoped, now=now)

    assert render_labels([parcel]) == render_labels([Parcel.objects.get(pk=parcel.pk)])


def test_label_at_home_has_no_declaration(scoped, now):
    buyer = replace(BUYER, country="CN", city="深圳", region="广东", postal_code="518000")
    parcel = make_parcel(scoped, now=now, buyer=buyer)

    codes, text = read_page(render_labels([parcel]))

    assert "CUSTOMS" not in text
    assert "LOCAL TRACKED" in text
    assert codes == [("Code128", parcel.tracking_number)]


def test_parcels_of_one_shipment_are_counted(scoped, now):
    make_shipment(scoped, now=now, quantity=30)

    facts = collect_facts(list(Parcel.objects.order_by("position")), limit=10)

    assert [fact.piece for fact in facts] == ["1 / 2", "2 / 2"]
    assert [fact.weight for fact in facts] == ["21.750 kg", "21.750 kg"]


def test_american_weight_is_in_pounds_too(scoped, now):
    buyer = replace(BUYER, country="US", region="CA", city="Fresno", postal_code="93650")

    [fact] = collect_facts([make_parcel(scoped, now=now, buyer=buyer)], limit=10)

    assert fact.weight == "2.900 kg (6.39 lb)"


def test_addresses_are_written_as_their_post_writes_them():
    german = BuyerRequest("Jonas Weber", "DE", "Sonnenallee 214", "Berlin", "", "12059")
    american = BuyerRequest("Ann Lee", "US", "1 Main St", "Fresno", "CA", "93650")
    nowhere = BuyerRequest("Ann Lee", "XX", "1 Main St", "Fresno", "CA", "93650")

    assert address_lines(german) == ["Jonas Weber", "Sonnenallee 214", "12059 Berlin"]
    assert address_lines(american) == ["Ann Lee", "1 Main St", "Fresno CA 93650"]
    assert address_lines(nowhere) == ["Ann Lee", "1 Main St", "93650 Fresno", "CA"]


def test_letters_without_a_font_are_found():
    assert find_unprintable("Łukasz Wąż, Ångström, Θεσσαλονίκη, София, Nguyễn, 王小明, 東京") == ""
    assert find_unprintable("محمد Ali") == "محد"
    assert find_unprintable("ถนน 🙂") == "ถน🙂"


def test_void_label_is_not_printed_again(scoped, actor, now):
    parcel = make_parcel(scoped, now=now)
    fulfillment.void_shipment(parcel.shipment, reason="Torn", actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        render_labels(Parcel.objects.all())

    assert caught.value.code == "fulfillment.label_void"


def test_erased_buyer_has_no_label(scoped, now):
    make_parcel(scoped, now=now)
    Order.objects.update(buyer_key=None, buyer_sealed=b"")

    with pytest.raises(DomainError) as caught:
        render_labels(Parcel.objects.all())

    assert (caught.value.code, caught.value.status) == ("fulfillment.buyer_erased", 410)


def test_no_parcels_are_no_document(scoped):
    with pytest.raises(DomainError) as caught:
        render_labels([])

    assert caught.value.code == "fulfillment.no_labels"
