"""The portal that the browser drives: mail goes to files, everything else as in the tests."""

from __future__ import annotations

from globalselling.settings.test import *  # noqa: F403
from globalselling.settings.test import VAR_DIR

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
MEDIA_ROOT = VAR_DIR / "media"
ALLOW_PRIVATE_WEBHOOKS = True
