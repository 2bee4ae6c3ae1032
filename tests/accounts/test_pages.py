"""A person's own pages: profile, look, security."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from apps.accounts.models import User
from apps.journal.models import JournalEntry
from tests.factories.accounts import UserFactory

PROFILE = {
    "full_name": "Wei Chen",
    "language": "zh-hans",
    "time_zone": "Europe/Berlin",
    "theme": "dark",
    "density": "compact",
}


@pytest.fixture
def person(db) -> User:
    return UserFactory()


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", ["/me/", "/me/security/"])
def test_a_stranger_is_sent_to_sign_in(client, db, path):
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_the_profile_is_saved_and_cookies_follow(browser, person):
    answer = browser.post("/me/", PROFILE)
    assert answer.status_code == 302
    person.refresh_from_db()
    assert (person.full_name, person.language, person.has_shortcuts) == (
        "Wei Chen",
        "zh-hans",
        False,
    )
    assert (person.time_zone, person.theme, person.density) == ("Europe/Berlin", "dark", "compact")
    assert browser.cookies["theme"].value == "dark"
    assert browser.cookies["django_language"].value == "zh-hans"


def test_the_journal_tells_the_look_but_not_the_name(browser):
    browser.post("/me/", PROFILE)
    entry = JournalEntry.objects.get(event="user.profile_changed")
    assert entry.payload["changes"]["theme"] == ["auto", "dark"]
    assert entry.payload["changes"]["full_name"] is True
    assert "Wei" not in str(entry.payload)


def test_an_unknown_zone_is_refused(browser, person):
    answer = browser.post("/me/", {**PROFILE, "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    person.refresh_from_db()
    assert person.full_name == "Lin Yuan"


def test_a_stranger_keeps_the_look_in_cookies(client, db):
    answer = client.post("/me/preferences/", {"theme": "dark", "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    assert client.cookies["theme"].value == "dark"
    page = client.get("/accounts/login/").content.decode()
    assert 'data-theme="dark"' in page


def test_a_stranger_changes_the_language(client, db):
    client.post("/me/preferences/", {"language": "zh-hans"})
    assert client.get("/accounts/login/")["Content-Language"] == "zh-hans"


def test_a_person_keeps_the_look_in_the_profile(browser, person):
    browser.post("/me/preferences/", {"density": "compact", "language": "xx", "theme": "neon"})
    person.refresh_from_db()
    assert (person.density, person.language, person.theme) == ("compact", "en", "auto")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x()"])
def test_preferences_lead_to_no_other_site(client, db, target):
    answer = client.post("/me/preferences/", {"theme": "dark", "next": target})
    assert answer["Location"] == "/"


def test_a_script_gets_no_page(client, db):
    answer = client.post(
        "/me/preferences/", {"theme": "dark"}, headers={"accept": "application/json"}
    )
    assert (answer.status_code, client.cookies["theme"].value) == (204, "dark")


def test_security_lists_devices_and_sign_ins(browser):
    page = browser.get("/me/security/").content.decode()
    assert "Only the password protects this account" in page
    assert "This device" in page
    assert "Signed in" in page


def test_another_device_is_signed_out(browser, person):
    other = Client()
    other.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    other.get("/me/")
    browser.get("/me/")
    session = UserSession.objects.exclude(session_key=browser.session.session_key).get()
    assert browser.post(f"/me/security/sessions/{session.pk}/end/").status_code == 302
    assert other.get("/me/").status_code == 302
    assert browser.get("/me/").status_code == 200


def test_a_device_of_somebody_else_is_not_signed_out(browser):
    other = Client()
    other.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    other.get("/me/")
    session = UserSession.objects.get(session_key=other.session.session_key)
    assert browser.post(f"/me/security/sessions/{session.pk}/end/").status_code == 404
    assert other.get("/me/").status_code == 200


def test_all_other_devices_are_signed_out(browser, person):
    other = Client()
    other.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    other.get("/me/")
    browser.get("/me/")
    browser.post("/me/security/sessions/end-others/")
    assert other.get("/me/").status_code == 302
    assert browser.get("/me/").status_code == 200
    entry = JournalEntry.objects.get(event="user.session_ended")
    assert entry.payload == {"sessions": 1}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "/me/"),
        ("get", "/me/preferences/"),
        ("post", "/me/security/"),
        ("get", "/me/security/sessions/1/end/"),
        ("get", "/me/security/sessions/end-others/"),
    ],
)
def test_other_methods_are_refused(browser, method, path):
    assert getattr(browser, method)(path).status_code == 405


def test_passwords_are_hashed_with_argon2():
    from globalselling.settings import base

    assert base.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


def test_a_session_is_noted_once_a_minute_and_again_from_another_place(browser, person):
    browser.get("/me/", REMOTE_ADDR="203.0.113.1")
    first = UserSession.objects.get(user=person)
    UserSession.objects.update(last_seen_at=person.date_joined)
    browser.get("/me/", REMOTE_ADDR="203.0.113.1")
    assert UserSession.objects.get(user=person).last_seen_at == person.date_joined
    browser.get("/me/", REMOTE_ADDR="203.0.113.2")
    again = UserSession.objects.get(user=person)
    assert (again.pk, again.ip) == (first.pk, "203.0.113.2")
    assert again.last_seen_at > person.date_joined
