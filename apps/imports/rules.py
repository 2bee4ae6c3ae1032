"""Pure rules of imports: duplicates, parted groups, which rows are wrong, how long undo lasts."""

from __future__ import annotations

import zlib
from datetime import timedelta

UNDO_LIFE = timedelta(days=7)
# So long after the last step the rows and files of an import are kept.
KEPT_FOR = timedelta(days=30)


class RowMarks:
    """A bit per row, kept compressed: a marked row is wrong and is not applied."""

    def __init__(self, stored: bytes = b"") -> None:
        """Start from what was stored."""
        self._bits = bytearray(zlib.decompress(stored)) if stored else bytearray()

    def mark(self, index: int) -> None:
        """Mark a row."""
        missing = index // 8 + 1 - len(self._bits)
        if missing > 0:
            self._bits.extend(bytes(missing))
        self._bits[index // 8] |= 1 << index % 8

    def has(self, index: int) -> bool:
        """Say whether a row is marked."""
        at = index // 8
        return at < len(self._bits) and bool(self._bits[at] >> index % 8 & 1)

    def pack(self) -> bytes:
        """Return the marks as they are stored."""
        return zlib.compress(bytes(self._bits))


class Seen:
    """What a sheet said so far: keys that may be there once, and words of products that ended."""

    def __init__(self, *, max_group: int) -> None:
        """Start empty."""
        self._keys: dict[str, int] = {}
        self._ended: dict[str, int] = {}
        self._word = ""
        self._run = 0
        self._last_row = 0
        self._max_group = max_group

    def find_duplicate(self, key: str, row: int) -> int:
        """Return the row that had the key first, or 0 and remember the key."""
        first = self._keys.setdefault(key, row)
        return 0 if first == row else first

    def follow(self, word: str, row: int) -> tuple[str, int]:
        """Take the next row's word; returns a problem's code with its row, or nothing."""
        problem, about = "", 0
        if word != self._word:
            if self._word:
                self._ended[self._word] = self._last_row
            self._word, self._run = word, 0
        if word and word in self._ended:
            problem, about = "group_parted", self._ended[word]
        self._run += 1
        if word and self._run > self._max_group:
            problem, about = "group_too_long", self._max_group
        self._last_row = row
        return problem, about
