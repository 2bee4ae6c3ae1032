"""The address of a shipment's public page: signed, so that nobody finds others by guessing.

A link works as long as the portal's key does (``SECRET_KEY`` or one of ``SECRET_KEY_FALLBACKS``):
a buyer who opens an old mail still finds the parcel.
"""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django_scopes import scopes_disabled

from apps.fulfillment.models import Shipment
from apps.fulfillment.states import ShipmentStatus

_SALT = "fulfillment.tracking_page"
_MARK = "."
_MAX_LENGTH = 120


def make_token(shipment: Shipment) -> str:
    """Return the token of a shipment's public page; the same one every time."""
    return Signer(salt=_SALT, sep=_MARK).sign(shipment.public_id)


def find_by_token(token: str) -> Shipment | None:
    """Return the shipment of a token with merchant, order and market; nothing for a wrong token.

    A shipment whose label was replaced leads to the newest one of its order that is not void: the
    buyer has the old link. This is the one door that needs no tenant scope: the signature says which
    row may be seen.
    """
    if len(token) > _MAX_LENGTH:
        return None
    try:
        public_id = Signer(salt=_SALT, sep=_MARK).unsign(token)
    except BadSignature:
        return None
    with scopes_disabled():
        found = Shipment.objects.select_related("merchant", "order__market", "order__store")
        found = found.defer("order__buyer_sealed", "order__buyer_key")
        named = found.filter(public_id=public_id).first()
        if named is None or named.status != ShipmentStatus.VOIDED:
            return named
        alive = found.filter(order=named.order_id).exclude(status=ShipmentStatus.VOIDED)
        return alive.order_by("-id").first() or named
