"""Loading public files: layouts, twice the same, a list that shrinks, what is in force."""

from __future__ import annotations

import gzip
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.common.errors import DomainError
from apps.compliance.hs import services
from apps.compliance.hs.selectors import get_library
from apps.compliance.hs.sources import UnreadableFileError, read_source
from apps.compliance.models import HsImport, HsRow
from apps.journal.models import JournalEntry

HEAD = "section,hscode,description,parent,level\n"


def nomenclature(count: int, *, text: str = "Thing") -> str:
    rows = [f"I,01,Animals,TOTAL,2\nI,0101,{text},01,4\n"]
    rows += [f"I,{10100 + number:06d},{text} number {number},0101,6\n" for number in range(count)]
    return HEAD + "".join(rows)


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def _write(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


@pytest.mark.parametrize(
    ("content", "source", "rows"),
    [
        (HEAD + "I,010121,Horses,0101,6\n", "nomenclature", (("010121", "Horses"),)),
        ('hts8,brief_description\n10011100,"Wheat, seed"\n', "us", (("100111", "Wheat, seed"),)),
        (
            "\ufeffGoods Description,Commodity Code\nmallow  sponge,3924900090\nx,not a code\n",
            "uk_extra",
            (("392490", "mallow sponge"),),
        ),
        (json.dumps({"abalone": "0307810000"}), "uk", (("030781", "abalone"),)),
        ("parts\n3xl, beige\nparts\nmisc\ntoy\nbag\n", "vague", None),
    ],
)
def test_a_file_is_told_by_its_columns(write, content, source, rows):
    plain, packed = write("a", content), write("b.gz", gzip.compress(content.encode()))

    assert read_source(plain).source == source
    assert read_source(packed) == read_source(plain)
    if rows is not None:
        assert read_source(plain).rows == rows
    else:
        assert ("", "3xl, beige") in read_source(plain).rows
        assert len(read_source(plain).rows) == 5


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no row"),
        (b"a,b\n1,2\n3,4\n", "No known layout"),
        (b"{", "no JSON"),
        (b"{}", "no row"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"\x1f\x8bnot gzip", "damaged gzip"),
        (HEAD.encode(), "no row"),
    ],
)
def test_an_unusable_file_says_what_is_wrong(write, content, says):
    with pytest.raises(UnreadableFileError, match=says):
        read_source(write("f", content))


def load(path, actor, now, **options):
    return services.import_hs_file(path, actor=actor, now=now, **options)


def test_a_load_is_in_force_and_in_the_journal(db, write, actor, now):
    found = load(write("n.csv", nomenclature(30)), actor, now)

    assert (found.source, found.status, found.row_count) == ("nomenclature", "active", 32)
    assert HsRow.objects.filter(load=found).count() == 32
    entry = JournalEntry.objects.get(event="hs.imported")
    assert (entry.tenant_id, entry.payload["rows"]) == (0, 32)
    assert "010129" in get_library().index.codes
    assert get_library().origins == ("guide", "nomenclature")


def test_the_same_content_again_changes_nothing(db, write, actor, now):
    first = load(write("a.csv", nomenclature(30)), actor, now)
    again = load(write("b.csv.gz", gzip.compress(nomenclature(30).encode())), actor, now)

    assert again == first
    assert HsImport.objects.count() == 1
    assert JournalEntry.objects.filter(event="hs.imported").count() == 1


def test_a_new_list_replaces_the_old_one(db, write, actor, now):
    old = load(write("a.csv", nomenclature(30)), actor, now)
    new = load(write("b.csv", nomenclature(30, text="Other")), actor, now)
    old.refresh_from_db()

    assert (old.status, new.status) == ("replaced", "active")
    assert not HsRow.objects.filter(load=old).exists()
    assert get_library().index.texts["010100"] == "Other number 0"


@pytest.mark.parametrize(("count", "status"), [(95, "active"), (94, "quarantined")])
def test_a_list_that_lost_over_five_percent_is_quarantined(db, write, actor, now, count, status):
    old = load(write("a.csv", nomenclature(98)), actor, now)
    short = load(write("b.csv", nomenclature(count - 2)), actor, now)
    old.refresh_from_db()

    assert short.status == status
    assert (old.status == "active") == (status == "quarantined")
    assert HsRow.objects.count() == (100 if status == "quarantined" else count)


def test_a_shorter_list_is_taken_when_a_person_says_so(db, write, actor, now):
    load(write("a.csv", nomenclature(98)), actor, now)

    assert load(write("b.csv", nomenclature(3)), actor, now, accept_loss=True).status == "active"


def test_an_unreadable_file_is_refused(db, write, actor, now):
    with pytest.raises(DomainError) as refusal:
        load(write("x.csv", "a,b\n1,2\n"), actor, now)

    assert (refusal.value.code, refusal.value.status) == ("compliance.hs_file", 422)
    assert not HsImport.objects.exists()


def test_the_command_loads_files_and_fails_on_quarantine(db, write, capsys):
    call_command("import_hs", str(write("a.csv", nomenclature(98))))

    assert "nomenclature: 100 rows, active (a.csv)" in capsys.readouterr().out
    with pytest.raises(CommandError, match="--accept-loss"):
        call_command("import_hs", str(write("b.csv", nomenclature(3))))
    with pytest.raises(CommandError, match="no file"):
        call_command("import_hs", "nowhere.csv")
    with pytest.raises(CommandError, match="No known layout"):
        call_command("import_hs", str(write("c.csv", "a,b\n1,2\n")))


def test_the_library_costs_one_statement_once_built(db, django_assert_num_queries):
    get_library()

    with django_assert_num_queries(1):
        get_library()


def test_the_public_files_load(public):
    assert len(public.index.codes) == 5613
    assert len(public.vague_terms) > 4000
    assert set(public.origins) == {"guide", "nomenclature", "uk", "uk_extra", "us", "vague"}
