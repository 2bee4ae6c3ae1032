"""Pages of the merchants app."""

from __future__ import annotations

from django.urls import path

from apps.merchants.web import company, log, members

app_name = "merchants"
urlpatterns = [
    path("", company.settings_page, name="settings"),
    path("store/", company.rename_store, name="rename_store"),
    path("new/", company.create, name="create"),
    path("switch/", company.switch, name="switch"),
    path("roles/", members.roles, name="roles"),
    path("log/", log.activity, name="log"),
    path("members/", members.list_members, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/invitations/<str:public_id>/revoke/", members.revoke, name="revoke"),
    path("members/<str:public_id>/", members.member_page_view, name="member"),
    path("members/<str:public_id>/role/", members.change_role, name="change_role"),
    path("members/<str:public_id>/deactivate/", members.deactivate, name="deactivate"),
    path("members/<str:public_id>/reactivate/", members.reactivate, name="reactivate"),
    path("join/<str:token>/", members.accept, name="accept"),
]
