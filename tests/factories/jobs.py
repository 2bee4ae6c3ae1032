"""Jobs."""

from __future__ import annotations

import factory

from apps.jobs.models import Job


class JobFactory(factory.django.DjangoModelFactory[Job]):
    """A waiting job of the platform."""

    class Meta:
        model = Job

    kind = "tests.rows"
    title = "Ship 3 orders"
    started_by = "user:usr_TEST"
