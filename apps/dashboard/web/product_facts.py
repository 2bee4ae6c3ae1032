"""Safety facts and papers of a product."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import services
from apps.catalog.fact_selectors import get_document, get_facts, list_parties
from apps.catalog.models import Party, Product, ProductFacts
from apps.catalog.papers import EXTENSIONS
from apps.catalog.services import DocumentDraft
from apps.catalog.services.facts import PARTIES
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.dashboard.selectors import product_depth as depth
from apps.dashboard.web.fact_forms import DocumentForm, FactsForm, initial_facts_of, tell
from apps.dashboard.web.products import found_product
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def facts(request: MemberRequest, product_id: str) -> HttpResponse:
    """Show battery, dangerous goods, who answers for the product, and its papers."""
    return _show(request, found_product(request, product_id))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def save(request: MemberRequest, product_id: str) -> HttpResponse:
    """Save the safety facts; what contradicts itself says so beside its field."""
    found = found_product(request, product_id)
    form = FactsForm(request.POST, parties=_choices(request, get_facts(found)))
    if form.is_valid():
        try:
            services.set_facts(found, form.changes(), actor=user_actor(request.user), now=utc_now())
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("dashboard:product_facts", found.public_id)
    return _show(request, found, form=form, status=422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def add_document(request: MemberRequest, product_id: str) -> HttpResponse:
    """Keep a paper about the product."""
    found = found_product(request, product_id)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        file = data["file"]
        draft = DocumentDraft(data["kind"], data["name"], data["issued_on"], data["valid_until"])
        try:
            services.add_document(
                found, draft, file, file.size or 0, actor=user_actor(request.user), now=utc_now()
            )
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, _("Paper saved."))
            return redirect("dashboard:product_facts", found.public_id)
    return _show(request, found, document_form=form, status=422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def withdraw_document(request: MemberRequest, product_id: str, document_id: str) -> HttpResponse:
    """Say that a paper no longer counts."""
    document = find_or_404(get_document, request.member.merchant, product_id, document_id)
    services.withdraw_document(document, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("Paper withdrawn. It stays in the list as evidence."))
    return redirect("dashboard:product_facts", product_id)


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def document(request: MemberRequest, product_id: str, document_id: str) -> HttpResponseBase:
    """Answer a paper as a download to members only; nothing in it may run here."""
    found = find_or_404(get_document, request.member.merchant, product_id, document_id)
    try:
        source = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{found.public_id}.{EXTENSIONS.get(found.content_type, 'bin')}"
    response = FileResponse(
        source, as_attachment=True, filename=name, content_type=found.content_type
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _choices(request: MemberRequest, held: ProductFacts) -> list[Party]:
    """Return the companies in use, and those that the product names already."""
    named = {party.pk for name in PARTIES if (party := getattr(held, name)) is not None}
    rows = list_parties(request.member.merchant)
    return [party for party in rows if party.is_active or party.pk in named]


def _show(
    request: MemberRequest,
    product: Product,
    *,
    form: FactsForm | None = None,
    document_form: DocumentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    held = get_facts(product)
    shown = form or FactsForm(initial=initial_facts_of(held), parties=_choices(request, held))
    can_manage = may(request, permissions.PRODUCTS_MANAGE)
    for field in shown.fields.values():
        field.disabled = not can_manage
    wrong = next((item for item in (form, document_form) if item is not None), shown)
    context = {
        "section": "products",
        "product": product,
        "facts": held,
        "form": shown,
        "wrong": wrong,
        "parties": [shown[name] for name in PARTIES],
        "document_form": document_form or DocumentForm(auto_id="doc-%s"),
        "documents": depth.document_rows(product, today=utc_now().date()),
        "can_manage": can_manage,
    }
    return render(request, "dashboard/product_facts.html", context, status=status)
