"""Companies, members and invitations through their services."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django_scopes import scope, scopes_disabled

from apps.common.errors import DomainError, PermissionMissingError
from apps.inventory.models import Node
from apps.inventory.receivers import open_first_node
from apps.journal.models import JournalEntry
from apps.merchants import services
from apps.merchants.models import Invitation, Member, Merchant, Role, Store
from apps.merchants.receivers import send_invitation
from tests.factories.accounts import UserFactory
from tests.factories.merchants import MemberFactory

NAME = "Lanling Home"


def new_company(user, now) -> Merchant:
    return services.create_merchant(
        user,
        name=NAME,
        country="CN",
        base_currency="CNY",
        time_zone="Asia/Shanghai",
        now=now,
    )


def test_a_new_company_has_a_store_an_owner_and_a_journal_entry(db, now):
    user = UserFactory()
    merchant = new_company(user, now)
    with scope(merchant=merchant):
        assert [store.name for store in Store.objects.all()] == [NAME]
        member = Member.objects.get()
    assert (member.user, member.role, member.is_active) == (user, Role.OWNER, True)
    entry = JournalEntry.objects.get(event="merchant.created")
    assert (entry.tenant_id, entry.subject_id) == (merchant.pk, merchant.public_id)


def test_a_new_company_gets_one_place_for_stock(db, now):
    merchant = new_company(UserFactory(), now)
    entry = JournalEntry.objects.get(event="merchant.created")
    with scope(merchant=merchant):
        open_first_node(entry)
        open_first_node(entry)
        node = Node.objects.get()
    assert (node.code, node.kind, node.country) == ("MAIN", Node.Kind.MERCHANT_HUB, "CN")


def test_settings_keep_before_and_after_in_the_journal(scoped, owner, now):
    services.update_merchant(
        scoped, changes={"base_currency": "EUR", "country": "CN"}, by=owner, now=now
    )
    scoped.refresh_from_db()
    assert scoped.base_currency == "EUR"
    entry = JournalEntry.objects.get(event="merchant.settings_changed")
    assert entry.payload == {"changes": {"base_currency": ["CNY", "EUR"]}}


def test_only_named_facts_can_be_changed(scoped, owner, now):
    with pytest.raises(DomainError) as refused:
        services.update_merchant(scoped, changes={"status": "active"}, by=owner, now=now)
    assert refused.value.code == "merchants.unknown_field"


def test_a_manager_cannot_invite(scoped, now):
    manager = MemberFactory(merchant=scoped, role=Role.MANAGER)
    with pytest.raises(PermissionMissingError):
        services.invite_member(scoped, email="a@example.com", role="finance", by=manager, now=now)
    assert not Invitation.objects.exists()


def test_an_invitation_is_mailed_in_the_invited_persons_language(scoped, owner, now):
    UserFactory(email="wei@example.com", language="zh-hans")
    invitation = services.invite_member(
        scoped, email="Wei@Example.com", role=Role.FINANCE, language="en", by=owner, now=now
    )
    assert invitation.language == "zh-hans"
    send_invitation(JournalEntry.objects.get(event="member.invited"))
    (message,) = mail.outbox
    assert message.to == ["wei@example.com"]
    assert f"/settings/join/{services.token_of(invitation.public_id)}/" in message.body


def test_the_database_holds_no_usable_token(scoped, owner, now):
    invitation = services.invite_member(
        scoped, email="new@example.com", role=Role.SERVICE, by=owner, now=now
    )
    token = services.token_of(invitation.public_id)
    assert token != invitation.token_digest
    entry = JournalEntry.objects.get(event="member.invited")
    assert token not in str(entry.payload)
    assert "new@example.com" not in str(entry.payload)


def test_a_withdrawn_invitation_is_not_mailed(scoped, owner, now):
    invitation = services.invite_member(
        scoped, email="new@example.com", role=Role.SERVICE, by=owner, now=now
    )
    services.revoke_invitation(invitation, by=owner, now=now)
    send_invitation(JournalEntry.objects.get(event="member.invited"))
    assert mail.outbox == []


def test_the_invited_person_joins_with_the_role(scoped, owner, now):
    invitation = services.invite_member(
        scoped, email="new@example.com", role=Role.SERVICE, by=owner, now=now
    )
    joined = services.accept_invitation(
        services.token_of(invitation.public_id), user=UserFactory(email="new@example.com"), now=now
    )
    assert (joined.merchant, joined.role) == (scoped, Role.SERVICE)
    invitation.refresh_from_db()
    assert invitation.accepted_at == now


@pytest.mark.parametrize("spoil", ["other_person", "too_late", "twice", "revoked", "unknown"])
def test_an_invitation_opens_only_once_in_time_for_one_address(scoped, owner, now, spoil):
    invitation = services.invite_member(
        scoped, email="new@example.com", role=Role.SERVICE, by=owner, now=now
    )
    token, user = services.token_of(invitation.public_id), UserFactory(email="new@example.com")
    expected, moment = 410, now
    if spoil == "other_person":
        user, expected = UserFactory(email="other@example.com"), 403
    elif spoil == "too_late":
        moment = now + timedelta(days=7)
    elif spoil == "twice":
        services.accept_invitation(token, user=user, now=now)
    elif spoil == "revoked":
        services.revoke_invitation(invitation, by=owner, now=now)
    else:
        token, expected = "0" * 64, 404
    before = Member.objects.count()
    with pytest.raises(DomainError) as refused:
        services.accept_invitation(token, user=user, now=moment)
    assert refused.value.status == expected
    assert Member.objects.count() == before


def test_a_second_invitation_replaces_the_first(scoped, owner, now):
    first = services.invite_member(scoped, email="n@example.com", role="finance", by=owner, now=now)
    services.invite_member(scoped, email="n@example.com", role="service", by=owner, now=now)
    first.refresh_from_db()
    assert first.revoked_at == now
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_a_member_is_not_invited_again(scoped, owner, now):
    with pytest.raises(DomainError) as refused:
        services.invite_member(scoped, email=owner.user.email, role="finance", by=owner, now=now)
    assert refused.value.code == "merchants.already_member"


@pytest.mark.parametrize("email", ["", "no-at", "two@@example.com", "a@b c.com"])
def test_a_bad_address_is_refused(scoped, owner, now, email):
    with pytest.raises(DomainError) as refused:
        services.invite_member(scoped, email=email, role="finance", by=owner, now=now)
    assert (refused.value.code, refused.value.status) == ("merchants.bad_email", 422)


def test_somebody_switched_off_comes_back_by_invitation(scoped, owner, now):
    gone = MemberFactory(merchant=scoped, role=Role.FINANCE, is_active=False)
    invitation = services.invite_member(
        scoped, email=gone.user.email, role=Role.WAREHOUSE, by=owner, now=now
    )
    back = services.accept_invitation(
        services.token_of(invitation.public_id), user=gone.user, now=now
    )
    assert (back.pk, back.role, back.is_active) == (gone.pk, Role.WAREHOUSE, True)


def test_a_role_change_is_recorded_with_both_roles(scoped, owner, now):
    clerk = MemberFactory(merchant=scoped, role=Role.OPERATIONS)
    services.change_role(clerk, role=Role.FINANCE, by=owner, now=now)
    entry = JournalEntry.objects.get(event="member.role_changed")
    assert entry.payload["changes"] == {"role": ["operations", "finance"]}


@pytest.mark.parametrize(
    "change",
    [partial(services.change_role, role=Role.FINANCE), services.deactivate_member],
    ids=["role", "off"],
)
def test_the_last_owner_stays(scoped, owner, now, change):
    with pytest.raises(DomainError) as refused:
        change(owner, by=owner, now=now)
    assert refused.value.code == "merchants.last_owner"
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == (Role.OWNER, True)


def test_one_of_two_owners_may_leave(scoped, owner, now):
    second = MemberFactory(merchant=scoped, role=Role.OWNER)
    services.deactivate_member(owner, by=second, now=now)
    owner.refresh_from_db()
    assert owner.is_active is False


def test_a_deactivated_owner_does_not_count_as_an_owner(scoped, owner, now):
    MemberFactory(merchant=scoped, role=Role.OWNER, is_active=False)
    with pytest.raises(DomainError):
        services.deactivate_member(owner, by=owner, now=now)


def test_switching_off_and_on_keeps_the_role(scoped, owner, now):
    clerk = MemberFactory(merchant=scoped, role=Role.WAREHOUSE)
    services.deactivate_member(clerk, by=owner, now=now)
    services.reactivate_member(clerk, by=owner, now=now)
    clerk.refresh_from_db()
    assert (clerk.role, clerk.is_active) == (Role.WAREHOUSE, True)


def test_a_store_is_renamed(scoped, owner, now):
    with scopes_disabled():
        store = Store.objects.get(merchant=scoped)
    services.rename_store(store, name="Lanling Berlin", by=owner, now=now)
    store.refresh_from_db()
    assert store.name == "Lanling Berlin"
    assert JournalEntry.objects.filter(event="store.renamed").count() == 1
