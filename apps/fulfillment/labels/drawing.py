"""Drawing labels with reportlab: measures in millimetres from the top left corner."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from apps.fulfillment.labels.facts import CustomsLine, LabelFacts
from apps.fulfillment.labels.fonts import measure, split_runs

WIDTH_MM, HEIGHT_MM = 100, 150
_MARGIN = 5.0
_INNER = WIDTH_MM - 2 * _MARGIN
# Four dots of a 203 dpi label printer: bars come out sharp, not smeared over half dots.
_BAR_MM = 0.5
_CUSTOMS_ROWS = 6
_ADDRESS_SIZES = (11.0, 9.0, 7.0, 5.5)
_ADDRESS_MM = 29.5
_LEADING_MM = 0.44
# Quantity, description, HS code, origin, value: left edges, the last one a right edge.
_COLUMNS = (5.0, 12.0, 57.0, 72.0, 95.0)


def draw_labels(labels: Sequence[LabelFacts]) -> bytes:
    """Return a PDF with one page per label; the same facts give the same bytes."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH_MM * mm, HEIGHT_MM * mm), invariant=1)
    canvas.setTitle("Labels")
    for label in labels:
        _Page(canvas).draw(label)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Page:
    """One label on a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def draw(self, label: LabelFacts) -> None:
        """Draw all parts of the label."""
        self._head(label)
        self._recipient(label)
        self._barcode(label)
        self._facts(label)
        self._customs(label)

    def _head(self, label: LabelFacts) -> None:
        self._text(_MARGIN, 9, label.service, 11, is_bold=True)
        self._text(WIDTH_MM - _MARGIN, 13, label.country, 30, is_bold=True, is_right=True)
        for row, line in enumerate(("From", *label.sender)):
            self._text(_MARGIN, 14 + row * 2.9, line, 6.5, width=62)
        self._rule(25)

    def _recipient(self, label: LabelFacts) -> None:
        self._text(_MARGIN, 29, "To", 6.5)
        # The address must never lose a line: a long one gets smaller letters.
        for size in _ADDRESS_SIZES:
            step = size * _LEADING_MM
            rows = [row for line in label.recipient for row in self._wrap(line, size, _INNER)]
            if len(rows) * step <= _ADDRESS_MM:
                break
        for index, row in enumerate(rows):
            self._text(_MARGIN, 30.5 + (index + 1) * step, row, size, is_bold=index == 0)
        self._text(_MARGIN, 65, label.country_name, 13, is_bold=True, width=_INNER - 35)
        if label.phone:
            self._text(WIDTH_MM - _MARGIN, 65, label.phone, 8, is_right=True)
        self._rule(68)

    def _barcode(self, label: LabelFacts) -> None:
        bars = Code128(
            label.tracking_number,
            barWidth=_BAR_MM * mm,
            barHeight=19 * mm,
            quiet=False,
        )
        bars.drawOn(self.canvas, (WIDTH_MM * mm - bars.width) / 2, (HEIGHT_MM - 90) * mm)
        number = label.tracking_number
        shown = f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:11]} {number[11:]}"
        left = (WIDTH_MM - measure(shown, 12, is_bold=True) / mm) / 2
        self._text(left, 95.5, shown, 12, is_bold=True)
        self._rule(98)

    def _facts(self, label: LabelFacts) -> None:
        columns = (
            (_MARGIN, "Order", label.order_number),
            (42.0, "Weight", label.weight),
            (80.0, "Piece", label.piece),
        )
        for left, name, value in columns:
            self._text(left, 101.5, name, 6)
            self._text(left, 105.5, value, 9, is_bold=True)
        self._rule(108)

    def _customs(self, label: LabelFacts) -> None:
        if not label.customs:
            return
        self._text(_MARGIN, 112, "CUSTOMS DECLARATION (may be opened officially)", 7, is_bold=True)
        self._text(_MARGIN, 115.3, "[X] Sale of goods", 6.5)
        self._row(119, ("Qty", "Description", "HS code", "Origin", "Value"), size=6)
        shown = _shorten(label.customs)
        for index, cells in enumerate(shown):
            self._row(122.5 + index * 3.2, cells, size=6.5)
        below = 122.5 + len(shown) * 3.2
        self._rule(below - 1.8)
        self._row(below + 1.2, ("", "Total", "", "", label.customs_total), size=6.5, is_bold=True)

    def _row(
        self, top: float, cells: tuple[str, ...], *, size: float, is_bold: bool = False
    ) -> None:
        for index, (left, cell) in enumerate(zip(_COLUMNS, cells, strict=True)):
            is_last = index == len(_COLUMNS) - 1
            width = None if is_last else _COLUMNS[index + 1] - left - 1
            self._text(left, top, cell, size, width=width, is_bold=is_bold, is_right=is_last)

    def _rule(self, top: float) -> None:
        self.canvas.setLineWidth(0.6)
        height = (HEIGHT_MM - top) * mm
        self.canvas.line(_MARGIN * mm, height, (WIDTH_MM - _MARGIN) * mm, height)

    def _text(
        self,
        left: float,
        top: float,
        text: str,
        size: float,
        *,
        width: float | None = None,
        is_bold: bool = False,
        is_right: bool = False,
    ) -> None:
        shown = text if width is None else _cut(text, size, width, is_bold=is_bold)
        at = left * mm - (measure(shown, size, is_bold=is_bold) if is_right else 0)
        drawing = self.canvas.beginText(at, (HEIGHT_MM - top) * mm)
        for font, run in split_runs(shown, is_bold=is_bold):
            drawing.setFont(font, size)
            drawing.textOut(run)
        self.canvas.drawText(drawing)

    def _wrap(self, text: str, size: float, width: float) -> list[str]:
        """Break a line between words, and inside a word that is longer than the line."""
        rows, current = [], ""
        for word in text.split():
            longer = f"{current} {word}".strip()
            if current and measure(longer, size, is_bold=True) > width * mm:
                rows.append(current)
                longer = word
            while measure(longer, size, is_bold=True) > width * mm:
                fits = len(longer)
                while measure(longer[:fits], size, is_bold=True) > width * mm:
                    fits -= 1
                rows.append(longer[:fits])
                longer = longer[fits:]
            current = longer
        return [*rows, current] if current else rows


def _cut(text: str, size: float, width: float, *, is_bold: bool) -> str:
    if measure(text, size, is_bold=is_bold) <= width * mm:
        return text
    while text and measure(f"{text}…", size, is_bold=is_bold) > width * mm:
        text = text[:-1]
    return f"{text}…"


def _shorten(lines: Sequence[CustomsLine]) -> list[tuple[str, ...]]:
    """Return the rows that fit; more lines than that end in a row that counts the others."""
    rows: list[tuple[str, ...]] = [
        (str(line.quantity), line.description, line.hs_code, line.origin, line.value)
        for line in lines
    ]
    if len(rows) <= _CUSTOMS_ROWS:
        return rows
    left = len(rows) - _CUSTOMS_ROWS + 1
    return [*rows[: _CUSTOMS_ROWS - 1], ("", f"and {left} more lines, see invoice", "", "", "")]
