"""Who does something: a member, a partner's key, a buyer, or the portal itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The doer of a change as the journal names it: ``user:usr_…``, ``key:key_…``, ``system:relay``."""

    kind: str
    ident: str
    label: str = ""

    def __str__(self) -> str:
        """Return kind and id."""
        return f"{self.kind}:{self.ident}"


def system_actor(part: str) -> Actor:
    """Return the actor for work that the portal does by itself."""
    return Actor("system", part)
