"""Pages of the people in a company: list, invitation, role, joining."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import (
    BOTH,
    READ,
    WRITE,
    find_or_404,
    member_page,
    open_page,
    permissions_of,
)
from apps.merchants import selectors, services
from apps.merchants.middleware import SESSION_KEY
from apps.merchants.models import Role
from apps.merchants.permissions import MEMBERS_MANAGE, ROLE_PERMISSIONS, SETTINGS_MANAGE
from apps.merchants.web.forms import InviteForm, RoleForm
from apps.merchants.web.labels import AREAS, ROLE_NOTES, Area
from apps.merchants.web.requests import MemberRequest, PersonRequest


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role as the pages explain it."""

    role: Role
    note: str
    sees: tuple[str, ...]
    changes: tuple[str, ...]


@member_page(*READ, permission=SETTINGS_MANAGE)
def list_members(request: MemberRequest) -> HttpResponse:
    """List members and open invitations."""
    merchant = request.member.merchant
    facts = {
        "members": list(selectors.list_members(merchant)[:500]),
        "invitations": list(selectors.list_invitations(merchant)[:100]),
        "may_manage": MEMBERS_MANAGE in permissions_of(request),
        "now": utc_now(),
        "tab": "members",
        "section": "settings",
    }
    return render(request, "merchants/members.html", facts)


@member_page(*BOTH, permission=MEMBERS_MANAGE)
def invite(request: MemberRequest) -> HttpResponse:
    """Invite a person by e-mail."""
    form = InviteForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            services.invite_member(
                request.member.merchant, **form.cleaned_data, by=request.member, now=utc_now()
            )
        except DomainError as error:
            form.add_error("email", error.message)
        else:
            sent = _("The invitation goes to %(email)s.") % {"email": form.cleaned_data["email"]}
            messages.success(request, sent)
            return redirect("merchants:members")
    facts = {"form": form, "roles": explain_roles(), "tab": "members", "section": "settings"}
    return render(request, "merchants/invite.html", facts, status=422 if form.errors else 200)


@member_page(*WRITE, permission=MEMBERS_MANAGE)
def revoke(request: MemberRequest, public_id: str) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = find_or_404(selectors.get_invitation, request.member.merchant, public_id)
    services.revoke_invitation(invitation, by=request.member, now=utc_now())
    messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect("merchants:members")


@member_page(*READ, permission=MEMBERS_MANAGE)
def member_page_view(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show a member, what each role would let them do, and how to switch them off."""
    member = find_or_404(selectors.get_member, request.member.merchant, public_id)
    facts = {
        "person": member,
        "form": RoleForm(initial={"role": member.role}),
        "roles": explain_roles(),
        "is_self": member.pk == request.member.pk,
        "tab": "members",
        "section": "settings",
    }
    return render(request, "merchants/member.html", facts)


@member_page(*WRITE, permission=MEMBERS_MANAGE)
def change_role(request: MemberRequest, public_id: str) -> HttpResponse:
    """Give a member another role."""
    member = find_or_404(selectors.get_member, request.member.merchant, public_id)
    wanted = request.POST.get("role", "")
    services.change_role(member, role=wanted, by=request.member, now=utc_now())
    messages.success(request, _("The role is changed. It counts from the next page they open."))
    return redirect("merchants:members")


@member_page(*WRITE, permission=MEMBERS_MANAGE)
def deactivate(request: MemberRequest, public_id: str) -> HttpResponse:
    """Switch a member off."""
    member = find_or_404(selectors.get_member, request.member.merchant, public_id)
    services.deactivate_member(member, by=request.member, now=utc_now())
    messages.success(request, _("The member is switched off and sees nothing from now on."))
    return redirect("merchants:members")


@member_page(*WRITE, permission=MEMBERS_MANAGE)
def reactivate(request: MemberRequest, public_id: str) -> HttpResponse:
    """Let a member that was switched off work again."""
    member = find_or_404(selectors.get_member, request.member.merchant, public_id)
    services.reactivate_member(member, by=request.member, now=utc_now())
    messages.success(request, _("The member works again."))
    return redirect("merchants:members")


@member_page(*READ)
def roles(request: MemberRequest) -> HttpResponse:
    """Show the presets: who sees what and who changes what."""
    matrix = [
        (area, [(role, _level(area, ROLE_PERMISSIONS[role])) for role in Role]) for area in AREAS
    ]
    facts = {
        "roles": explain_roles(),
        "matrix": matrix,
        "own_role": request.member.role,
        "tab": "roles",
        "section": "settings",
    }
    return render(request, "merchants/roles.html", facts)


@never_cache
@open_page(*BOTH)
def accept(request: PersonRequest, token: str) -> HttpResponse:
    """Show an invitation to anybody with its link; the invited person joins by POST."""
    invitation = selectors.find_invitation(token)
    if invitation is None:
        raise Http404
    if request.method == "POST" and request.user.is_authenticated:
        member = services.accept_invitation(token, user=request.user, now=utc_now())
        request.session[SESSION_KEY] = member.merchant.public_id
        joined = _("You now work for %(name)s.") % {"name": member.merchant.name}
        messages.success(request, joined)
        return redirect("/")
    is_over = bool(invitation.accepted_at or invitation.revoked_at)
    facts = {
        "invitation": invitation,
        "is_over": is_over or invitation.expires_at <= utc_now(),
        "is_same_person": request.user.is_authenticated and request.user.email == invitation.email,
        "note": ROLE_NOTES[invitation.role],
    }
    return render(request, "merchants/accept.html", facts)


def explain_roles() -> list[RoleView]:
    """Return every role with what it sees and changes."""
    explained = []
    for role in Role:
        held = ROLE_PERMISSIONS[role]
        explained.append(
            RoleView(
                role,
                str(ROLE_NOTES[role]),
                tuple(str(area.label) for area in AREAS if area.see and area.see in held),
                tuple(str(area.label) for area in AREAS if area.manage and area.manage in held),
            )
        )
    return explained


def _level(area: Area, held: frozenset[str]) -> str:
    if area.manage and area.manage in held:
        return "manage"
    return "see" if area.see and area.see in held else "none"
