"""A person who reads Chinese meets no English on the way in, nor on the security pages."""

from __future__ import annotations

import html
import re
from importlib import resources

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from babel.messages.pofile import read_po
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from apps.accounts.borrowed_texts import ALLAUTH
from apps.accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory

# Names and keys that are written in Latin letters in Chinese, too.
_NAMES = {
    "Portside",
    "English",
    "JavaScript",
    "Ctrl",
    "Esc",
    "Enter",
    "PIN",
    "SKU",
    "UTC",
    "CST",
    "API",
}
_SHOWN_ATTRIBUTE = re.compile(r'\b(?:aria-label|placeholder|title|alt)="([^"]+)"')
_QUIET = re.compile(
    r"<(script|style|code|bdi|svg|option)\b.*?</\1>|<(\w+)[^>]*translate=\"no\".*?</\2>", re.S
)


def english_in(page: str) -> set[str]:
    """Return the Latin words of a page's texts and of the attributes that are read out."""
    body = re.sub(r"<!--.*?-->", "", _QUIET.sub(" ", page), flags=re.S)
    shown = [re.sub(r"<[^>]*>", " ", body, flags=re.S), *_SHOWN_ATTRIBUTE.findall(body)]
    text = re.sub(r"\S+@\S+|https?:\S+", " ", html.unescape(" ".join(shown)))
    return set(re.findall(r"[A-Za-z]{2,}", text)) - _NAMES


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    """A stranger whose browser asks for Chinese."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN,zh;q=0.9,en;q=0.5"
    return client


@pytest.fixture
def person(db: None) -> User:
    # The picture of a person without a company shows letters of the address: here are none.
    return UserFactory(language="zh-hans", full_name="林远", email="10086@example.com")


@pytest.fixture
def member(reader: Client, person: User) -> Client:
    """The same browser, signed in, the password shown once more."""
    reader.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    answer = reader.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
    return reader


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/inactive/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/wrong/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-wrong/",
        "/accounts/password/reset/key/done/",
    ],
)
def test_the_entrance_is_chinese(reader: Client, path: str) -> None:
    answer = reader.get(path)
    assert (answer.status_code, answer["Content-Language"]) == (200, "zh-hans")
    assert english_in(answer.content.decode()) == set()


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/accounts/login/", {}),
        ("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"}),
        ("/accounts/signup/", {}),
        ("/accounts/signup/", {"email": "no address", "password1": "short"}),
        ("/accounts/signup/", {"email": "lin@example.com", "password1": "password"}),
        ("/accounts/password/reset/", {"email": "no address"}),
    ],
)
def test_refusals_at_the_entrance_are_chinese(
    reader: Client, path: str, sent: dict[str, str]
) -> None:
    answer = reader.post(path, sent)
    assert english_in(answer.content.decode()) == set()
    assert answer.context["form"].errors


@pytest.mark.parametrize(
    "path",
    [
        "/me/security/",
        "/accounts/email/",
        "/accounts/logout/",
        "/accounts/password/change/",
        "/accounts/reauthenticate/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
    ],
)
def test_security_is_chinese(member: Client, path: str) -> None:
    answer = member.get(path)
    assert answer.status_code == 200
    assert english_in(answer.content.decode()) == set()


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/",
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
    ],
)
def test_the_second_step_in_use_is_chinese(member: Client, person: User, path: str) -> None:
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    answer = member.get(path)
    assert answer.status_code == 200
    page = answer.content.decode()
    for code in Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes():
        page = page.replace(code, "")
    assert english_in(page) == set()


def test_a_key_is_renamed_in_chinese(member: Client, person: User) -> None:
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "钥匙"})
    listed = member.get("/accounts/2fa/webauthn/")
    assert english_in(listed.content.decode()) == set()
    path = f"/accounts/2fa/webauthn/keys/{key.pk}/edit/"
    page = member.get(path).content.decode()
    assert "密钥名称" in page
    assert english_in(page) == set()
    assert member.post(path, {"name": "家里的钥匙"}).status_code == 302
    key.refresh_from_db()
    assert key.data["name"] == "家里的钥匙"


def test_a_wrong_second_step_is_refused_in_chinese(reader: Client, person: User) -> None:
    TOTP.activate(person, generate_totp_secret())
    reader.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    answer = reader.post("/accounts/2fa/authenticate/", {"code": "nonsense"})
    assert "验证码不正确。" in answer.content.decode()
    assert english_in(answer.content.decode()) == set()


def test_the_letters_are_chinese(reader: Client, person: User) -> None:
    reader.post("/accounts/signup/", {"email": "new@example.com", "password1": "a long sentence 7"})
    reader.post("/accounts/password/reset/", {"email": person.email})
    reader.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    subjects = [letter.subject.partition("] ")[2] for letter in mail.outbox]
    assert subjects == ["请验证邮箱地址", "重置密码", "没有对应的账号"]
    bodies = [re.sub(r"\w+://\S+|testserver|\S+@\S+", "", letter.body) for letter in mail.outbox]
    assert [re.findall(r"[A-Za-z]{2,}", body) for body in bodies] == [[], [], []]


def test_the_texts_we_translate_ourselves_are_still_those_of_allauth() -> None:
    file = resources.files("allauth") / "locale/zh_Hans/LC_MESSAGES/django.po"
    with file.open("rb") as source:
        known = {message.id for message in read_po(source)}
    assert set(ALLAUTH) - known == set()


@pytest.mark.parametrize("word", ["short", "iloveyou123", "lin-yuan@example"])
def test_a_weak_password_is_refused_in_the_words_we_translate(word: str, person: User) -> None:
    person.email = "lin-yuan@example.com"
    reasons = {
        "short": "密码过短，至少 10 个字符。",
        "iloveyou123": "密码过于常见。",
        "lin-yuan@example": "密码与邮箱地址过于相似。",
    }
    with pytest.raises(ValidationError) as refused, translation.override("zh-hans"):
        validate_password(word, person)
    assert refused.value.messages == [reasons[word]]


def test_the_rules_of_a_password_are_told_in_the_words_we_translate() -> None:
    with translation.override("zh-hans"):
        assert password_validators_help_texts() == [
            "不能与您的个人信息过于相似。",
            "至少 10 个字符。",
            "不能是常见密码。",
        ]
