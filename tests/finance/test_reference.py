"""What a new portal needs before its first company."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from apps.finance.models import FeeRule
from apps.markets.models import FxRate, Market, RuleRow

pytestmark = pytest.mark.django_db


def counts():
    return [model.objects.count() for model in (Market, FxRate, RuleRow, FeeRule)]


def test_reference_data_is_loaded_once(capsys):
    call_command("load_reference")
    first = counts()
    assert all(first)
    assert "68 rule rows loaded, 0 proposed." in capsys.readouterr().out

    call_command("load_reference")
    assert counts() == first
    assert "0 rule rows loaded, 0 proposed." in capsys.readouterr().out
