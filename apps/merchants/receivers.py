"""What companies do when something happened: invitations go out by e-mail."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.merchants import events
from apps.merchants.models import Invitation
from apps.merchants.rules import digest_of
from apps.merchants.services import token_of


@receiver(events.MEMBER_INVITED, name="merchants.send_invitation", queue="webhooks")
def send_invitation(entry: JournalEntry) -> None:
    """Send the link of an invitation that is still open, in the invited person's language."""
    invitation = Invitation.objects.select_related("merchant", "invited_by").get(
        public_id=entry.subject_id
    )
    token = token_of(invitation.public_id)
    is_open = invitation.accepted_at is None and invitation.revoked_at is None
    if not is_open or digest_of(token) != invitation.token_digest:
        return
    with translation.override(invitation.language):
        link = settings.PORTAL_URL.rstrip("/") + reverse("merchants:accept", args=[token])
        facts = {
            "invitation": invitation,
            "link": link,
            "portal_name": settings.PORTAL_NAME,
            "inviter": invitation.invited_by.full_name or invitation.invited_by.email,
        }
        subject = render_to_string("merchants/mail/invitation_subject.txt", facts)
        body = render_to_string("merchants/mail/invitation.txt", facts)
    send_mail(" ".join(subject.split()), body, None, [invitation.email])
