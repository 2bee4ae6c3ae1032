"""Writes of shipments to a warehouse. Every step checks the state, posts stock and tells the journal."""

from __future__ import annotations

from apps.inbound.services.amending import amend_line
from apps.inbound.services.drafting import create_inbound, replace_draft
from apps.inbound.services.ending import cancel_inbound, expire_inbound, force_close
from apps.inbound.services.lifecycle import (
    accept_inbound,
    arrive,
    book_appointment,
    depart,
    pause_receiving,
    reject_inbound,
    resume_receiving,
    submit_inbound,
)
from apps.inbound.services.putting_away import put_away
from apps.inbound.services.receiving import finish_receiving, receive
from apps.inbound.services.settling import answer_discrepancy

__all__ = [
    "accept_inbound",
    "amend_line",
    "answer_discrepancy",
    "arrive",
    "book_appointment",
    "cancel_inbound",
    "create_inbound",
    "depart",
    "expire_inbound",
    "finish_receiving",
    "force_close",
    "pause_receiving",
    "put_away",
    "receive",
    "reject_inbound",
    "replace_draft",
    "resume_receiving",
    "submit_inbound",
]
