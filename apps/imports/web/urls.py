"""Pages of imports."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.imports.web import views

app_name = "imports"
urlpatterns: list[URLPattern] = [
    path("", views.run_list, name="list"),
    path("new/", views.new, name="new"),
    path("template/<str:kind>.<str:form>", views.template, name="template"),
    path("<str:public_id>/", views.run_page, name="run"),
    path("<str:public_id>/columns/", views.columns, name="columns"),
    path("<str:public_id>/apply/", views.apply, name="apply"),
    path("<str:public_id>/undo/", views.undo, name="undo"),
    path("<str:public_id>/problems/", views.problems, name="problems"),
]
