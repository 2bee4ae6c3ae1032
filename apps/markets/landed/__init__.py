"""The landed cost of a sale: duty, tax and fees by the dated rows of one market.

Pure code: no database, no clock, no rates of its own. The law stands in the rows
(``apps/markets/data/rules.json`` and what people approved since); the modules here only interpret
them. ``book.compile_book`` turns the rows of one market and day into closures once;
``Book.quote`` prices a ``Sale``.
"""

from __future__ import annotations
