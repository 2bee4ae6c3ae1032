"""WSGI entry: pages without live streams."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.production")

application = get_wsgi_application()
