"""Long work of fulfilment: folding the parcels of a newly understood code again."""

from __future__ import annotations

from django_scopes import scope, scopes_disabled

from apps.fulfillment.models import CarrierCode, Parcel
from apps.fulfillment.services.codes import REFOLD, list_parcels_with, refold_parcel
from apps.jobs.progress import JobProgress
from apps.jobs.registry import job_runner


@job_runner(REFOLD)
def refold(progress: JobProgress) -> None:
    """Fold every parcel with events of a code again, one transaction each."""
    code = CarrierCode.objects.get(pk=int(str(progress.parameters["code"])))
    until = int(str(progress.parameters["until"]))
    with scopes_disabled():
        keys = list_parcels_with(code, until=until)
    for number, key in progress.pending(keys):
        with scopes_disabled():
            parcel = Parcel.objects.select_related("merchant", "shipment").get(pk=key)
        with (
            scope(merchant=parcel.merchant),
            progress.row(number, parcel.tracking_number),
        ):
            refold_parcel(parcel, code, actor=progress.actor, now=progress.now)
