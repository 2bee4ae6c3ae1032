"""Pages of the jobs app."""

from __future__ import annotations

from django.urls import path

from apps.jobs.web import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<str:public_id>/", views.job_page, name="job"),
    path("<str:public_id>/cancel/", views.cancel, name="cancel"),
    path("<str:public_id>/run-again/", views.run_again, name="run_again"),
    path("<str:public_id>/undo/", views.undo, name="undo"),
    path("<str:public_id>/file/", views.download, name="download"),
]
