"""Columns and base classes every app uses, and the record of repeated requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from apps.common.ids import PublicIdDefault

if TYPE_CHECKING:
    _Char = models.CharField[str, str]
    _NullableChar = models.CharField[str | None, str | None]
else:
    _Char = models.CharField
    _NullableChar = models.CharField

# Key-like text compares byte for byte: the default collation would merge 'abc', 'ABC ' and
# full-width letters.
_EXACT_COLLATION = "utf8mb4_nopad_bin"


def _exact(parameters: Any, connection: Any) -> Any:
    if connection.vendor == "mysql":
        parameters["collation"] = (
            _EXACT_COLLATION if connection.mysql_is_mariadb else "utf8mb4_0900_bin"
        )
    return parameters


class ExactCharField(_Char):
    """A CharField whose equality and uniqueness are exact on MySQL and MariaDB too."""

    def db_parameters(self, connection: Any) -> Any:
        """Add the exact collation where the vendor's default is not exact."""
        return _exact(super().db_parameters(connection), connection)


class NullableExactCharField(_NullableChar):
    """An exact text that may be absent: nulls never collide in a unique constraint."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Allow null."""
        kwargs["null"] = True
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: Any) -> Any:
        """Add the exact collation where the vendor's default is not exact."""
        return _exact(super().db_parameters(connection), connection)


class PublicIdField(ExactCharField):
    """The outward id of a row: ``PublicIdField(prefix="ord")``."""

    def __init__(self, *args: Any, prefix: str = "", **kwargs: Any) -> None:
        """Set length, uniqueness and the default from the prefix."""
        self.prefix = prefix
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        if prefix:
            kwargs.setdefault("default", PublicIdDefault(prefix))
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep the prefix in migrations."""
        name, path, args, kwargs = super().deconstruct()
        kwargs["prefix"] = self.prefix
        return name, path, args, kwargs


class TimestampedModel(models.Model):
    """Rows that know when they were made and last saved."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Abstract."""

        abstract = True


class IdempotencyRecord(models.Model):
    """The stored answer of one request key, so that a repeat has one effect and one answer."""

    scope = ExactCharField(max_length=64)
    key = ExactCharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """One answer per scope and key."""

        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_scope_key")
        ]
