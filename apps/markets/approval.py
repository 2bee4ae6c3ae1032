"""What must be known before a rule row is approved: apps above register it, markets ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from apps.common.errors import DomainError
from apps.markets.models import RuleRow


@dataclass(frozen=True, slots=True)
class Look:
    """What a safeguard says of a row: the outward id of its proof, or why an approval is refused.

    ``template`` shows ``facts`` on the page on which the row is decided.
    """

    template: str
    facts: Mapping[str, object] = field(default_factory=dict)
    evidence: str = ""
    refusal: DomainError | None = None


Safeguard = Callable[[RuleRow], Look]
_SAFEGUARDS: dict[str, Safeguard] = {}


def register(name: str, safeguard: Safeguard) -> None:
    """Add a safeguard; call it once, from the app's ``ready``. The journal names its proof so."""
    _SAFEGUARDS[name] = safeguard


def inspect(row: RuleRow) -> dict[str, Look]:
    """Ask every safeguard about a row."""
    return {name: safeguard(row) for name, safeguard in sorted(_SAFEGUARDS.items())}
