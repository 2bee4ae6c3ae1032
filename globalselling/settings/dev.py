"""Development and the embedded default: works with no configuration at all."""

from __future__ import annotations

import os

os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("ACCOUNT_EMAIL_VERIFICATION", "optional")
os.environ.setdefault("MFA_ALLOW_INSECURE_ORIGIN", "true")
os.environ.setdefault("ALLOW_PRIVATE_WEBHOOKS", "true")

from globalselling.settings.base import *  # noqa: F403
from globalselling.settings.base import STATIC_ROOT, VAR_DIR, env
from globalselling.settings.local_keys import local_key

SECRET_KEY = env.str("SECRET_KEY", default="") or local_key(VAR_DIR / "secret-key")
PERSONAL_DATA_KEY = env.str("PERSONAL_DATA_KEY", default="") or local_key(
    VAR_DIR / "personal-data-key"
)
# Nothing is collected here, the finders serve; the directory only has to exist.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
