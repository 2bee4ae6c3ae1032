"""Every page of the admin: it answers, is cheap, deletes nothing and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.common.admin import PortalAdmin
from apps.merchants.models import Member
from apps.promotions.models import Campaign

LIST_QUERIES = 12
PAGE_QUERIES = 40
# What the admin changes by a form: staff rights (tests in test_actions) and drafts of campaigns
# (test_campaigns).
FORMS = (User, Group, Campaign)
PERSONAL = ("Jonas Weber", "Sonnenallee", "4915112345678", "jonas@example.de", "new@example.com")


def pages() -> Iterator[tuple[type[Model], str]]:
    for model in admin.site._registry:
        yield model, f"admin:{model._meta.app_label}_{model._meta.model_name}"


def first(model: type[Model]) -> Model:
    row = model._base_manager.order_by("-pk").first()
    assert row is not None, f"the world has no {model.__name__}"
    return row


def test_every_admin_is_a_portal_admin(db):
    assert [
        model for model, page in admin.site._registry.items() if not isinstance(page, PortalAdmin)
    ] == []


def test_every_list_and_page_answers_with_data_and_few_queries(browser, world, now):
    problems = []
    for model, name in pages():
        row = first(model)
        for path, limit in (
            (reverse(f"{name}_changelist"), LIST_QUERIES),
            (reverse(f"{name}_change", args=[row.pk]), PAGE_QUERIES),
        ):
            with CaptureQueriesContext(connection) as queries:
                answer = browser.get(path)
            text = answer.content.decode()
            if answer.status_code != 200:
                problems.append((path, answer.status_code))
            if not path.endswith("change/") and f"/{row.pk}/change/" not in text:
                problems.append((path, "no data"))
            if len(queries) > limit:
                problems.append((path, f"{len(queries)} queries"))
            problems += [(path, word) for word in PERSONAL if word in text]
    assert problems == []


def test_nothing_is_deleted(browser, world, now):
    problems = []
    for model, name in pages():
        row = first(model)
        answer = browser.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"})
        browser.post(
            reverse(f"{name}_changelist"),
            {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
        )
        if answer.status_code != 403 or not model._base_manager.filter(pk=row.pk).exists():
            problems.append((name, answer.status_code))
    assert problems == []


def test_rows_of_services_are_neither_added_nor_changed(browser, world, now):
    problems = []
    for model, name in pages():
        if model in FORMS:
            continue
        row, count = first(model), model._base_manager.count()
        before = model_to_dict(row)
        changed = browser.post(
            reverse(f"{name}_change", args=[row.pk]), {"name": "x", "status": "x", "state": "9"}
        )
        added = browser.post(reverse(f"{name}_add"), {"name": "x"})
        row.refresh_from_db()
        if (changed.status_code, added.status_code) != (403, 403):
            problems.append((name, changed.status_code, added.status_code))
        if model_to_dict(row) != before or model._base_manager.count() != count:
            problems.append((name, "changed"))
    assert problems == []


def test_every_search_answers(browser, world, now):
    terms = ("ord_01JDZZZZZZZZZZZZZZZZZZZZZZ", "mer_01JDZZZZZZZZZZZZZZZZZZZZZZ", "ABC 12", "é")
    problems = []
    for _model, name in pages():
        for term in terms:
            answer = browser.get(reverse(f"{name}_changelist"), {"q": term})
            if answer.status_code != 200:
                problems.append((name, term, answer.status_code))
    assert problems == []


def test_a_row_is_found_by_its_outward_id_and_its_company(browser, world, held):
    page = reverse("admin:orders_order_changelist")
    assert held.number in browser.get(page, {"q": held.public_id}).content.decode()
    assert held.number in browser.get(page, {"q": held.number}).content.decode()
    assert held.number in browser.get(page, {"q": world.public_id}).content.decode()
    assert held.number not in browser.get(page, {"q": held.number[:-1]}).content.decode()


def test_merchants_people_do_not_enter(client, world):
    member = Member._base_manager.select_related("user").first()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/admin/orders/order/")
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


def test_staff_see_only_what_they_may(clerk, world):
    browser = clerk("view_order")
    assert browser.get("/admin/orders/order/").status_code == 200
    assert browser.get("/admin/journal/journalentry/").status_code == 403
