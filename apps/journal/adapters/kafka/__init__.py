"""Kafka beside the receivers: every journal entry as a message, for those who want the stream."""

from __future__ import annotations
