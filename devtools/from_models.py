"""Makes the tables of an empty database from the models (run inside the virtual environment).

For databases of tests: the sixty steps of the migrations take the processor ten times as long. That the
migrations lead to the same tables is what ``dev.py migrations`` shows.
"""

from __future__ import annotations

import sys

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command


def main() -> int:
    """Create every table of every app in the configured database."""
    django.setup()
    settings.MIGRATION_MODULES = {config.label: None for config in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
