"""The JSON of the API, as structs: what is parsed, what is answered, and the schema's source."""

from __future__ import annotations
