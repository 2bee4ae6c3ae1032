"""Words of the sign-in log."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts import events

EVENT_LABELS: dict[str, str | Promise] = {
    events.SIGNED_UP: _("Signed up"),
    events.SIGNED_IN: _("Signed in"),
    events.SIGN_IN_FAILED: _("Sign-in failed"),
    events.SIGNED_OUT: _("Signed out"),
    events.PASSWORD_CHANGED: _("Changed the password"),
    events.PASSWORD_RESET: _("Set a new password by e-mail"),
    events.EMAIL_CONFIRMED: _("Confirmed the e-mail address"),
    events.EMAIL_CHANGED: _("Changed the e-mail address"),
    events.FACTOR_ADDED: _("Added a second step"),
    events.FACTOR_REMOVED: _("Removed a second step"),
    events.FACTOR_RESET: _("Made new recovery codes"),
    events.FACTOR_FAILED: _("Second step failed"),
    events.SESSION_ENDED: _("Signed out other devices"),
    events.RIGHTS_CHANGED: _("The platform changed your rights"),
    events.PROFILE_CHANGED: _("Changed the profile"),
}
FACTOR_LABELS: dict[str, str | Promise] = {
    "totp": _("Authenticator app"),
    "webauthn": _("Passkey"),
    "recovery_codes": _("Recovery codes"),
}
