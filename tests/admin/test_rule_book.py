"""Rule rows in the admin: compared, proposed, and decided by a second person."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from apps.accounts.actors import user_actor
from apps.journal.models import JournalEntry
from apps.markets import services
from apps.markets.models import RuleRow, RuleStatus
from tests.factories.accounts import UserFactory
from tests.factories.dry_runs import run_dry
from tests.factories.rules import rule_body

MAY = ("view_rulerow", "change_rulerow")
PAGES = ("review", "decide", "propose")


@pytest.fixture
def row(db, now) -> RuleRow:
    services.load_rule_book(now=now)
    return RuleRow.objects.get(rule_id="GB-135")


@pytest.fixture
def proposal(row, now) -> RuleRow:
    author = user_actor(UserFactory())
    changes = {"effective_from": "2027-01-01", "effective_to": "2027-12-31"}
    return services.supersede(row, changes, actor=author, now=now)


def address(row: RuleRow, page: str) -> str:
    return f"/admin/markets/rulerow/{row.pk}/{page}/"


def test_a_version_is_compared_with_the_one_it_replaces(browser, proposal):
    page = browser.get(address(proposal, "review"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "What GB-135 v2 changes in GB-135 v1" in text
    assert "<del>2021-01-01</del>" in text
    assert "<ins>2027-01-01</ins>" in text
    assert "Approve" in text


def test_the_page_of_a_row_leads_to_the_next_steps(browser, row):
    text = browser.get(f"/admin/markets/rulerow/{row.pk}/change/").content.decode()
    assert address(row, "review") in text
    assert address(row, "propose") in text


def test_a_second_person_approves(browser, staff, proposal, now):
    run_dry(proposal, now=now)
    answer = browser.post(address(proposal, "decide"), {"decision": "approve"})
    proposal.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, address(proposal, "review"))
    assert (proposal.status, proposal.decided_by) == (
        RuleStatus.APPROVED,
        f"user:{staff.public_id}",
    )
    assert JournalEntry.objects.get(event="markets.rule_approved").subject_id == proposal.public_id


def test_a_second_person_rejects_with_a_reason(browser, proposal):
    empty = browser.post(address(proposal, "decide"), {"decision": "reject", "reason": " "})
    browser.post(address(proposal, "decide"), {"decision": "reject", "reason": "Only a blog"})
    proposal.refresh_from_db()
    assert (empty.status_code, "Say why the row is rejected" in empty.content.decode()) == (
        422,
        True,
    )
    assert (proposal.status, proposal.decision_note) == (RuleStatus.REJECTED, "Only a blog")


def test_a_changed_body_becomes_a_proposal_that_its_author_cannot_approve(browser, staff, row):
    body = rule_body(effective_from="2027-01-01")
    answer = browser.post(address(row, "propose"), {"body": json.dumps(body)})
    made = RuleRow.objects.get(rule_id="GB-135", version=2)
    assert answer["Location"] == address(made, "review")
    assert (made.status, made.proposed_by) == (RuleStatus.PROPOSED, f"user:{staff.public_id}")

    refused = browser.post(address(made, "decide"), {"decision": "approve"})

    made.refresh_from_db()
    assert refused.status_code == 403
    assert "A second person must decide about it" in refused.content.decode()
    assert made.status == RuleStatus.PROPOSED
    row.refresh_from_db()
    assert row.status == RuleStatus.BASELINE


def test_the_form_shows_the_row_as_it_is(browser, row):
    text = browser.get(address(row, "propose")).content.decode()
    assert "Value Added Tax Act 1994" in text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "not valid JSON"),
        ("[1]", "not valid JSON"),
        ("null", "not valid JSON"),
        ("{}", "This part is missing"),
        (json.dumps(rule_body(duty={"type": "magic"})), "The engine cannot read it"),
        (json.dumps(rule_body(sources=[])), "Name at least one source"),
        (json.dumps(rule_body(id="GB-9")), "keeps the rule"),
    ],
)
def test_a_body_that_cannot_be_taken_is_shown_again_with_the_reason(browser, row, body, message):
    answer = browser.post(address(row, "propose"), {"body": body})
    assert answer.status_code in {409, 422}
    assert message in answer.content.decode()
    assert RuleRow.objects.count() == 68


def test_readers_compare_but_neither_propose_nor_decide(clerk, proposal):
    reader = clerk("view_rulerow")
    page = reader.get(address(proposal, "review"))
    assert (page.status_code, "Approve" in page.content.decode()) == (200, False)
    assert reader.get(address(proposal, "propose")).status_code == 403
    for page_name in ("propose", "decide"):
        answer = reader.post(
            address(proposal, page_name), {"decision": "approve", "body": json.dumps(rule_body())}
        )
        assert answer.status_code == 403
    proposal.refresh_from_db()
    assert proposal.status == RuleStatus.PROPOSED
    assert RuleRow.objects.count() == 69


def test_staff_without_the_right_see_nothing(clerk, proposal):
    other = clerk("view_order")
    assert other.get(address(proposal, "review")).status_code == 403


def test_strangers_are_sent_to_sign_in(proposal):
    answer = Client().get(address(proposal, "review"))
    assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True)


def test_staff_with_the_rights_decide(clerk, proposal, now):
    run_dry(proposal, now=now)
    assert clerk(*MAY).post(address(proposal, "decide"), {"decision": "approve"}).status_code == 302
    proposal.refresh_from_db()
    assert proposal.status == RuleStatus.APPROVED


@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_row_is_not_found(browser, row, page):
    method = browser.post if page == "decide" else browser.get
    assert method(f"/admin/markets/rulerow/999999/{page}/").status_code == 404


def test_the_wrong_method_is_refused_and_changes_nothing(browser, proposal):
    answers = (
        browser.post(address(proposal, "review")),
        browser.get(address(proposal, "decide"), {"decision": "approve"}),
        browser.put(address(proposal, "propose")),
    )
    assert [answer.status_code for answer in answers] == [405, 405, 405]
    proposal.refresh_from_db()
    assert proposal.status == RuleStatus.PROPOSED


def test_the_pages_need_few_statements(browser, proposal, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        browser.get(address(proposal, "review"))
    with django_assert_max_num_queries(9):
        browser.get(address(proposal, "propose"))
