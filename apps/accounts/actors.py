"""People as the journal names them."""

from __future__ import annotations

from apps.accounts.models import User
from apps.journal.actors import Actor


def user_actor(user: User) -> Actor:
    """Return the actor of a signed-in person."""
    return Actor("user", user.public_id, user.full_name or user.email)
