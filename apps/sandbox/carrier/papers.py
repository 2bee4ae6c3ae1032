"""The carrier's own papers: labels with a code that scans, and the list of a hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

_WIDTH, _HEIGHT = 100 * mm, 150 * mm
_A4 = (210 * mm, 297 * mm)
_LINES = 60


def draw_label(numbers: Sequence[str], recipient: str) -> bytes:
    """Return one page of 100 × 150 mm per number, each with the number as Code 128."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    for place, number in enumerate(numbers, 1):
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(6 * mm, 138 * mm, "SIMULATED CARRIER")
        canvas.setFont("Helvetica", 9)
        canvas.drawString(
            6 * mm, 130 * mm, recipient.encode("latin-1", "replace").decode("latin-1")
        )
        canvas.drawString(6 * mm, 124 * mm, f"Parcel {place} of {len(numbers)}")
        code = Code128(number, barWidth=0.38 * mm, barHeight=25 * mm, humanReadable=True)
        code.drawOn(canvas, 4 * mm, 40 * mm)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def draw_manifest(numbers: Sequence[str]) -> bytes:
    """Return the numbers of a hand-over on A4."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=_A4, invariant=1)
    for start in range(0, len(numbers), _LINES):
        canvas.setFont("Helvetica-Bold", 12)
        canvas.drawString(20 * mm, 280 * mm, f"Hand-over of {len(numbers)} parcels")
        canvas.setFont("Courier", 9)
        for line, number in enumerate(numbers[start : start + _LINES]):
            canvas.drawString(20 * mm, 272 * mm - line * 4.2 * mm, number)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()
