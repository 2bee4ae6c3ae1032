"""Network rows in the admin: proposed here, decided by a second person, new ones under a new name."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from apps.accounts.actors import user_actor
from apps.logistics import services
from apps.logistics.models import NetworkEdition, NetworkRow, RuleStatus
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
MAY = ("view_networkrow", "change_networkrow")
PAGES = ("review", "decide", "propose")


@pytest.fixture
def row() -> NetworkRow:
    return NetworkRow.objects.get(rule_id="card.line.europe")


@pytest.fixture
def proposal(row, now) -> NetworkRow:
    body = {**row.body, "handling_minor": 1900}
    return services.propose_row(body, actor=user_actor(UserFactory()), now=now, replaces=row)


def address(row: NetworkRow, page: str) -> str:
    return f"/admin/logistics/networkrow/{row.pk}/{page}/"


def test_a_version_is_compared_and_approved_by_a_second_person(browser, proposal):
    text = browser.get(address(proposal, "review")).content.decode()
    assert "<del>1750</del>" in text
    assert "<ins>1900</ins>" in text

    answer = browser.post(address(proposal, "decide"), {"decision": "approve"})

    proposal.refresh_from_db()
    assert answer["Location"] == address(proposal, "review")
    assert proposal.status == RuleStatus.APPROVED
    assert NetworkEdition.objects.latest("id").reason == "card.line.europe v2"


def test_a_rejection_needs_a_reason(browser, proposal):
    empty = browser.post(address(proposal, "decide"), {"decision": "reject", "reason": ""})
    browser.post(address(proposal, "decide"), {"decision": "reject", "reason": "Too dear"})

    proposal.refresh_from_db()
    assert (empty.status_code, proposal.status) == (422, RuleStatus.REJECTED)


def test_the_author_cannot_approve(browser, row):
    body = {**row.body, "handling_minor": 1900}
    browser.post(address(row, "propose"), {"body": json.dumps(body)})
    made = NetworkRow.objects.get(rule_id=row.rule_id, version=2)

    refused = browser.post(address(made, "decide"), {"decision": "approve"})

    made.refresh_from_db()
    assert (refused.status_code, made.status) == (403, RuleStatus.PROPOSED)


def test_another_id_proposes_a_new_row(browser, row):
    assert "Give it another id" in browser.get(address(row, "propose")).content.decode()
    body = {**row.body, "id": "card.line.gulf"}

    browser.post(address(row, "propose"), {"body": json.dumps(body)})

    made = NetworkRow.objects.get(rule_id="card.line.gulf")
    assert (made.version, made.status, made.replaces) == (1, RuleStatus.PROPOSED, None)


def test_a_body_that_cannot_be_taken_is_shown_again(browser, row):
    body = {**row.body, "handling_minor": "free"}

    answer = browser.post(address(row, "propose"), {"body": json.dumps(body)})

    assert answer.status_code == 422
    assert "handling_minor: a whole number" in answer.content.decode()
    assert not NetworkRow.objects.filter(version=2).exists()


def test_readers_compare_but_neither_propose_nor_decide(clerk, proposal):
    reader = clerk("view_networkrow")

    assert reader.get(address(proposal, "review")).status_code == 200
    assert reader.get(address(proposal, "propose")).status_code == 403
    assert reader.post(address(proposal, "decide"), {"decision": "approve"}).status_code == 403
    proposal.refresh_from_db()
    assert proposal.status == RuleStatus.PROPOSED


@pytest.mark.parametrize("page", PAGES)
def test_strangers_and_unknown_rows(browser, row, page):
    wrong = {"review": "post", "decide": "get", "propose": "put"}[page]

    assert Client().get(address(row, page)).status_code == 302
    assert getattr(browser, wrong)(address(row, page)).status_code == 405
    good = browser.post if page == "decide" else browser.get
    assert good(address(row, page).replace(str(row.pk), "999999")).status_code == 404
