"""The job pages: works, not yours, not allowed, wrong method."""

from __future__ import annotations

import pytest

from apps.jobs import execution
from apps.jobs.models import Job
from apps.merchants.models import Role
from tests.factories.jobs import JobFactory
from tests.factories.merchants import MemberFactory


@pytest.fixture
def job(make_job, merchant, now) -> Job:
    """A job of the company with one good and one bad row."""
    made = make_job("ord_A", "bad ord_B", merchant=merchant)
    execution.run_job(made.pk, now=now)
    made.refresh_from_db()
    return made


@pytest.fixture
def foreign(make_job, stranger, now) -> Job:
    """The same of another company."""
    made = make_job("ord_X", "bad ord_Y", merchant=stranger)
    execution.run_job(made.pk, now=now)
    made.refresh_from_db()
    return made


def test_the_list_shows_own_jobs_only(open_as, packer, job, foreign):
    page = open_as(packer).get("/jobs/").content.decode()
    assert job.public_id in page
    assert foreign.public_id not in page


@pytest.mark.parametrize(
    ("view", "is_shown"), [("open", False), ("problems", True), ("done", False)]
)
def test_views_of_the_list(open_as, packer, job, view, is_shown):
    page = open_as(packer).get(f"/jobs/?view={view}").content.decode()
    assert (job.public_id in page) is is_shown


def test_the_list_costs_the_same_for_many_jobs(
    open_as, packer, merchant, django_assert_max_num_queries
):
    JobFactory.create_batch(40, tenant_id=merchant.pk)
    browser = open_as(packer)
    with django_assert_max_num_queries(25):
        assert browser.get("/jobs/").status_code == 200


def test_a_job_shows_the_failed_rows_with_their_reason(open_as, packer, job):
    page = open_as(packer).get(f"/jobs/{job.public_id}/").content.decode()
    assert "bad ord_B cannot be done" in page
    assert "ord_A" not in page


def test_all_rows_can_be_shown(open_as, packer, job):
    page = open_as(packer).get(f"/jobs/{job.public_id}/?rows=all").content.decode()
    assert "ord_A" in page


def test_a_running_job_refreshes_its_own_part(open_as, packer, make_job, merchant):
    job = make_job("a", merchant=merchant)
    part = open_as(packer).get(f"/jobs/{job.public_id}/", headers={"hx-request": "true"})
    assert part.content.decode().lstrip().startswith('<div class="stack" id="job" hx-get=')


def test_the_file_is_a_download(open_as, packer, job):
    answer = open_as(packer).get(f"/jobs/{job.public_id}/file/")
    assert answer["Content-Disposition"] == 'attachment; filename="result.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"a,b\r\n"


def test_a_job_without_a_file_has_none_to_download(open_as, packer, make_job, merchant):
    job = make_job("a", merchant=merchant)
    assert open_as(packer).get(f"/jobs/{job.public_id}/file/").status_code == 404


def test_a_waiting_job_is_stopped(open_as, packer, make_job, merchant):
    job = make_job("a", merchant=merchant)
    assert open_as(packer).post(f"/jobs/{job.public_id}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.status == Job.Status.CANCELLED


def test_failed_rows_run_again_from_the_page(open_as, packer, job):
    assert open_as(packer).post(f"/jobs/{job.public_id}/run-again/").status_code == 302
    job.refresh_from_db()
    assert (job.status, job.failed_count, job.done_count) == (Job.Status.WAITING, 0, 1)


def test_an_ended_job_cannot_be_stopped(open_as, packer, job):
    assert open_as(packer).post(f"/jobs/{job.public_id}/cancel/").status_code == 409
    job.refresh_from_db()
    assert job.status == Job.Status.DONE


@pytest.mark.parametrize(
    ("method", "part"),
    [("get", ""), ("get", "file/"), ("post", "cancel/"), ("post", "run-again/"), ("post", "undo/")],
)
def test_jobs_of_others_do_not_exist(open_as, packer, foreign, method, part):
    answer = getattr(open_as(packer), method)(f"/jobs/{foreign.public_id}/{part}")
    assert answer.status_code == 404
    foreign.refresh_from_db()
    assert foreign.status == Job.Status.DONE


@pytest.mark.parametrize(
    ("method", "part"),
    [("get", "file/"), ("post", "cancel/"), ("post", "run-again/"), ("post", "undo/")],
)
def test_steering_needs_the_permission_of_the_work(open_as, reader, job, method, part):
    answer = getattr(open_as(reader), method)(f"/jobs/{job.public_id}/{part}")
    assert answer.status_code == 403
    job.refresh_from_db()
    assert (job.status, job.failed_count) == (Job.Status.DONE, 1)


def test_a_reader_sees_the_job_without_its_buttons(open_as, reader, job):
    page = open_as(reader).get(f"/jobs/{job.public_id}/").content.decode()
    assert "run-again" not in page
    assert "/file/" not in page


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("post", ""),
        ("post", "job_X/"),
        ("get", "job_X/cancel/"),
        ("get", "job_X/run-again/"),
        ("get", "job_X/undo/"),
        ("post", "job_X/file/"),
    ],
)
def test_other_methods_are_refused(open_as, packer, method, part):
    assert getattr(open_as(packer), method)(f"/jobs/{part}").status_code == 405


def test_a_member_of_no_company_sees_no_jobs(client, packer, job):
    loner = MemberFactory(role=Role.OWNER, is_active=False)
    client.force_login(loner.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/jobs/")["Location"] == "/settings/new/"
