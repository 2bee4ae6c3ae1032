"""The dated answer: can this product be sold there, why not, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass

from apps.compliance.publishing.facts import Case, Finding
from apps.compliance.publishing.gates import run_gates
from apps.compliance.publishing.records import Verdict
from apps.compliance.publishing.waterfall import Waterfall, build_waterfall


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said about a case.

    ``lowest`` is the waterfall of the variant that keeps least in its worst case.
    """

    case: Case
    findings: tuple[Finding, ...]
    waterfalls: tuple[Waterfall, ...]

    @property
    def verdict(self) -> str:
        """``can``; ``can_when`` everything that blocks can be put right; else ``cannot``."""
        blocking = self.blocking
        if not blocking:
            return Verdict.CAN.value
        fixable = all(finding.fix for finding in blocking)
        return Verdict.CAN_WHEN.value if fixable else Verdict.CANNOT.value

    @property
    def blocking(self) -> list[Finding]:
        """What keeps the product off sale."""
        return [finding for finding in self.findings if finding.is_blocking]

    @property
    def lowest(self) -> Waterfall | None:
        """The variant that keeps least, by its worst case where that is known."""
        return min(self.waterfalls, key=_lowest_keep, default=None)


def answer_case(case: Case) -> Answer:
    """Return the answer for one product in one market; pure of the database."""
    made = (build_waterfall(case, offer) for offer in case.offers)
    waterfalls = tuple(item for item in made if item is not None)
    return Answer(case, tuple(run_gates(case, waterfalls)), waterfalls)


def _lowest_keep(waterfall: Waterfall) -> int:
    worst = waterfall.worst.keep
    return min(waterfall.keep.minor, worst.minor) if worst is not None else waterfall.keep.minor
