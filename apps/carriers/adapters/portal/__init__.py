"""The portal carrier protocol, version 1: JSON over HTTPS, described in docs/guides/carriers.md."""

from __future__ import annotations
