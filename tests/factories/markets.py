"""Markets."""

from __future__ import annotations

import factory

from apps.markets.models import Market


class MarketFactory(factory.django.DjangoModelFactory[Market]):
    """A market; the same code gives the same row."""

    class Meta:
        model = Market
        django_get_or_create = ("code",)

    code = "DE"
    currency = "EUR"
    locale = "de_DE"
    time_zone = "Europe/Berlin"
