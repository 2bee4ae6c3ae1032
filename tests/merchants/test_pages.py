"""The company's settings pages: works, not yours, not allowed, wrong method."""

from __future__ import annotations

import pytest
from django.db import transaction
from django_scopes import scope

from apps.common.clock import utc_now
from apps.journal.actors import Actor
from apps.journal.relay import relay_new
from apps.journal.services import Fact, record_many
from apps.merchants import services
from apps.merchants.middleware import SESSION_KEY
from apps.merchants.models import Invitation, Member, Merchant, Role, Store
from tests.factories.accounts import UserFactory
from tests.factories.merchants import MemberFactory, StoreFactory

COMPANY = {
    "name": "Lanling Living",
    "country": "CN",
    "base_currency": "EUR",
    "time_zone": "Asia/Shanghai",
    "default_model": "direct",
}


class SilentPublisher:
    def publish(self, receiver: str, queue: str, entry_ids: list[int]) -> None:
        """Send nothing."""


@pytest.fixture
def reader(merchant: Merchant) -> Member:
    return MemberFactory(merchant=merchant, role=Role.READ_ONLY)


@pytest.fixture
def foreign(stranger: Merchant) -> Member:
    StoreFactory(merchant=stranger)
    return MemberFactory(merchant=stranger, role=Role.OPERATIONS)


@pytest.fixture
def clerk(merchant: Merchant) -> Member:
    return MemberFactory(merchant=merchant, role=Role.OPERATIONS)


def test_a_stranger_is_sent_to_sign_in(client, db):
    answer = client.get("/settings/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/settings/"


def test_a_person_without_a_company_is_sent_to_make_one(client, db):
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/settings/")["Location"] == "/settings/new/"


@pytest.mark.parametrize(
    "path",
    [
        "/settings/",
        "/settings/members/",
        "/settings/members/invite/",
        "/settings/roles/",
        "/settings/log/",
        "/settings/new/",
    ],
)
def test_an_owner_opens_every_page(open_as, owner, path):
    assert open_as(owner).get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/settings/members/", "/settings/members/invite/", "/settings/log/"]
)
def test_a_reader_is_refused_what_the_role_hides(open_as, owner, reader, path):
    assert open_as(reader).get(path).status_code == 403


def test_tabs_show_only_what_may_be_opened(open_as, owner, reader):
    page = open_as(reader).get("/settings/").content.decode()
    assert "/settings/roles/" in page
    assert "/settings/members/" not in page
    assert "/settings/log/" not in page


def test_the_company_is_changed(open_as, owner, merchant):
    answer = open_as(owner).post("/settings/", COMPANY)
    assert answer.status_code == 302
    merchant.refresh_from_db()
    assert (merchant.name, merchant.base_currency) == ("Lanling Living", "EUR")


def test_a_wrong_company_form_changes_nothing(open_as, owner, merchant):
    answer = open_as(owner).post("/settings/", {**COMPANY, "country": "XX"})
    assert answer.status_code == 422
    merchant.refresh_from_db()
    assert merchant.base_currency == "CNY"


def test_a_reader_changes_no_company(open_as, owner, reader, merchant):
    assert open_as(reader).post("/settings/", COMPANY).status_code == 403
    merchant.refresh_from_db()
    assert merchant.base_currency == "CNY"


def test_the_store_is_renamed(open_as, owner, merchant):
    answer = open_as(owner).post("/settings/store/", {"store_name": "Lanling Berlin"})
    assert answer.status_code == 302
    with scope(merchant=merchant):
        assert Store.objects.get().name == "Lanling Berlin"


def test_a_reader_renames_no_store(open_as, owner, reader, merchant):
    assert open_as(reader).post("/settings/store/", {"store_name": "X"}).status_code == 403
    with scope(merchant=merchant):
        assert Store.objects.get().name == "Lanling Home Store"


def test_an_empty_store_name_is_refused(open_as, owner, merchant):
    assert open_as(owner).post("/settings/store/", {"store_name": " "}).status_code == 422


def test_a_person_makes_a_company_and_works_for_it(client, db):
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/settings/new/", {**COMPANY, "store_name": ""})
    assert answer["Location"] == "/"
    merchant = Merchant.objects.get()
    assert client.session[SESSION_KEY] == merchant.public_id
    with scope(merchant=merchant):
        assert Store.objects.get().name == "Lanling Living"


