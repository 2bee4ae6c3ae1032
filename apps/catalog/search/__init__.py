"""Finding products by words, codes and facets: a posting list per token, walked by index."""

from __future__ import annotations
