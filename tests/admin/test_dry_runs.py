"""Dry runs in the admin: beside the comparison, started, read, stopped; approvals rest on them."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.actors import user_actor
from apps.compliance.rule_impact import services
from apps.compliance.rule_impact.models import RuleDryRun
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from apps.markets import services as markets
from apps.markets.models import RuleRow, RuleStatus
from tests.factories.accounts import UserFactory
from tests.factories.dry_runs import british_listing, propose, run_dry

DECIDES = ("view_rulerow", "change_rulerow")


@pytest.fixture
def row(db, now, settings, tmp_path) -> RuleRow:
    settings.MEDIA_ROOT = tmp_path
    markets.load_rule_book(now=now)
    return propose(now)


@pytest.fixture
def run(row, merchant, now) -> RuleDryRun:
    british_listing(merchant, 49)
    return run_dry(row, now=now)


def start(row: RuleRow) -> str:
    return f"/admin/compliance/ruledryrun/start/{row.pk}/"


def page(run: RuleDryRun, name: str) -> str:
    return f"/admin/compliance/ruledryrun/{run.pk}/{name}/"


def review(row: RuleRow) -> str:
    return f"/admin/markets/rulerow/{row.pk}/review/"


def test_the_page_of_a_row_offers_a_dry_run_and_says_that_it_is_missing(browser, row):
    text = browser.get(review(row)).content.decode()
    assert "Start the dry run" in text
    assert "There is no dry run of this version." in text
    assert "Reason to approve all the same" in text


def test_a_dry_run_is_started_with_an_assumed_rate(browser, staff, row):
    answer = browser.post(start(row), {"tariff": "6.5"})
    run = RuleDryRun.objects.select_related("job").get()
    assert (answer.status_code, answer["Location"]) == (302, page(run, "summary"))
    assert (str(run.assumed_tariff), run.requested_by) == ("0.0650", str(user_actor(staff)))
    assert (run.job.status, run.job.title) == ("waiting", "Dry run of GB-135 v2")
    text = browser.get(page(run, "summary")).content.decode()
    assert "Goes on: 0 of 0 listings priced." in text
    assert "assumed where a listing has none: 6.5 %" in text


def test_a_rate_that_is_none_starts_nothing_and_is_explained(browser, row):
    answer = browser.post(start(row), {"tariff": "much"}, follow=True)
    assert "Give the tariff rate in percent" in answer.content.decode()
    assert not RuleDryRun.objects.exists()


def test_the_summary_tells_who_pays_what(browser, run, merchant):
    text = browser.get(page(run, "summary")).content.decode()
    assert merchant.name in text
    assert "£0.98" in text
    assert "Priced by the rules of 2027-01-01 at the exchange rates of 2026-11-25." in text
    assert page(run, "file") in text


def test_the_row_shows_the_newest_run_beside_the_comparison(browser, row, run):
    text = browser.get(review(row)).content.decode()
    assert page(run, "summary") in text
    assert "Run it again" in text
    assert "Reason to approve all the same" not in text


def test_the_file_is_handed_out(browser, run):
    answer = browser.get(page(run, "file"))
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Disposition"] == 'attachment; filename="GB-135-v2-dry-run.csv"'
    assert "private, no-store" in answer["Cache-Control"]
    assert content.splitlines()[1].endswith(",GB,GBP,58.80,59.78,0.98,dearer,,GB-135,GB-135,")


def test_there_is_no_file_before_the_end(browser, row, now, actor):
    run = services.start_dry_run(row, actor=actor, now=now)
    assert browser.get(page(run, "file")).status_code == 404


def test_a_file_that_is_gone_is_not_found(browser, run):
    run.job.result_file.storage.delete(run.job.result_file.name)
    assert browser.get(page(run, "file")).status_code == 404


def test_a_run_is_stopped_once(browser, row, now, actor):
    run = services.start_dry_run(row, actor=actor, now=now)
    browser.post(page(run, "cancel"))
    assert Job.objects.get(pk=run.job_id).status == "cancelled"
    text = browser.post(page(run, "cancel"), follow=True).content.decode()
    assert "This job has already ended." in text
    assert "Stopped before its end: it proves nothing." in text


def test_an_approval_without_a_dry_run_is_refused_until_a_reason_is_given(browser, row):
    decide = f"/admin/markets/rulerow/{row.pk}/decide/"
    refused = browser.post(decide, {"decision": "approve", "override": " "})
    row.refresh_from_db()
    assert (refused.status_code, row.status) == (409, RuleStatus.PROPOSED)
    assert "There is no dry run of this version." in refused.content.decode()
    browser.post(decide, {"decision": "approve", "override": "In force at midnight"})
    row.refresh_from_db()
    assert (row.status, row.decision_note) == (RuleStatus.APPROVED, "In force at midnight")
    payload = JournalEntry.objects.get(event="markets.rule_approved").payload
    assert payload["without_dry_run"] == "compliance.dry_run_missing"


def test_readers_see_results_and_neither_start_nor_stop(clerk, row, run, now):
    reader = clerk("view_rulerow")
    for name in ("summary", "file"):
        assert reader.get(page(run, name)).status_code == 200
    assert "Run it again" not in reader.get(review(row)).content.decode()
    assert reader.post(start(row)).status_code == 403
    assert reader.post(page(run, "cancel")).status_code == 403
    assert RuleDryRun.objects.count() == 1
    assert Job.objects.get(pk=run.job_id).status == "done"


def test_staff_who_decide_may_start(clerk, row):
    assert clerk(*DECIDES).post(start(row)).status_code == 302
    assert RuleDryRun.objects.count() == 1


def test_staff_without_the_right_see_nothing(clerk, run):
    other = clerk("view_order")
    for name in ("summary", "file"):
        assert other.get(page(run, name)).status_code == 403
    assert other.get("/admin/compliance/ruledryrun/").status_code == 403


def test_strangers_are_sent_to_sign_in(run):
    answer = Client().get(page(run, "summary"))
    assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True)


def test_what_is_not_there_is_not_found(browser, row):
    for name in ("summary", "file"):
        assert browser.get(f"/admin/compliance/ruledryrun/999/{name}/").status_code == 404
    assert browser.post("/admin/compliance/ruledryrun/999/cancel/").status_code == 404
    assert browser.post("/admin/compliance/ruledryrun/start/999999/").status_code == 404


def test_the_wrong_method_is_refused_and_changes_nothing(browser, row, run):
    answers = (
        browser.get(start(row)),
        browser.get(page(run, "cancel")),
        browser.post(page(run, "summary")),
        browser.post(page(run, "file")),
    )
    assert [answer.status_code for answer in answers] == [405] * 4
    assert RuleDryRun.objects.count() == 1


def test_the_author_runs_but_does_not_approve(db, client, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    markets.load_rule_book(now=now)
    author = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    old = RuleRow.objects.get(rule_id="GB-135")
    row = markets.supersede(
        old, {"effective_from": "2027-01-01"}, actor=user_actor(author), now=now
    )
    assert client.post(start(row)).status_code == 302
    answer = client.post(f"/admin/markets/rulerow/{row.pk}/decide/", {"decision": "approve"})
    assert answer.status_code == 403


def test_the_pages_need_few_statements(browser, row, run, stranger, now, django_assert_num_queries):
    british_listing(stranger, 50)
    browser.get(page(run, "summary"))
    with django_assert_num_queries(5):
        browser.get(page(run, "summary"))
    wide = run_dry(row, now=now)
    with django_assert_num_queries(5):
        browser.get(page(wide, "summary"))
    with django_assert_num_queries(6):
        browser.get(review(row))
