"""Runners that tests play, and people in front of the job pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from apps.common.errors import DomainError
from apps.jobs import registry, services
from apps.jobs.models import Job
from apps.jobs.progress import JobProgress
from apps.jobs.registry import job_runner
from apps.merchants.models import Member, Merchant, Role
from tests.factories.merchants import MemberFactory

EFFECTS: list[str] = []


def run_rows(progress: JobProgress) -> None:
    """Note each item once; items that start with ``bad`` fail."""
    items = [str(item) for item in progress.parameters["items"]]  # type: ignore[union-attr]
    for number, item in progress.pending(items):
        with progress.row(number, item):
            if item.startswith("bad"):
                raise DomainError("tests.bad", f"{item} cannot be done")
            EFFECTS.append(item)
    progress.save_file("result.csv", b"a,b\r\n")


@pytest.fixture(autouse=True)
def _runners(settings, tmp_path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    EFFECTS.clear()
    known = dict(registry._KINDS)
    job_runner("tests.rows", permission="shipments.manage")(run_rows)
    yield
    registry._KINDS.clear()
    registry._KINDS.update(known)


@pytest.fixture
def make_job(db, actor, now) -> Callable[..., Job]:
    """Start a job over items."""

    def make(*items: str, merchant: Merchant | None = None, kind: str = "tests.rows") -> Job:
        return services.start_job(
            kind,
            title="Ship orders",
            parameters={"items": list(items)},
            tenant_id=merchant.pk if merchant else 0,
            actor=actor,
            now=now,
        )

    return make


@pytest.fixture
def packer(merchant: Merchant) -> Member:
    """A member who may ship."""
    return MemberFactory(merchant=merchant, role=Role.WAREHOUSE)


@pytest.fixture
def reader(merchant: Merchant) -> Member:
    """A member who may only look."""
    return MemberFactory(merchant=merchant, role=Role.READ_ONLY)


@pytest.fixture
def open_as(client: Client) -> Callable[[Member], Client]:
    """A browser signed in as a member."""

    def sign_in(member: Member) -> Client:
        client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
