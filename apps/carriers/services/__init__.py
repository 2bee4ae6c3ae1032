"""Writes of the carriers app."""

from __future__ import annotations

from apps.carriers.services.accounts import (
    change_account,
    check_account,
    check_url,
    connect_account,
    pause_account,
    resume_account,
)
from apps.carriers.services.asking import ask_rates
from apps.carriers.services.booking import release, reopen, want
from apps.carriers.services.calling import NotNowError
from apps.carriers.services.labels import forget_labels, read_label, read_labels
from apps.carriers.services.working import list_due, work

__all__ = [
    "NotNowError",
    "ask_rates",
    "change_account",
    "check_account",
    "check_url",
    "connect_account",
    "forget_labels",
    "list_due",
    "pause_account",
    "read_label",
    "read_labels",
    "release",
    "reopen",
    "resume_account",
    "want",
    "work",
]