def test_switching_between_own_companies(open_as, owner):
    other = MemberFactory(user=owner.user, role=Role.FINANCE)
    browser = open_as(owner)
    answer = browser.post(
        "/settings/switch/", {"merchant": other.merchant.public_id, "next": "/jobs/"}
    )
    assert answer["Location"] == "/jobs/"
    assert browser.session[SESSION_KEY] == other.merchant.public_id


def test_nobody_switches_to_a_company_of_others(open_as, owner, stranger):
    browser = open_as(owner)
    answer = browser.post("/settings/switch/", {"merchant": stranger.public_id})
    assert answer.status_code == 404
    assert SESSION_KEY not in browser.session


def test_switching_does_not_lead_to_another_site(open_as, owner):
    answer = open_as(owner).post(
        "/settings/switch/",
        {"merchant": owner.merchant.public_id, "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/"


def test_an_invitation_is_sent_from_the_page(open_as, owner, merchant):
    answer = open_as(owner).post(
        "/settings/members/invite/",
        {"email": "wei@example.com", "role": "finance", "language": "zh-hans"},
    )
    assert answer.status_code == 302
    with scope(merchant=merchant):
        invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role) == ("wei@example.com", "finance")


def test_inviting_a_member_says_so_beside_the_field(open_as, owner, clerk):
    answer = open_as(owner).post(
        "/settings/members/invite/",
        {"email": clerk.user.email, "role": "finance", "language": "en"},
    )
    assert answer.status_code == 422
    assert "already a member" in answer.content.decode()


def test_a_clerk_invites_nobody(open_as, owner, clerk, merchant):
    answer = open_as(clerk).post(
        "/settings/members/invite/", {"email": "x@example.com", "role": "owner", "language": "en"}
    )
    assert answer.status_code == 403
    with scope(merchant=merchant):
        assert not Invitation.objects.exists()


ACTIONS = ["role/", "deactivate/", "reactivate/"]


def test_the_page_of_a_member_says_what_happens(open_as, owner, clerk):
    page = open_as(owner).get(f"/settings/members/{clerk.public_id}/").content.decode()
    assert "The next page they open in this company is refused" in page


def test_a_role_is_changed_from_the_page(open_as, owner, clerk):
    path = f"/settings/members/{clerk.public_id}/role/"
    assert open_as(owner).post(path, {"role": "finance"}).status_code == 302
    clerk.refresh_from_db()
    assert clerk.role == Role.FINANCE


def test_an_unknown_role_is_refused(open_as, owner, clerk):
    path = f"/settings/members/{clerk.public_id}/role/"
    assert open_as(owner).post(path, {"role": "king"}).status_code == 422
    clerk.refresh_from_db()
    assert clerk.role == Role.OPERATIONS


def test_a_member_is_switched_off_and_refused_at_once(client, open_as, owner, clerk):
    open_as(owner).post(f"/settings/members/{clerk.public_id}/deactivate/")
    clerk.refresh_from_db()
    assert clerk.is_active is False
    assert open_as(clerk).get("/settings/")["Location"] == "/settings/new/"


def test_a_member_is_switched_on_again(open_as, owner, clerk):
    Member._base_manager.filter(pk=clerk.pk).update(is_active=False)
    open_as(owner).post(f"/settings/members/{clerk.public_id}/reactivate/")
    clerk.refresh_from_db()
    assert clerk.is_active is True


@pytest.mark.parametrize("action", ["", *ACTIONS])
def test_members_of_others_do_not_exist(open_as, owner, foreign, action):
    path = f"/settings/members/{foreign.public_id}/{action}"
    browser = open_as(owner)
    answer = browser.post(path, {"role": "finance"}) if action else browser.get(path)
    assert answer.status_code == 404
    foreign.refresh_from_db()
    assert (foreign.role, foreign.is_active) == (Role.OPERATIONS, True)


@pytest.mark.parametrize("action", ACTIONS)
def test_only_owners_decide_about_members(open_as, owner, clerk, action):
    manager = MemberFactory(merchant=owner.merchant, role=Role.MANAGER)
    path = f"/settings/members/{clerk.public_id}/{action}"
    assert open_as(manager).post(path, {"role": "owner"}).status_code == 403
    clerk.refresh_from_db()
    assert (clerk.role, clerk.is_active) == (Role.OPERATIONS, True)


@pytest.fixture
def invitation(merchant: Merchant, owner: Member, now) -> Invitation:
    with scope(merchant=merchant):
        return services.invite_member(
            merchant, email="new@example.com", role=Role.FINANCE, by=owner, now=now
        )


def test_an_invitation_is_withdrawn(open_as, owner, invitation):
    path = f"/settings/members/invitations/{invitation.public_id}/revoke/"
    assert open_as(owner).post(path).status_code == 302
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


def test_an_invitation_of_others_is_not_withdrawn(open_as, invitation, stranger):
    StoreFactory(merchant=stranger)
    foreign_owner = MemberFactory(merchant=stranger, role=Role.OWNER)
    path = f"/settings/members/invitations/{invitation.public_id}/revoke/"
    assert open_as(foreign_owner).post(path).status_code == 404
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_a_manager_withdraws_no_invitation(open_as, merchant, invitation):
    manager = MemberFactory(merchant=merchant, role=Role.MANAGER)
    path = f"/settings/members/invitations/{invitation.public_id}/revoke/"
    assert open_as(manager).post(path).status_code == 403
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


@pytest.fixture
def link(merchant: Merchant, owner: Member) -> str:
    with scope(merchant=merchant):
        offer = services.invite_member(
            merchant, email="new@example.com", role=Role.FINANCE, by=owner, now=utc_now()
        )
    return f"/settings/join/{services.token_of(offer.public_id)}/"


def test_the_link_greets_a_stranger_and_leads_back(client, link):
    page = client.get(link).content.decode()
    assert f"/accounts/signup/?next={link}" in page


def test_the_invited_person_joins(client, link, merchant):
    user = UserFactory(email="new@example.com")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(link).status_code == 200
    assert client.post(link)["Location"] == "/"
    with scope(merchant=merchant):
        assert Member.objects.get(user=user).role == Role.FINANCE


def test_another_person_does_not_join(client, link, merchant):
    user = UserFactory(email="other@example.com")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(link).status_code == 403
    with scope(merchant=merchant):
        assert not Member.objects.filter(user=user).exists()


def test_a_made_up_link_does_not_exist(client, db):
    assert client.get("/settings/join/" + "0" * 64 + "/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "/settings/"),
        ("get", "/settings/store/"),
        ("delete", "/settings/new/"),
        ("get", "/settings/switch/"),
        ("post", "/settings/roles/"),
        ("post", "/settings/log/"),
        ("post", "/settings/members/"),
        ("put", "/settings/members/invite/"),
        ("post", "/settings/members/mem_X/"),
        ("get", "/settings/members/mem_X/role/"),
        ("get", "/settings/members/mem_X/deactivate/"),
        ("get", "/settings/members/mem_X/reactivate/"),
        ("get", "/settings/members/invitations/inv_X/revoke/"),
        ("delete", "/settings/join/abc/"),
    ],
)
def test_other_methods_are_refused(open_as, owner, method, path):
    assert getattr(open_as(owner), method)(path).status_code == 405


