"""Addresses of the promotion pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.dashboard.web import promotion_edit, promotions

_ONE = "promos/<str:promotion_id>/"
promotion_urlpatterns: list[URLPattern] = [
    path("promos/", promotions.promo_list, name="promos"),
    path("promos/new/", promotion_edit.new, name="promo_new"),
    path("promos/new/check/", promotion_edit.check, name="promo_check"),
    path("promos/new/save/", promotion_edit.create, name="promo_create"),
    path(_ONE, promotions.promo, name="promo"),
    path(f"{_ONE}edit/", promotion_edit.edit, name="promo_edit"),
    path(f"{_ONE}check/", promotion_edit.recheck, name="promo_recheck"),
    path(f"{_ONE}save/", promotion_edit.save, name="promo_save"),
    path(f"{_ONE}publish/", promotions.publish, name="promo_publish"),
    path(f"{_ONE}step/", promotions.step, name="promo_step"),
    path(f"{_ONE}codes/", promotions.codes, name="promo_codes"),
    path(f"{_ONE}codes/add/", promotions.add_codes, name="promo_codes_add"),
    path(f"{_ONE}codes/draw/", promotions.draw_codes, name="promo_codes_draw"),
]
