"""Case files of customs rulings in the layouts that occur, and the suite over them."""

from __future__ import annotations

import gzip
import json

import pytest

from apps.compliance.hs.sources import UnreadableFileError
from bench.acceptance import hs, runner
from bench.acceptance.rulings import read_rulings

MUG, CODE = "A mug of stoneware for hot drinks", "6912.00.4500"
LAYOUTS = {
    "csv": f"description,hts_code\n{MUG},{CODE}\n",
    "csv with other names": f"ruling_number,Goods Description,Commodity Code\nN1,{MUG},6912004500\n",
    "semicolons": f"code;text\n691200;{MUG}\n",
    "tabs": f"id\ttext\tlabel\n7\t{MUG}\t{CODE}\n",
    "names that say nothing": f"a,b\n{CODE},{MUG}\n",
    "list": json.dumps([{"description": MUG, "code": CODE}]),
    "object": json.dumps({"source": "customs", "cases": [{"product": MUG, "hs6": 691200}]}),
    "pairs": json.dumps({MUG: CODE}),
    "lines": json.dumps({"prompt": MUG, "answer": f"HTS US Code -> {CODE}"}) + "\n{}\n",
    "conversation": json.dumps(
        [
            {
                "messages": [
                    {"role": "user", "content": f"What is the code for {MUG}?"},
                    {"role": "assistant", "content": f"HTS US Code -> {CODE}\nReasoning: a mug"},
                ]
            }
        ]
    ),
}


@pytest.fixture
def write(tmp_path):
    """Write a case file and return its path."""

    def _write(content: str | bytes):
        path = tmp_path / "cases"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_understood_and_the_columns_are_named(write, capsys, layout):
    [ruling] = read_rulings(write(LAYOUTS[layout]))

    assert MUG in ruling.description
    assert ruling.codes == {"691200"}
    assert "description from" in capsys.readouterr().out


def test_gzip_is_understood(write):
    assert len(read_rulings(write(gzip.compress(LAYOUTS["csv"].encode())))) == 1


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("307810000", {"030781"}),
        ("691200.0", {"691200"}),
        ("6402.99.70 ; 6404.19.35", {"640299", "640419"}),
        ("9503.00.0071, 9903.88.15", {"950300"}),
    ],
)
def test_codes_are_read_as_people_write_them(write, cell, codes):
    [ruling] = read_rulings(write(json.dumps([{"description": MUG, "code": cell}])))

    assert ruling.codes == codes


def test_rows_without_a_code_are_counted_out_loud(write, capsys):
    assert len(read_rulings(write(f"description,code\n{MUG},{CODE}\n{MUG},6912\n,691200\n"))) == 1
    assert "2 rows without one of them left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no rows"),
        ("description,price\nA mug,12\n", "no column holds HS codes"),
        ("code\n691200\n", "no column holds descriptions"),
        ("[1, 2]", "no column holds HS codes"),
        ("{broken", "no JSON"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_an_unusable_file_says_what_is_wrong(write, content, says):
    with pytest.raises(UnreadableFileError, match=says):
        read_rulings(write(content))


@pytest.fixture
def guide_alone(monkeypatch, db, settings, tmp_path):
    """No public files and no tables: the suite uses the portal's own guide."""
    monkeypatch.delenv("HS_DATA", raising=False)
    settings.BASE_DIR = tmp_path
    hs.find_library.cache_clear()
    yield
    hs.find_library.cache_clear()


def test_the_suite_prints_figures_and_ends_with_json(write, capsys, guide_alone):
    cases = [(MUG, CODE), ("spare parts", CODE), ("Bluetooth earphones", "0101.21.0000")]
    path = write("description,code\n" + "".join(f"{text},{code}\n" for text, code in cases))

    exit_code = runner.score("hs", hs.run, [path], hs.summarize)

    lines = capsys.readouterr().out.splitlines()
    result = json.loads(lines[-1])
    assert (result["passed"], result["total"], result["abstentions"]) == (1, 3, 1)
    assert result["HS6@1"] == result["HS6@10"] == result["heading@10"] == 0.3333
    assert result["codes_not_in_index"] == 1
    assert any("guide alone" in line for line in lines)
    assert exit_code == 1


def test_the_suite_stops_at_an_unusable_file(write, guide_alone):
    with pytest.raises(SystemExit, match="Cannot use this case file"):
        list(hs.run(write("a,b\n1,2\n")))


def test_the_suite_is_known_and_the_reader_is_none():
    assert {"hs", "identifiers"} <= set(runner.known_suites())
    assert "rulings" not in runner.known_suites()
    assert runner.load_summary("identifiers") is None
