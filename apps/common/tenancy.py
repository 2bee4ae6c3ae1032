"""Rows of one merchant: a manager that fails closed outside a tenant scope (django-scopes)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django_scopes import get_scope
from django_scopes.manager import DisabledQuerySet

M = TypeVar("M", bound=models.Model)

if TYPE_CHECKING:

    class _Base(models.Manager[M]):
        pass

else:
    # Django's manager cannot be subscripted at run time.
    class _Base(models.Manager):
        def __class_getitem__(cls, item):
            return cls


class TenantManager(_Base[M]):
    """Shows only rows whose ``merchant`` is the one of the open scope.

    Without a scope every query raises ``ScopeError``: a forgotten filter becomes an error, never a
    leak. ``scopes_disabled()`` is for the platform's own pages and for reconciliation.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        """Return the scope's rows, or a queryset that refuses to be used."""
        opened = get_scope()
        if not opened.get("_enabled", True):
            return super().get_queryset()
        if "merchant" not in opened:
            refusing: models.QuerySet[M] = DisabledQuerySet(
                self.model, using=self._db, missing_scopes=["merchant"]
            )
            return refusing
        return super().get_queryset().filter(merchant=opened["merchant"])
