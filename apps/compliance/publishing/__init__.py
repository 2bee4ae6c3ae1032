"""Whether a product can be sold in a market, what is kept of its price, and putting it on sale.

``reading`` loads everything for one product and many markets in a fixed number of statements,
``gates`` judges it, ``landing`` and ``waterfall`` (pure) say what becomes of the price, ``answering``
puts the answer together, ``services`` acts on it.
"""

from __future__ import annotations
