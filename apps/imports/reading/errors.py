"""A file that cannot be read as a sheet."""

from __future__ import annotations


class SheetError(Exception):
    """The file is refused as a whole: a code with facts, told in words by ``sentences``."""

    def __init__(self, code: str, **facts: str | int) -> None:
        """Keep code and facts."""
        super().__init__(code)
        self.code = code
        self.facts: dict[str, str | int] = facts
