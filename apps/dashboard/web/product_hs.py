"""Finding the HS code of a product: description, one question at a time, candidates, confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import selectors as catalog
from apps.catalog.models import Product
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, member_page
from apps.compliance.hs import selectors as hs
from apps.compliance.hs import services as hs_services
from apps.compliance.hs.guide import chinese_name
from apps.compliance.hs.questions import UNSURE
from apps.compliance.hs.suggest import Candidate, Suggestion, clean_answers, suggest
from apps.compliance.hs.words import ANSWERS, QUESTIONS, SOURCES, VAGUENESS
from apps.dashboard.selectors.shell import forget_facts
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

_MAX_DESCRIPTION = 2000


class DescriptionForm(forms.Form):
    """What the goods are, in the merchant's words."""

    q = forms.CharField(
        label=gettext_lazy("Describe the goods"),
        max_length=_MAX_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "What it is, of what, for whom and how it works, in English or Chinese."
        ),
    )


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given, and the address that takes it back."""

    question: str
    answer: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate as the page shows it."""

    candidate: Candidate
    dotted: str
    nearest: str
    source: str
    local_name: str
    is_current: bool


@member_page(*READ, permission=permissions.PRODUCTS_MANAGE)
def find(request: MemberRequest, product_id: str) -> HttpResponse:
    """Show candidates for the product's HS code, with reasons and the next question."""
    product = _found(request, product_id)
    form = DescriptionForm({"q": request.GET.get("q", _describe(product))})
    answers = clean_answers(request.GET.dict())
    if not form.is_valid():
        return _show(request, product, form, answers, None, status=422)
    return _show(request, product, form, answers, _suggest(form.cleaned_data["q"], answers))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def confirm(request: MemberRequest, product_id: str) -> HttpResponse:
    """Give the product the candidate that the person chose."""
    product = _found(request, product_id)
    form = DescriptionForm(request.POST)
    answers = clean_answers(request.POST.dict())
    if not form.is_valid():
        return _show(request, product, form, answers, None, status=422)
    description, code = form.cleaned_data["q"], request.POST.get("code", "")
    suggestion = _suggest(description, answers)
    if request.POST.get("version") != suggestion.version:
        form.add_error(None, _("The tariff data changed meanwhile. Look at the codes again."))
        return _show(request, product, form, answers, suggestion, status=409)
    now, actor = utc_now(), user_actor(request.user)
    try:
        hs_services.confirm_hs(
            product,
            code,
            suggestion=suggestion,
            description=description,
            answers=answers,
            actor=actor,
            now=now,
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return _show(request, product, form, answers, suggestion, status=error.status)
    forget_facts(request.member.merchant)
    messages.success(request, _("HS code %(code)s confirmed.") % {"code": _dotted(code)})
    return redirect("dashboard:product", product.public_id)


def _found(request: MemberRequest, product_id: str) -> Product:
    return find_or_404(catalog.get_product, request.member.merchant, product_id)


def _describe(product: Product) -> str:
    parts = dict.fromkeys(
        part.strip() for part in (product.customs_name, product.title, product.description)
    )
    return "\n".join(part for part in parts if part)[:_MAX_DESCRIPTION]


def _suggest(description: str, answers: Mapping[str, str]) -> Suggestion:
    library = hs.get_library()
    return suggest(description, answers, library.index, listed=library.vague_terms)


def _show(
    request: MemberRequest,
    product: Product,
    form: DescriptionForm,
    answers: Mapping[str, str],
    suggestion: Suggestion | None,
    *,
    status: int = 200,
) -> HttpResponse:
    question = suggestion.question if suggestion else None
    description = str(form.cleaned_data.get("q", ""))
    context = {
        "section": "products",
        "product": product,
        "form": form,
        "description": description,
        "answers": answers,
        "given": _given(description, answers),
        "version": suggestion.version if suggestion else "",
        "vague": VAGUENESS[suggestion.vagueness] if suggestion and suggestion.vagueness else "",
        "question": QUESTIONS[question.kind] if question else "",
        "kind": question.kind if question else "",
        "options": [(value, ANSWERS[value]) for value in question.options] if question else [],
        "unsure": (UNSURE, ANSWERS[UNSURE]),
        "rows": [_row(item, product) for item in suggestion.candidates] if suggestion else [],
    }
    return render(request, "dashboard/product_hs.html", context, status=status)


def _given(description: str, answers: Mapping[str, str]) -> list[Given]:
    return [
        Given(
            str(QUESTIONS[kind]),
            str(ANSWERS[value]),
            "?" + urlencode({"q": description} | {k: v for k, v in answers.items() if k != kind}),
        )
        for kind, value in answers.items()
    ]


def _row(candidate: Candidate, product: Product) -> Row:
    is_repeated = candidate.nearest == candidate.path[-1]
    is_chinese = (get_language() or "").startswith("zh")
    return Row(
        candidate,
        _dotted(candidate.code),
        "" if is_repeated else candidate.nearest,
        str(SOURCES.get(candidate.source, "")),
        chinese_name(candidate.code) if is_chinese else "",
        product.hs_code.startswith(candidate.code),
    )


def _dotted(code: str) -> str:
    return f"{code[:4]}.{code[4:]}"
