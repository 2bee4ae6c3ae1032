"""Reads for the merchant's pages, each over several apps."""

from __future__ import annotations
