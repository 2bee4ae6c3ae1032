"""ASGI entry: pages and the live event stream."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.production")

application = get_asgi_application()
