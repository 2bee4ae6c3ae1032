"""Prices, pure: deriving one from a rule, rounding it, and what may be struck through.

No database and no clock. ``endings`` rounds, ``deriving`` turns a base price into a market's price
and decides whether it moves, ``reductions`` judges a price history by the 30-day rule.
"""

from __future__ import annotations
