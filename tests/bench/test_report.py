"""The figures of a run: medians, ratios, goals, and what could not be measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.perf.intake import row_differences
from bench.perf.rig.meter import Sample, Spread, fsyncs_per_s, spread
from bench.perf.rig.race import BATCH, QUICK, SINGLE, Entry, Race
from bench.perf.rig.report import as_json, as_text, list_goals, list_ratios

SAMPLE = Sample(
    orders=100,
    orders_per_s=400.0,
    app_ms=1.0,
    thread_ms=0.5,
    server_ms=0.6,
    statements=12.0,
    work_statements=9.0,
    commits=1.0,
    fsyncs=1.0,
    foreign_share=0.0,
    p99_ms=4.0,
)
OURS, OURS_BATCH = Entry("ours", SINGLE, 100), Entry("ours", BATCH, 100)
FLOOR = Entry("floor", SINGLE, 100)
OSCAR = Entry("oscar", "basket + place, 0 promotions", 10)


@pytest.fixture
def race() -> Race:
    """A finished run of two rounds in which the floor needed half of our time."""
    race = Race(server=None, sizes=QUICK, work_folder=Path())  # type: ignore[arg-type]
    race.samples = {
        OURS: [SAMPLE, replace(SAMPLE, app_ms=1.2)],
        OURS_BATCH: [replace(SAMPLE, statements=0.12, orders_per_s=2600.0)],
        FLOOR: [replace(SAMPLE, app_ms=0.3, statements=8.0)],
        OSCAR: [replace(SAMPLE, app_ms=30.0, thread_ms=10.0)],
    }
    race.written = {OURS: {"orders_order": 1.0}, FLOOR: {"orders_order": 1.0}}
    race.updated = {SINGLE: {"stock": 3}, BATCH: {}}
    return race


def test_spread_is_median_with_extremes():
    assert spread([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)


def test_spread_of_a_figure_missing_in_one_round_is_unknown():
    assert spread([3.0, None]) is None


def test_ratios_are_of_application_and_database_time(race):
    ratios = list_ratios(race)

    assert ratios["ours / floor, single"] == pytest.approx(1.6 / 0.8)
    assert ratios["oscar / ours, basket + place, 0 promotions"] == pytest.approx(40 / 1.6)
    assert ratios["ours / floor, batch of 100"] is None


def test_goals_tell_met_missed_and_unknown(race):
    verdicts = {goal.text: goal.is_met for goal in list_goals(race)}

    assert verdicts == {
        "single: SQL statements per order": True,
        "single: SQL statements per order, stretch": False,
        "batch of 100: SQL statements per order": True,
        "single: app+db ms per order": True,
        "single: times the floor": True,
        "batch of 100: times the floor": None,
        "batch of 100: orders per second": True,
        "times cheaper than oscar, 0 promotions": True,
    }


def test_only_counts_are_asserted(race):
    asserted = [(goal.text, goal.limit) for goal in list_goals(race) if goal.is_asserted]

    assert asserted == [
        ("single: SQL statements per order", 15),
        ("batch of 100: SQL statements per order", 4),
    ]


def test_figures_that_cannot_be_read_are_printed_as_such(race):
    race.samples[OURS] = [replace(SAMPLE, thread_ms=None, server_ms=None)]

    text = as_text(race, {"disk": "fast"})

    line = next(line for line in text.splitlines() if line.startswith("ours: single"))
    assert line.split().count("n/a") == 3
    assert "goal single: app+db ms per order" in text
    assert "not measured" in text


def test_neighbours_on_the_server_are_admitted(race):
    race.samples[OURS] = [replace(SAMPLE, foreign_share=0.3)]

    assert "up to 30% of its statements" in as_text(race, {})


def test_cost_counts_the_whole_server_only_while_nobody_else_uses_it(race):
    quiet = next(goal for goal in list_goals(race) if goal.text == "single: app+db ms per order")
    race.samples[OURS] = [replace(sample, foreign_share=0.3) for sample in race.samples[OURS]]
    busy = next(goal for goal in list_goals(race) if goal.text == "single: app+db ms per order")

    assert (quiet.measured, busy.measured) == (pytest.approx(1.7), pytest.approx(1.6))


def test_json_keeps_every_round(race):
    document = json.loads(json.dumps(as_json(race, {}, ["a failure"])))

    assert [len(case["rounds"]) for case in document["cases"]] == [2, 1, 1, 1]
    assert document["failures"] == ["a failure"]


def test_floor_that_wrote_less_voids_the_run(race):
    race.written[FLOOR] = {"orders_order": 0.5}
    race.surprises = {"audit": 7}

    assert row_differences(race) == [
        "audit grew by 7 rows that the floor does not write",
        "single: orders_order got 1 rows from ours, 0.5 from floor",
    ]


def test_same_rows_make_no_difference(race):
    assert row_differences(race) == []


def test_disk_probe_leaves_nothing_behind(tmp_path):
    assert fsyncs_per_s(tmp_path, seconds=0.01) > 0
    assert list(tmp_path.iterdir()) == []
