"""The one error of the business code; doors turn it into their own kind of answer."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """A request that the rules refuse.

    ``code`` is stable and machine-readable (``orders.already_shipped``), ``message`` is a
    translated sentence that says what is wrong and what to do, ``status`` the HTTP status the
    doors use (409 unless given), ``fields`` maps an input's path to its sentence.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 409,
        fields: Mapping[str, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Keep the parts."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = dict(fields or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Return code and sentence."""
        return f"{self.code}: {self.message}"


class PermissionMissingError(DomainError):
    """The actor may see the object but not do this to it (403)."""

    def __init__(self, permission: str, message: str) -> None:
        """Keep the permission's name."""
        super().__init__("permission_denied", message, status=403)
        self.permission = permission
