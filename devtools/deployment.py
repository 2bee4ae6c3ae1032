"""Runs Django's deployment check on the production settings (run inside the environment)."""

from __future__ import annotations

import base64
import os

# Values that look like a real deployment; nothing is connected to.
_MADE_UP = {
    "DJANGO_SETTINGS_MODULE": "globalselling.settings.production",
    "SECRET_KEY": base64.urlsafe_b64encode(bytes(range(200, 248))).decode(),
    "PERSONAL_DATA_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "DATABASE_URL": "sqlite:///:memory:",
    "REDIS_URL": "redis://redis.example:6379/0",
    "CELERY_BROKER_URL": "amqp://portal@rabbitmq.example:5672//",
    "KAFKA_BOOTSTRAP": "",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "ALLOWED_HOSTS": "portal.example",
    "PORTAL_URL": "https://portal.example",
    "DEBUG": "false",
}


def main() -> None:
    """Exit with an error on any warning but that of SQLite, which stands in for the database."""
    os.environ.update(_MADE_UP)
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.SILENCED_SYSTEM_CHECKS = [*settings.SILENCED_SYSTEM_CHECKS, "portal.W002"]
    django.setup()
    call_command("check", deploy=True, fail_level="WARNING")


if __name__ == "__main__":
    main()
