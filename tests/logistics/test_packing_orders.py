"""The packer on a sample of real orders, no worse than the box counts that came with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

from bench.perf.packing import read_boxes, read_orders, run

NAMED = os.environ.get("BOXPACKER_DATA", "")
DATA = Path(NAMED) if NAMED else Path(settings.BASE_DIR) / "../shared/data/public/boxpacker"


@pytest.mark.skipif(
    not (DATA / "items.csv.gz").exists(),
    reason="BoxPacker's orders are not here: put the folder's path into BOXPACKER_DATA",
)
@pytest.mark.parametrize("keep_upright", [True, False])
def test_every_twentieth_order_takes_no_more_boxes(keep_upright: bool) -> None:
    orders = list(read_orders(DATA))[::20]

    tally = run(read_boxes(DATA), orders, keep_upright=keep_upright, support_percent=0)

    assert tally.faults == []
    assert tally.worse == 0
    assert len(orders) == 215
