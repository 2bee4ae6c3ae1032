"""The sample of attribute rules loads as the guide says."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from apps.catalog import services
from apps.catalog.category_selectors import list_specs

SAMPLE = Path(settings.BASE_DIR) / "docs/samples/attribute_rules.json"


def test_the_sample_of_the_guide_can_be_loaded(tree, actor, now):
    load = services.import_attribute_rules(SAMPLE, actor=actor, now=now)
    specs = {spec.key: spec for spec in list_specs(tree["1604"])}

    assert (load.source, load.written) == ("sample", 4)
    assert specs["fibre_composition"].is_required_in("DE")
    assert not specs["fibre_composition"].is_required_in("US")
