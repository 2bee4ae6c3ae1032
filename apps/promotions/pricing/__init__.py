"""The promotion engine: dated rows in, a compiled program, and quotes that explain themselves.

Pure code: no database, no clock, no chance. ``program.compile_program`` turns the rows of one market
into closures and an index once; ``Program.quote`` prices a ``Cart``. All amounts are whole minor
units of the market's currency.
"""

from __future__ import annotations
