"""Open the standard fee rules."""

from __future__ import annotations

from django.db import migrations

from apps.finance.reference import SINCE, SOURCE, STANDARD_FEES


def open_rules(apps, schema_editor):
    """Create the rules that are missing."""
    rules = apps.get_model("finance", "FeeRule").objects.using(schema_editor.connection.alias)
    for item in STANDARD_FEES:
        facts = {"kind": item.kind, "rate": item.rate, "effective_from": SINCE, "source": SOURCE}
        rules.get_or_create(code=item.code, version=1, defaults=facts)


class Migration(migrations.Migration):
    """Data only; postings keep the rules they used, so going back removes nothing."""

    dependencies = [("finance", "0001_initial")]
    operations = [migrations.RunPython(open_rules, migrations.RunPython.noop)]
