"""The result of one case, as every suite gives it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseResult:
    """What a case expected and what came out; the two are equal when it passed.

    ``part`` groups cases in the summary, such as the section of the file they come from.
    """

    name: str
    expected: object
    actual: object
    part: str = "all"

    @property
    def passed(self) -> bool:
        """Whether the outcome is the expected one."""
        return self.expected == self.actual
