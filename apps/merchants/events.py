"""Names of the events merchants emit. Payloads never hold addresses of people."""

from __future__ import annotations

MERCHANT_CREATED = "merchant.created"
MERCHANT_CHANGED = "merchant.settings_changed"
MERCHANT_SUSPENDED = "merchant.suspended"
MERCHANT_REACTIVATED = "merchant.reactivated"
STORE_RENAMED = "store.renamed"
MEMBER_INVITED = "member.invited"
MEMBER_JOINED = "member.joined"
MEMBER_ROLE_CHANGED = "member.role_changed"
MEMBER_DEACTIVATED = "member.deactivated"
MEMBER_REACTIVATED = "member.reactivated"
INVITATION_REVOKED = "invitation.revoked"
