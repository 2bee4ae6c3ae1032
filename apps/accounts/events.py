"""Names of the events accounts emit. Payloads never hold addresses, names or exact IP numbers."""

from __future__ import annotations

SIGNED_UP = "user.signed_up"
SIGNED_IN = "user.signed_in"
SIGN_IN_FAILED = "user.sign_in_failed"
SIGNED_OUT = "user.signed_out"
PASSWORD_CHANGED = "user.password_changed"  # noqa: S105
PASSWORD_RESET = "user.password_reset"  # noqa: S105
EMAIL_CONFIRMED = "user.email_confirmed"
EMAIL_CHANGED = "user.email_changed"
FACTOR_ADDED = "user.factor_added"
FACTOR_REMOVED = "user.factor_removed"
FACTOR_RESET = "user.factor_reset"
FACTOR_FAILED = "user.factor_failed"
SESSION_ENDED = "user.session_ended"
PROFILE_CHANGED = "user.profile_changed"
RIGHTS_CHANGED = "user.rights_changed"
