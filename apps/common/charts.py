"""Charts drawn by the server as SVG: stretched shapes with strokes that keep their width.

Axis text is HTML beside the picture, so it never shrinks; colours come from the style sheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.common.formatting import format_compact

Point = tuple[float, float]
_WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Scale:
    """A rounded axis from zero to ``top`` in steps of ``step``."""

    top: float
    step: float

    @property
    def ticks(self) -> list[float]:
        """The marks from the top down to zero."""
        count = round(self.top / self.step)
        return [self.step * index for index in range(count, -1, -1)]


def nice_scale(highest: float, marks: int = 5) -> Scale:
    """Return an axis that ends at a round number at or above ``highest``, near ``marks`` steps."""
    if highest <= 0:
        return Scale(1.0, 1.0)
    raw = highest / marks
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    return Scale(step * math.ceil(round(highest / step, 9)), step)


def smooth_path(points: Sequence[Point]) -> str:
    """Return an SVG path through the points that never overshoots (monotone cubic).

    Tangents are the harmonic mean of the neighbouring slopes (Fritsch and Butland, 1984).
    """
    if not points:
        return ""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    if len(points) == 1:
        return path + "h0"
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(points, points[1:], strict=False)]
    inner = [
        0.0 if left * right <= 0 else 2 * left * right / (left + right)
        for left, right in zip(slopes, slopes[1:], strict=False)
    ]
    tangents = [slopes[0], *inner, slopes[-1]]
    for index in range(len(points) - 1):
        (x0, y0), (x1, y1) = points[index], points[index + 1]
        third = (x1 - x0) / 3
        path += (
            f"C{x0 + third:.1f} {y0 + third * tangents[index]:.1f}"
            f" {x1 - third:.1f} {y1 - third * tangents[index + 1]:.1f} {x1:.1f} {y1:.1f}"
        )
    return path


def spark(values: Sequence[float]) -> SafeString:
    """Draw a small trend line; a falling one (last below first) is marked ``data-dir``."""
    width, height = 88, 28
    if not values:
        return SafeString("")
    low, high = min(values), max(values)
    spread = (high - low) or 1
    gap = (width - 4) / max(len(values) - 1, 1)
    points = [
        (index * gap + 2, height - 4 - (value - low) / spread * (height - 8))
        for index, value in enumerate(values)
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true"{}><path d="{}"/>'
        '<circle cx="{}" cy="{}" r="2.4"/></svg>',
        width,
        height,
        SafeString(' data-dir="down"') if values[-1] < values[0] else "",
        smooth_path(points),
        f"{points[-1][0]:.1f}",
        f"{points[-1][1]:.1f}",
    )


def area_chart(
    values: Sequence[float],
    previous: Sequence[float],
    labels: Sequence[str],
    *,
    title: str,
    key: str,
) -> SafeString:
    """Draw a line with its area over time, the previous period dotted behind it.

    ``labels`` names every value (seven at most are shown), ``title`` is the text alternative,
    ``key`` is unique on the page (it names the gradient).
    """
    scale = nice_scale(max([*values, *previous, 0]))
    line = _positions(values, scale)
    if not line:
        return SafeString("")
    last_x, last_y = line[-1]
    return format_html(
        '<div class="plotbox"><ul class="yl" aria-hidden="true">{}</ul>'
        '<svg class="chart" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><defs><linearGradient id="{}" x1="0" x2="0" y1="0" y2="1">'
        '<stop class="g0" offset="0"/><stop class="g1" offset="1"/></linearGradient></defs>{}'
        '<path fill="url(#{})" d="{}L{} 100L0 100Z"/><path class="cmp" d="{}"/>'
        '<path class="ln" d="{}"/><path class="pt0" d="M{} {}h0"/><path class="pt1" d="M{} {}h0"/>'
        '</svg><ul class="xl" aria-hidden="true">{}</ul></div>',
        format_html_join("", "<li>{}</li>", ((format_compact(tick),) for tick in scale.ticks)),
        title,
        f"{key}-fill",
        _grid(scale),
        f"{key}-fill",
        smooth_path(line),
        f"{last_x:.1f}",
        smooth_path(_positions(previous, scale)),
        smooth_path(line),
        *(f"{last_x:.1f}", f"{last_y:.2f}") * 2,
        format_html_join("", "<li>{}</li>", ((text,) for text in _thinned(labels))),
    )


def _positions(values: Sequence[float], scale: Scale) -> list[Point]:
    gap = _WIDTH / max(len(values) - 1, 1)
    return [(index * gap, 100 * (1 - value / scale.top)) for index, value in enumerate(values)]


def _grid(scale: Scale) -> SafeString:
    heights = [f"{100 * (1 - tick / scale.top):.2f}" for tick in scale.ticks]
    return format_html_join(
        "", '<line class="grid" x1="0" x2="1000" y1="{}" y2="{}"/>', ((y, y) for y in heights)
    )


def _thinned(labels: Sequence[str], most: int = 7) -> list[str]:
    if len(labels) <= most:
        return list(labels)
    step = (len(labels) - 1) / (most - 1)
    return [labels[round(index * step)] for index in range(most)]


def bar(value: float, highest: float) -> SafeString:
    """Draw one horizontal bar as a share of ``highest``."""
    share = min(max(value / highest, 0), 1) * 100 if highest else 0
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="6"/></svg>',
        f"{share:.1f}",
    )


def stack(values: Sequence[float]) -> SafeString:
    """Draw parts of a whole as one bar; part *n* takes chart colour *n* (at most six)."""
    whole = sum(values)
    parts, start = [], 0.0
    for index, value in enumerate(values[:6], start=1):
        width = value / whole * _WIDTH if whole else 0
        if width:
            parts.append((f"{start:.1f}", f"{max(width - 4, 2):.1f}", index))
        start += width
    return format_html(
        '<svg class="bar bar-lg" viewBox="0 0 1000 10" preserveAspectRatio="none"'
        ' aria-hidden="true">{}</svg>',
        format_html_join("", '<rect x="{}" width="{}" height="10" data-series="{}"/>', parts),
    )


def ring(value: int, label: str, tone: str = "good") -> SafeString:
    """Draw a score out of 100 as a ring with the number inside."""
    around = 2 * math.pi * 40
    return format_html(
        '<svg class="ringm" viewBox="0 0 100 100" role="img" aria-label="{}">'
        '<circle class="t0" cx="50" cy="50" r="40"/><circle class="t1" cx="50" cy="50" r="40"'
        ' data-tone="{}" stroke-dasharray="{} {}" transform="rotate(-90 50 50)"/>'
        '<text x="50" y="58">{}</text></svg>',
        label,
        tone,
        f"{around * value / 100:.1f}",
        f"{around:.1f}",
        value,
    )


def limit(value: float, mark: float, highest: float, tone: str = "good") -> SafeString:
    """Draw a measure against its limit: a bar up to ``value`` and a tick at ``mark``."""
    top = highest or 1
    return format_html(
        '<svg class="limit" viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect y="1" width="200" height="6" rx="3"/>'
        '<rect class="v" y="1" width="{}" height="6" rx="3" data-tone="{}"/>'
        '<rect class="lim" x="{}" y="-1.5" width="1.6" height="11"/></svg>',
        f"{min(value / top, 1) * 200:.1f}",
        tone,
        f"{min(mark / top, 1) * 200:.1f}",
    )


def flow_bar(start: float, width: float, kind: str, highest: float) -> SafeString:
    """Draw one step of a waterfall; ``kind`` is ``up``, ``dn`` or ``net``."""
    top = highest or 1
    return format_html(
        '<svg viewBox="0 0 400 16" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="{}" x="{}" width="{}" height="16" rx="2"/></svg>',
        kind,
        f"{start / top * 400:.1f}",
        f"{max(width / top * 400, 1.5):.1f}",
    )
