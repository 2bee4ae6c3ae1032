"""Battery, dangerous goods, parties and papers of products."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from apps.catalog import services
from apps.catalog.fact_rules import (
    BATTERIES,
    HAZARD_CLASSES,
    ION,
    METAL,
    TRANSPORT,
    SafetyFacts,
    clean_un_number,
    document_state,
    find_unfit,
)
from apps.catalog.fact_selectors import get_facts, list_documents, list_parties
from apps.catalog.fact_sentences import explain_unfit
from apps.catalog.models import Party, ProductDocument, ProductFacts, Variant
from apps.catalog.services import DocumentDraft, PartyDraft
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from tests.factories.catalog import ProductFactory

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MAKER = PartyDraft(
    "manufacturer", "Lanling Lamps Ltd", "8 Deng Rd, Linyi", "CN", "qa@lanling.example"
)


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, kind)
    return out.getvalue()


def add(product, actor, now, raw=PDF, **draft):
    draft = {"kind": "test_report", **draft}
    return services.add_document(
        product, DocumentDraft(**draft), io.BytesIO(raw), len(raw), actor=actor, now=now
    )


def test_a_battery_is_told_with_what_belongs_to_it(lamp, actor, now):
    changes = {"battery": "ion_contained", "battery_wh": Decimal("7.40"), "battery_count": 1}
    services.set_facts(lamp, changes, actor=actor, now=now)
    facts = get_facts(lamp)

    assert (facts.battery, facts.battery_wh, facts.battery_count) == (
        "ion_contained",
        Decimal("7.40"),
        1,
    )
    assert TRANSPORT[facts.battery] == ("UN3481", "PI 967")
    entry = JournalEntry.objects.get(event="product.facts_changed")
    assert entry.payload == {"before": {"battery": "", "battery_wh": None, "battery_count": 0}}
    services.set_facts(lamp, {"battery_wh": Decimal("7.4")}, actor=actor, now=now)
    assert JournalEntry.objects.filter(event="product.facts_changed").count() == 1


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"battery": "ion_alone"}, {"battery_wh", "battery_count"}),
        ({"battery": "metal_alone", "battery_count": 1}, {"battery_lithium_g"}),
        ({"battery": "none", "battery_count": 2}, {"battery_count"}),
        ({"battery": "other", "battery_count": 1, "battery_wh": Decimal(3)}, {"battery_wh"}),
        ({"battery": "nuclear"}, {"battery"}),
        ({"dangerous": "yes"}, {"un_number", "hazard_class"}),
        ({"dangerous": "yes", "un_number": "UN19", "hazard_class": "2.1"}, {"un_number"}),
        ({"dangerous": "yes", "un_number": "1950", "hazard_class": "10"}, {"hazard_class"}),
        ({"un_number": "1950"}, {"un_number"}),
        ({"is_limited_quantity": True}, {"is_limited_quantity"}),
        ({"battery_count": 10_000}, {"battery_count"}),
        ({"manufacturer": "pty_NOBODY"}, {"manufacturer"}),
    ],
)
def test_facts_that_contradict_each_other_are_told_and_not_saved(lamp, actor, now, changes, fields):
    with pytest.raises(DomainError) as refused:
        services.set_facts(lamp, changes, actor=actor, now=now)

    assert (refused.value.code, refused.value.status) == ("catalog.facts", 422)
    assert set(refused.value.fields) == fields
    assert not ProductFacts.objects.exists()


def test_dangerous_goods_are_written_in_one_form(lamp, actor, now):
    changes = {
        "dangerous": "yes",
        "un_number": "un 1950",
        "hazard_class": "2.1",
        "is_limited_quantity": True,
        "has_liquid": True,
    }
    services.set_facts(lamp, changes, actor=actor, now=now)

    assert get_facts(lamp).un_number == "UN1950"
    assert get_facts(lamp).has_liquid


def test_the_database_refuses_dangerous_goods_without_a_number(lamp):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductFacts.objects.create(product=lamp, merchant=lamp.merchant, dangerous="yes")


@given(
    st.builds(
        SafetyFacts,
        battery=st.sampled_from(sorted(BATTERIES)),
        battery_wh=st.none() | st.decimals(min_value=0, max_value=200, places=1),
        battery_lithium_g=st.none() | st.decimals(min_value=0, max_value=20, places=1),
        battery_count=st.integers(0, 3),
        dangerous=st.sampled_from(["", "no", "yes"]),
        un_number=st.sampled_from(["", "UN1950", "UN1"]),
        hazard_class=st.sampled_from(["", *HAZARD_CLASSES]),
        packing_group=st.sampled_from(["", "I", "IV"]),
        is_limited_quantity=st.booleans(),
    )
)
def test_what_fits_is_complete_and_free_of_contradictions(facts):
    unfit = list(find_unfit(facts))
    assert all(hasattr(facts, name) and explain_unfit(code) for name, code in unfit)
    if unfit:
        return
    assert bool(facts.battery_wh) == (facts.battery in ION)
    assert bool(facts.battery_lithium_g) == (facts.battery in METAL)
    assert bool(facts.battery_count) == (facts.battery not in {"", "none"})
    assert bool(facts.un_number and facts.hazard_class) == (facts.dangerous == "yes")


@pytest.mark.parametrize("text", ["1950", "UN1950", "un-1950", " UN 1950 "])
def test_un_numbers_are_read_as_people_write_them(text):
    assert clean_un_number(text) == "UN1950"


def test_a_party_serves_many_products(lamp, scoped, actor, now):
    party = services.add_party(MAKER, merchant=scoped, actor=actor, now=now)
    other = ProductFactory(merchant=scoped)
    for product in (lamp, other):
        services.set_facts(product, {"manufacturer": party.public_id}, actor=actor, now=now)
    services.update_party(party, {"email": "new@lanling.example"}, actor=actor, now=now)

    assert get_facts(lamp).manufacturer.email == "new@lanling.example"
    assert get_facts(other).manufacturer == party
    entry = JournalEntry.objects.get(event="party.changed")
    assert entry.payload == {"fields": ["email"], "is_active": True}
    services.set_facts(lamp, {"manufacturer": ""}, actor=actor, now=now)
    assert get_facts(lamp).manufacturer is None


def test_a_party_out_of_use_stays_where_it_is_and_is_not_chosen_again(lamp, scoped, actor, now):
    party = services.add_party(MAKER, merchant=scoped, actor=actor, now=now)
    services.set_facts(lamp, {"manufacturer": party.public_id}, actor=actor, now=now)
    services.update_party(party, {"is_active": False}, actor=actor, now=now)
    kept = {"manufacturer": party.public_id, "has_magnet": True}
    services.set_facts(lamp, kept, actor=actor, now=now)

    assert get_facts(lamp).manufacturer == party
    assert list(list_parties(scoped, is_active=True)) == []
    with pytest.raises(DomainError):
        services.set_facts(
            ProductFactory(merchant=scoped), {"manufacturer": party.public_id}, actor=actor, now=now
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "friend"}, "kind"),
        ({"name": " "}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"address": ""}, "address"),
        ({"country": "de"}, "country"),
        ({"email": "", "website": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"kind": "eu_responsible", "country": "GB"}, "country"),
        ({"kind": "uk_responsible", "country": "DE"}, "country"),
    ],
)
def test_a_party_without_what_the_law_asks_is_refused(scoped, actor, now, change, field):
    draft = PartyDraft(**{name: getattr(MAKER, name) for name in MAKER.__slots__} | change)
    with pytest.raises(DomainError) as refused:
        services.add_party(draft, merchant=scoped, actor=actor, now=now)

    assert (refused.value.code, set(refused.value.fields)) == ("catalog.party", {field})
    assert not Party.objects.exists()


def test_a_party_of_the_wrong_kind_is_refused(lamp, scoped, actor, now):
    party = services.add_party(MAKER, merchant=scoped, actor=actor, now=now)
    with pytest.raises(DomainError):
        services.set_facts(lamp, {"eu_responsible": party.public_id}, actor=actor, now=now)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(PDF, "application/pdf"), (picture("JPEG"), "image/jpeg"), (picture("PNG"), "image/png")],
)
def test_a_paper_is_told_by_its_content(lamp, actor, now, raw, kind):
    made = add(lamp, actor, now, raw, name="../../etc/report.exe", valid_until=date(2027, 1, 1))

    assert (made.content_type, made.size) == (kind, len(raw))
    assert made.name == ".. .. etc report.exe"
    assert made.file.name.startswith("documents/")
    assert made.file.name.endswith({"application/pdf": ".pdf"}.get(kind, made.file.name[-4:]))
    assert made.file.read() == raw
    entry = JournalEntry.objects.get(event="product.document_added")
    assert entry.payload["document"] == made.public_id


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"<html><script>alert(1)</script>", "Only PDF, JPEG and PNG"),
        (b"", "Only PDF, JPEG and PNG"),
        (b"MZ\x90\x00", "Only PDF, JPEG and PNG"),
        (b"%PDF-1.7\n", "cut off"),
        (picture("PNG")[:60], "Only PDF, JPEG and PNG"),
        (picture("GIF"), "Only PDF, JPEG and PNG"),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), "at most 10 MB"),
    ],
)
def test_any_other_file_is_refused(lamp, actor, now, raw, why):
    with pytest.raises(DomainError) as refused:
        add(lamp, actor, now, raw)

    assert why in refused.value.fields["file"]
    assert not ProductDocument.objects.exists()


def test_a_paper_is_kept_once_and_withdrawn_not_deleted(lamp, actor, now):
    made = add(lamp, actor, now, name="Report 1")
    with pytest.raises(DomainError, match=r"catalog\.document") as refused:
        add(lamp, actor, now)
    assert refused.value.fields["file"] == "The product has this file already: Report 1."

    services.withdraw_document(made, actor=actor, now=now)
    services.withdraw_document(made, actor=actor, now=now)
    assert [item.status for item in list_documents(lamp)] == ["withdrawn"]
    assert JournalEntry.objects.filter(event="product.document_withdrawn").count() == 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        ({"kind": "poem"}, "kind"),
        ({"issued_on": date(2026, 2, 1), "valid_until": date(2026, 1, 1)}, "valid_until"),
    ],
)
def test_a_paper_that_says_nonsense_is_refused(lamp, actor, now, draft, field):
    with pytest.raises(DomainError) as refused:
        add(lamp, actor, now, **draft)

    assert set(refused.value.fields) == {field}


def test_the_state_of_a_paper_follows_its_dates():
    today = date(2026, 11, 25)
    day = timedelta(days=1)

    assert document_state("withdrawn", None, today) == "withdrawn"
    assert document_state("current", None, today) == "current"
    assert document_state("current", today - day, today) == "expired"
    assert document_state("current", today, today) == "ending"
    assert document_state("current", today + 30 * day, today) == "ending"
    assert document_state("current", today + 31 * day, today) == "current"


def test_a_wrong_gtin_is_said_in_every_model_form(scoped):
    with pytest.raises(ValidationError) as refused:
        Variant(sku="A", gtin="4006381333932").full_clean(exclude=["merchant", "product"])

    assert refused.value.message_dict["gtin"] == ["The check digit of this GTIN is wrong."]
