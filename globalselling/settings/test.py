"""Tests: fast hashing, mail in memory, tasks run by the tests themselves."""

from __future__ import annotations

import os

os.environ.setdefault("DEBUG", "false")
os.environ.setdefault("MFA_ALLOW_INSECURE_ORIGIN", "true")
# The workers of pytest-xdist share one Redis, and each clears its cache: give each a database.
if os.environ.get("REDIS_URL") and (_worker := os.environ.get("PYTEST_XDIST_WORKER")):
    _server = os.environ["REDIS_URL"].rpartition("/")[0]
    os.environ["REDIS_URL"] = f"{_server}/{2 + int(_worker.removeprefix('gw')) % 14}"

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
# No collected files in tests: look them up, without a warning about the missing folder.
WHITENOISE_AUTOREFRESH = True
FX_DAILY_IMPORT = False
