"""People of the portal under test, signed in with every language and theme."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.merchants.models import Merchant

# The pages that ask for the password once more after minutes must not ask in the middle of a run.
_LONG_S = 24 * 3600
LOOKS = [(language, theme) for language in ("en", "zh-hans") for theme in ("light", "dark")]
Facts = dict[str, str]


def sign_in_people(merchant: Merchant, now: datetime) -> Facts:
    """Return the session of one person per kind and look, named ``kind-language-theme``."""
    from django_scopes import scope

    from apps.merchants import services as merchants
    from apps.merchants.models import Member, Role

    found = {"staff": open_session(make_person("staff@demo.example", "Platform staff"))}
    second = make_person("second@demo.example", "Second person")
    second.is_staff = second.is_superuser = True
    second.save(update_fields=["is_staff", "is_superuser"])
    found["second"] = open_session(second)
    for language, theme in LOOKS:
        look = f"{language}-{theme}"
        owner = make_person(f"owner-{look}@demo.example", "Lin Yuan", language, theme)
        with scope(merchant=merchant):
            Member.objects.create(merchant=merchant, user=owner, role=Role.OWNER)
        found[f"owner-{look}"] = open_session(owner)
        guarded = make_person(f"guarded-{look}@demo.example", "Lin Yuan", language, theme)
        found[f"passkey-{look}"] = _guard(guarded)
        with scope(merchant=merchant):
            Member.objects.create(merchant=merchant, user=guarded, role=Role.OWNER)
        found[f"guarded-{look}"] = open_session(guarded)
        fresh = make_person(f"fresh-{look}@demo.example", "Ma Li", language, theme)
        merchants.create_merchant(
            fresh,
            name=f"New Company {look}",
            country="CN",
            base_currency="CNY",
            time_zone="Asia/Shanghai",
            now=now,
        )
        found[f"fresh-{look}"] = open_session(fresh)
    return found | _mail_links()


def make_person(email: str, name: str, language: str = "en", theme: str = "light") -> User:
    """Return the person with an address, made if there is none."""
    from allauth.account.models import EmailAddress

    from apps.accounts.models import User
    from apps.sandbox.demo.seed import PASSWORD

    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(
            email, PASSWORD, full_name=name, language=language, theme=theme
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _guard(user: User) -> str:
    """Give a person an authenticator app, recovery codes and a passkey; returns the passkey."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    passkey = Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Work laptop", "credential": _credential()},
    )
    return str(passkey.pk)


def _credential() -> dict[str, object]:
    """Return what a browser answers when it makes a passkey, with a key nobody holds."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from fido2.cose import ES256
    from fido2.utils import websafe_encode
    from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

    ident = secrets.token_bytes(32)
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(b"\0" * 16, ident, key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    facts = AuthenticatorData.create(hashlib.sha256(b"127.0.0.1").digest(), flags, 0, made)
    told = {"type": "webauthn.create", "challenge": "", "origin": "http://127.0.0.1"}
    return {
        "id": websafe_encode(ident),
        "rawId": websafe_encode(ident),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(told).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", facts, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }


def open_session(user: User) -> str:
    """Return the key of a session in which the person has just typed the password."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() + _LONG_S, "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.create()
    return str(session.session_key)


def _mail_links() -> Facts:
    """Return the keys that mails of the sign-in pages carry."""
    from allauth.account.forms import default_token_generator
    from allauth.account.models import EmailAddress, EmailConfirmationHMAC
    from allauth.account.utils import user_pk_to_url_str

    user = make_person("new@demo.example", "Ye Xin")
    address = EmailAddress.objects.get(user=user)
    address.verified = False
    address.save()
    reset = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return {"confirm": EmailConfirmationHMAC(address).key, "reset": reset}
