"""Journal events of compliance."""

from __future__ import annotations

PRODUCT_PUBLISHED = "product.published"
REGISTRATION_STATED = "registration.stated"
TARIFF_STATED = "tariff_rate.stated"
