"""A carrier of its own: a separate process that speaks the portal carrier protocol over HTTP.

For the demo, for tests, and for whoever builds a connection: it books, labels, voids and tracks, and
it misbehaves exactly as told.
"""

from __future__ import annotations
