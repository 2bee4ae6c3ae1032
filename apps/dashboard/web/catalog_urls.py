"""Addresses of the pages below a product: category, facts, papers, texts, preview, parties."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.dashboard.web import (
    parties,
    product_category,
    product_facts,
    product_preview,
    product_texts,
)

_PRODUCT = "products/<str:product_id>/"
catalog_urlpatterns: list[URLPattern] = [
    path(f"{_PRODUCT}category/", product_category.category, name="product_category"),
    path(f"{_PRODUCT}category/choose/", product_category.choose, name="product_category_choose"),
    path(
        f"{_PRODUCT}category/attributes/",
        product_category.save_attributes,
        name="product_attributes",
    ),
    path(f"{_PRODUCT}facts/", product_facts.facts, name="product_facts"),
    path(f"{_PRODUCT}facts/save/", product_facts.save, name="product_facts_save"),
    path(f"{_PRODUCT}documents/", product_facts.add_document, name="product_document_add"),
    path(
        f"{_PRODUCT}documents/<str:document_id>/",
        product_facts.document,
        name="product_document",
    ),
    path(
        f"{_PRODUCT}documents/<str:document_id>/withdraw/",
        product_facts.withdraw_document,
        name="product_document_withdraw",
    ),
    path(f"{_PRODUCT}texts/", product_texts.texts, name="product_texts"),
    path(f"{_PRODUCT}texts/save/", product_texts.save, name="product_text_save"),
    path(f"{_PRODUCT}texts/<str:market>/", product_texts.save_market, name="product_market_text"),
    path(
        f"{_PRODUCT}texts/<str:market>/decide/",
        product_texts.decide,
        name="product_market_text_decide",
    ),
    path(f"{_PRODUCT}preview/", product_preview.preview, name="product_preview"),
    path("compliance/parties/", parties.parties, name="parties"),
    path("compliance/parties/add/", parties.add, name="party_add"),
    path("compliance/parties/<str:party_id>/", parties.save, name="party_save"),
]
