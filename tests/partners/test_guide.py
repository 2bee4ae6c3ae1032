"""The guide names every code that the doors themselves raise, and every scope."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from apps.partners.scopes import SCOPES

_CODE = re.compile(r'(?:DomainError|field_error)\(\s*"([a-z_.]+)"')
GUIDE = (Path(settings.BASE_DIR) / "docs/guides/api.md").read_text()


def test_every_code_of_the_api_is_explained() -> None:
    root = Path(settings.BASE_DIR)
    sources = [
        *root.glob("apps/partners/api/**/*.py"),
        root / "apps/partners/errors.py",
        root / "apps/partners/authentication.py",
        root / "apps/common/idempotency.py",
        root / "apps/common/pagination.py",
    ]
    codes = {code for path in sources for code in _CODE.findall(path.read_text())}
    assert len(codes) > 15
    assert sorted(code for code in codes if f"`{code}`" not in GUIDE) == []


def test_every_scope_is_explained() -> None:
    assert [scope for scope in SCOPES if f"`{scope}`" not in GUIDE] == []
