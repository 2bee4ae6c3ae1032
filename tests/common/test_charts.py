"""Charts drawn by the server."""

from __future__ import annotations

import re

import pytest

from apps.common import charts


@pytest.mark.parametrize(
    ("highest", "top", "step"),
    [(3020, 4000, 1000), (0, 1, 1), (100, 100, 20), (7, 8, 2), (0.9, 1.0, 0.2)],
)
def test_axes_end_at_round_numbers(highest: float, top: float, step: float) -> None:
    scale = charts.nice_scale(highest)
    assert scale.top == pytest.approx(top)
    assert scale.step == pytest.approx(step)
    assert scale.ticks[0] == pytest.approx(top)
    assert scale.ticks[-1] == 0


def test_a_smooth_line_never_overshoots_its_points() -> None:
    path = charts.smooth_path([(0, 50), (10, 50), (20, 10), (30, 10)])
    heights = [float(pair.split()[1]) for pair in re.findall(r"-?[\d.]+ -?[\d.]+", path)]
    assert min(heights) >= 10
    assert max(heights) <= 50


def test_lines_of_no_or_one_point_are_drawn_without_failing() -> None:
    assert charts.smooth_path([]) == ""
    assert charts.smooth_path([(3, 4)]) == "M3.0 4.0h0"
    assert charts.spark([]) == ""
    assert "<circle" in charts.spark([5])


def test_a_falling_trend_is_marked() -> None:
    assert 'data-dir="down"' in charts.spark([3, 2, 1])
    assert "data-dir" not in charts.spark([1, 2, 3])


def test_an_area_chart_has_a_text_alternative_and_few_labels() -> None:
    days = [f"{day} Nov" for day in range(1, 29)]
    drawn = charts.area_chart(list(range(28)), [], days, title='Sales "up"', key="s")
    assert 'aria-label="Sales &quot;up&quot;"' in drawn
    assert drawn.count("Nov</li>") == 7
    assert "style=" not in drawn


def test_stacked_parts_fill_the_bar() -> None:
    drawn = charts.stack([1, 3])
    assert 'x="0.0" width="246.0"' in drawn
    assert 'x="250.0" width="746.0"' in drawn


def test_a_bar_stays_inside_its_frame() -> None:
    assert 'width="100.0"' in charts.bar(140, 100)
    assert 'width="0.0"' in charts.bar(5, 0)
