"""Our own MariaDB, Redis and RabbitMQ, from Debian's packages, beside whatever else runs here."""

from __future__ import annotations