def test_the_log_shows_before_and_after_and_hides_others(open_as, owner, foreign, now):
    browser = open_as(owner)
    browser.post("/settings/", COMPANY)
    with scope(merchant=foreign.merchant):
        store = Store.objects.get()
        services.rename_store(
            store,
            name="Secret rename",
            by=MemberFactory(merchant=foreign.merchant, role=Role.OWNER),
            now=now,
        )
    relay_new(SilentPublisher(), now=now)
    page = browser.get("/settings/log/").content.decode()
    assert "CNY" in page
    assert "EUR" in page
    assert owner.user.full_name in page
    assert "Secret rename" not in page


def test_the_log_is_filtered_by_part_and_person(open_as, owner, now, merchant):
    browser = open_as(owner)
    browser.post("/settings/", COMPANY)
    relay_new(SilentPublisher(), now=now)
    assert (
        "Company settings changed" in browser.get("/settings/log/?group=merchant").content.decode()
    )
    empty = browser.get("/settings/log/?group=order").content.decode()
    assert "Nothing matches" in empty
    assert "Nothing matches" in browser.get("/settings/log/?person=usr_NOBODY").content.decode()


def test_the_log_costs_the_same_for_many_entries(
    open_as, owner, merchant, now, django_assert_max_num_queries
):
    with transaction.atomic():
        record_many(
            [Fact("order.placed", "order", f"ord_{n}") for n in range(60)],
            tenant_id=merchant.pk,
            actor=Actor("user", owner.user.public_id),
            now=now,
        )
    relay_new(SilentPublisher(), now=now)
    browser = open_as(owner)
    with django_assert_max_num_queries(26):
        page = browser.get("/settings/log/").content.decode()
    assert page.count("Order received") == 50
    assert 'rel="next"' in page


def test_a_damaged_cursor_is_a_400(open_as, owner):
    assert open_as(owner).get("/settings/log/?cursor=%%%").status_code == 400
