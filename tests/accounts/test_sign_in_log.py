"""What the journal keeps of signing in, and the flows of allauth end to end."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from apps.accounts.models import User
from apps.journal.models import JournalEntry
from tests.factories.accounts import PASSWORD, UserFactory

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0 Safari/537.36"
NEW_PASSWORD = "staple battery horse 9"


def events() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("event", flat=True))


def sign_in(client: Client, user: User, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": user.email, "password": password})


def test_a_sign_in_is_written_with_browser_and_network(client, db):
    user = UserFactory()
    client.post(
        "/accounts/login/",
        {"login": user.email, "password": PASSWORD},
        headers={"user-agent": CHROME},
        REMOTE_ADDR="203.0.113.77",
    )
    entry = JournalEntry.objects.get(event="user.signed_in")
    assert (entry.subject_id, entry.actor) == (user.public_id, f"user:{user.public_id}")
    assert entry.payload == {"browser": "Chrome, Windows", "network": "203.0.113.0/24"}


def test_a_failed_sign_in_of_a_known_person_is_written(client, db):
    user = UserFactory()
    sign_in(client, user, "wrong password here")
    assert events() == ["user.sign_in_failed"]


def test_a_failed_sign_in_of_nobody_leaves_no_trace(client, db):
    client.post("/accounts/login/", {"login": "no@example.com", "password": "x"})
    assert events() == []


def test_signing_out_is_written(client, db):
    sign_in(client, UserFactory())
    client.post("/accounts/logout/")
    assert events() == ["user.signed_in", "user.signed_out"]


def test_a_changed_password_is_written(client, db):
    user = UserFactory()
    sign_in(client, user)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert "user.password_changed" in events()
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_a_new_person_signs_up_confirms_and_makes_a_company(client, db):
    answer = client.post(
        "/accounts/signup/", {"email": "Wei@Example.com", "password1": NEW_PASSWORD}
    )
    assert answer.status_code == 302
    (message,) = mail.outbox
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", message.body)
    assert link is not None
    page = client.get(link.group(1))
    assert page.status_code in {200, 302}
    client.post(link.group(1))
    user = User.objects.get(email="wei@example.com")
    answer = sign_in(client, user, NEW_PASSWORD)
    assert answer.status_code == 302
    made = client.post(
        "/settings/new/",
        {
            "name": "Wei Living",
            "country": "CN",
            "base_currency": "CNY",
            "time_zone": "Asia/Shanghai",
            "default_model": "direct",
        },
    )
    assert made["Location"] == "/"
    assert {"user.signed_up", "user.email_confirmed", "user.signed_in"} <= set(events())
    assert "merchant.created" in events()


def test_an_unconfirmed_person_cannot_sign_in(client, db):
    client.post("/accounts/signup/", {"email": "wei@example.com", "password1": NEW_PASSWORD})
    fresh = Client()
    sign_in(fresh, User.objects.get(), NEW_PASSWORD)
    assert fresh.get("/me/").status_code == 302


@pytest.fixture
def protected(db) -> tuple[User, str]:
    """A person with an authenticator app, and its secret."""
    user, secret = UserFactory(), generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return user, secret


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_the_password_alone_does_not_open_a_protected_account(client, protected):
    user, _secret = protected
    assert sign_in(client, user)["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/me/").status_code == 302


def test_the_code_of_the_app_opens_it(client, protected):
    user, secret = protected
    sign_in(client, user)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/me/").status_code == 200
    assert Authenticator.objects.filter(user=user).count() == 2


def test_a_wrong_code_is_written(client, protected):
    user, _secret = protected
    sign_in(client, user)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert events() == ["user.factor_failed"]


def test_the_admin_asks_for_the_second_step(client, protected):
    user, secret = protected
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    assert client.get("/admin/login/")["Location"].startswith("/accounts/login/")
    sign_in(client, user)
    assert client.get("/admin/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200
