"""Production: no default for any secret, secure cookies, hashed static files."""

from __future__ import annotations

from globalselling.settings.base import *  # noqa: F403
from globalselling.settings.base import env

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
PERSONAL_DATA_KEY = env.str("PERSONAL_DATA_KEY")
DATABASE_URL = env.str("DATABASE_URL")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PORTAL_URL = env.str("PORTAL_URL")

FX_DAILY_IMPORT = env.bool("FX_DAILY_IMPORT", default=True)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "apps.common.storage.ModuleManifestStorage"},
}
