"""How a company wants its new orders checked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.orders import events
from apps.orders.models import IntakeSetting

MAX_MINUTES = 7 * 24 * 60


def set_duplicate_minutes(
    merchant: Merchant, minutes: int, *, actor: Actor, now: datetime
) -> IntakeSetting:
    """Set how near two equal orders of one buyer must be to be held; 0 switches the check off.

    Refuses (422) more than a week.
    """
    if not 0 <= minutes <= MAX_MINUTES:
        sentence = _("Write a number of minutes from 0 to %(limit)s.") % {"limit": MAX_MINUTES}
        raise DomainError("orders.setting", sentence, status=422, fields={"minutes": sentence})
    with transaction.atomic():
        setting: IntakeSetting
        setting, _is_new = IntakeSetting.objects.update_or_create(
            merchant=merchant, defaults={"duplicate_minutes": minutes}
        )
        journal.record(
            events.SETTING_CHANGED,
            merchant=merchant,
            subject=setting,
            actor=actor,
            now=now,
            payload={"duplicate_minutes": minutes},
        )
    return setting
