"""Tests: fast hashing, mail in memory, tasks run by the tests themselves."""

from __future__ import annotations

import os

os.environ.setdefault("DEBUG", "false")
os.environ.setdefault("MFA_ALLOW_INSECURE_ORIGIN", "true")

from globalselling.settings.base import *  # noqa: F403
from globalselling.settings.base import VAR_DIR

SECRET_KEY = "tests-only-secret-key-tests-only-secret-key"  # noqa: S105
PERSONAL_DATA_KEY = "dGVzdHMtb25seS1wZXJzb25hbC1kYXRhLWtleS0zMiE="
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_RATE_LIMITS = False
MEDIA_ROOT = VAR_DIR / "test-media"
CELERY_TASK_ALWAYS_EAGER = False
