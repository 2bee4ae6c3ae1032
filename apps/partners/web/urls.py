"""Pages of the partners app."""

from __future__ import annotations

from django.urls import path

from apps.partners.web import apps, keys, webhooks

app_name = "partners"
_HOOK = "webhooks/<str:public_id>/"
_DELIVERY = _HOOK + "deliveries/<str:delivery_id>/"
urlpatterns = [
    path("", keys.list_keys, name="keys"),
    path("keys/new/", keys.create_key, name="create_key"),
    path("keys/<str:public_id>/", keys.one_key, name="key"),
    path("keys/<str:public_id>/rotate/", keys.rotate_key, name="rotate_key"),
    path("keys/<str:public_id>/revoke/", keys.revoke_key, name="revoke_key"),
    path("apps/", apps.list_apps, name="apps"),
    path("apps/new/", apps.create_app, name="create_app"),
    path("apps/<str:public_id>/", apps.one_app, name="app"),
    path("apps/<str:public_id>/secret/", apps.rotate_secret, name="rotate_app"),
    path("apps/<str:public_id>/revoke/", apps.revoke_app, name="revoke_app"),
    path("webhooks/", webhooks.list_endpoints, name="webhooks"),
    path("webhooks/new/", webhooks.create_endpoint, name="create_webhook"),
    path(_HOOK, webhooks.one_endpoint, name="webhook"),
    path(_HOOK + "change/", webhooks.change_endpoint, name="change_webhook"),
    path(_HOOK + "secret/", webhooks.show_secret, name="webhook_secret"),
    path(_HOOK + "test/", webhooks.test_endpoint, name="test_webhook"),
    path(_HOOK + "pause/", webhooks.pause_endpoint, name="pause_webhook"),
    path(_HOOK + "resume/", webhooks.resume_endpoint, name="resume_webhook"),
    path(_HOOK + "rotate/", webhooks.rotate_secret, name="rotate_webhook"),
    path(_HOOK + "remove/", webhooks.remove_endpoint, name="remove_webhook"),
    path(_HOOK + "replay/", webhooks.replay_since, name="replay_webhook"),
    path(_DELIVERY, webhooks.one_delivery, name="delivery"),
    path(_DELIVERY + "replay/", webhooks.replay_delivery, name="replay_delivery"),
]
