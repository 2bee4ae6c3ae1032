"""The base of every page of the Django admin: look, never delete, change only through services."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline

from apps.common.formatting import format_money

M = TypeVar("M", bound=Model)
COUNT_LIMIT = 10_000
_PUBLIC_ID = re.compile(r"^[a-z]{3}_[0-9A-Z]{26}$")

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as _ModelAdmin
    from django.contrib.admin import TabularInline as _TabularInline

    class _Admin(_ModelAdmin[M]):
        pass

    class _Inline(_TabularInline[M, Any]):
        pass

    _Pages = Paginator[Any]

else:
    # Django's classes cannot be subscripted at run time.
    _Pages = Paginator

    class _Admin(ModelAdmin):
        def __class_getitem__(cls, item):
            return cls

    class _Inline(TabularInline):
        def __class_getitem__(cls, item):
            return cls


class BoundedPaginator(_Pages):
    """Counts no further than a person ever pages: counting millions of rows would lock them up."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most ``COUNT_LIMIT``."""
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNT_LIMIT].count())


class PortalAdmin(_Admin[M]):
    """Shows rows of all merchants and changes none of them.

    Business rows are written by services alone: there is no add, no change and no delete here.
    Work on rows is done by actions that call services; an action declares
    ``permissions=["operate"]``, which is the model's change permission.
    """

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 200
    ordering: ClassVar[Any] = ("-pk",)
    compressed_fields = True
    list_filter_submit = True
    search_help_text = ""
    # Columns that are secret or personal: never shown on the page of a row.
    hidden: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """Return the rows of all tenants: staff work without a tenant scope."""
        rows: QuerySet[M] = self.model._base_manager.all()
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """Find by exact id or key; an outward id asks only the column that can hold it.

        One ``OR`` over columns of several tables would read the whole table.
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        paths = _paths_for(self.model, [str(name) for name in self.search_fields], term)
        if not paths:
            return queryset.none(), False
        condition = Q()
        for path in paths:
            condition |= Q(**{path: term})
        return queryset.filter(condition), False

    def get_exclude(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Leave out what is hidden."""
        return self.hidden or None

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Show every column of the row in the model's order, and the page's own lines."""
        if self.fields:
            return self.fields
        columns = [
            _shown(field)
            for field in self.model._meta.concrete_fields
            if field.name not in self.hidden and field.get_internal_type() != "BinaryField"
        ]
        return [*columns, *self.readonly_fields]

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Make everything read-only that the page does not name as changeable."""
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: services make rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Refuse: services change rows."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Refuse: business rows are never deleted."""
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may run the actions of this page."""
        meta = self.model._meta
        allowed: bool = request.user.has_perm(f"{meta.app_label}.change_{meta.model_name}")
        return allowed


def _shown(field: Field[Any, Any]) -> Any:
    """Return how a column is shown: amounts with their currency, everything else as it is."""
    name = field.name
    names = {other.name for other in field.model._meta.concrete_fields}
    options = (name.replace("_minor", "_currency"), name.replace("unit_", "")[:-6] + "_currency")
    currency = next((option for option in (*options, "currency") if option in names), "")
    if not name.endswith("_minor") or not currency:
        return name

    def amount(obj: Model) -> str:
        code = getattr(obj, currency)
        minor = getattr(obj, name)
        return str(format_money(minor, code)) if code and minor is not None else "-"

    amount.__name__ = name
    amount.short_description = capfirst(str(field.verbose_name).removesuffix(" minor"))  # type: ignore[attr-defined]
    return amount


def _paths_for(model: type[Model], names: Sequence[str], term: str) -> list[str]:
    """Return the lookups among ``names`` that can hold ``term``."""
    found = {name.removeprefix("="): _field_of(model, name.removeprefix("=")) for name in names}
    prefix = term.partition("_")[0] if _PUBLIC_ID.match(term) else ""
    if not prefix:
        plain = [path for path, field in found.items() if not getattr(field, "prefix", "")]
        return [path for path in plain if _takes(found[path], term)]
    own = [path for path, field in found.items() if getattr(field, "prefix", "") == prefix]
    # An id may also stand in a plain column, as the subject of a journal entry does.
    return own or [
        path
        for path, field in found.items()
        if path.endswith("_id") and not hasattr(field, "prefix") and _takes(field, term)
    ]


def _field_of(model: type[Model], path: str) -> Field[Any, Any]:
    parts = [part for part in path.split("__") if part != "startswith"]
    for part in parts[:-1]:
        related: Any = model._meta.get_field(part).related_model
        model = related
    field: Any = model._meta.get_field(parts[-1])
    return cast("Field[Any, Any]", field)


def _takes(field: Field[Any, Any], term: str) -> bool:
    try:
        field.to_python(term)
    except ValidationError:
        return False
    return True


class PortalInline(_Inline[M]):
    """Rows below a row, to look at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    hide_title = True
    ordering_field = None
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """Return the rows of all tenants, oldest first."""
        rows: QuerySet[M] = self.model._base_manager.all()
        return rows.order_by("pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make everything read-only."""
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


def mask_email(address: str) -> str:
    """Return an address of which a person recognises only their own: ``li•••@example.com``."""
    name, _at, domain = address.partition("@")
    return f"{name[:2]}•••@{domain}" if domain else "•••"
