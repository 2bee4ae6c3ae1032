"""Writes of the doors: keys, OAuth apps, webhook endpoints and deliveries."""

from __future__ import annotations

from apps.partners.services.apps import (
    NewApp,
    create_app,
    revoke_app,
    rotate_app_secret,
    update_app,
)
from apps.partners.services.deliveries import (
    enqueue_entry,
    replay_delivery,
    replay_since,
    send_test,
)
from apps.partners.services.endpoints import (
    check_url,
    create_endpoint,
    pause_endpoint,
    remove_endpoint,
    resume_endpoint,
    rotate_signing_secret,
    signing_secrets,
    update_endpoint,
)
from apps.partners.services.keys import NewKey, create_key, revoke_key, rotate_key

__all__ = [
    "NewApp",
    "NewKey",
    "check_url",
    "create_app",
    "create_endpoint",
    "create_key",
    "enqueue_entry",
    "pause_endpoint",
    "remove_endpoint",
    "replay_delivery",
    "replay_since",
    "resume_endpoint",
    "revoke_app",
    "revoke_key",
    "rotate_app_secret",
    "rotate_key",
    "rotate_signing_secret",
    "send_test",
    "signing_secrets",
    "update_app",
    "update_endpoint",
]
