"""The stream of live facts, which reads on connections of its own what was really committed."""

from __future__ import annotations

import asyncio

import pytest
from django_scopes import scope

from apps.common.clock import utc_now
from apps.dashboard.web import live
from apps.jobs.models import Job
from tests.dashboard.conftest import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_stream_tells_a_running_job_and_ends_for_a_person_who_left():
    world = make_world("Lanling Home")
    Job.objects.create(
        tenant_id=world.merchant.pk,
        kind="orders.ship",
        title="Ship",
        status="running",
        total_count=10,
        done_count=4,
    )

    async def collect(length: float) -> list[str]:
        return [
            part async for part in live.stream(world.member.pk, since=utc_now(), length_s=length)
        ]

    parts = asyncio.run(collect(0.5))
    assert parts[0] == "retry: 3000\n\n"
    assert any("event: job" in part and '"done":4' in part for part in parts)
    with scope(merchant=world.merchant):
        world.member.is_active = False
        world.member.save()
    assert asyncio.run(collect(30)) == ["retry: 3000\n\n"]
