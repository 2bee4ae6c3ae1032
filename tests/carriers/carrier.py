"""A simulated carrier on a real socket, and an account with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django_scopes import scope, scopes_disabled

from apps.carriers import services, sources
from apps.carriers.contract import BookingRequest, Box, Goods, Party
from apps.carriers.models import Booking, CarrierAccount
from apps.common.clock import clock_at, utc_now
from apps.sandbox.carrier.server import Carrier, serve

SECRET = "key-of-the-test"
KIND = "test"


@contextmanager
def running_carrier(*, is_forgetful: bool = False) -> Iterator[tuple[Carrier, str]]:
    """Serve a carrier on a free port of the loopback; yields it and its address."""
    carrier = Carrier(SECRET)
    carrier.book.is_forgetful = is_forgetful
    server = serve(carrier, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield carrier, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def request_of(reference: str, *, street: str = "Ackerstr. 5", boxes: int = 1) -> BookingRequest:
    """Return a request for a parcel from Shenzhen to Berlin."""
    return BookingRequest(
        reference=reference,
        service="standard",
        sender=Party("Lanling Home", "Nanshan 8", "Shenzhen", "518000", "CN"),
        recipient=Party("Erika Mustermann", street, "Berlin", "10115", "DE"),
        boxes=[Box(640, 300, 200, 90)] * boxes,
        goods=[Goods("Cotton shirt", 2, 3980, "EUR", "610910", "CN")],
        incoterm="DDP",
    )


def build(booking: Booking) -> BookingRequest:
    """Build the request of a test's booking: the subject says what is wrong with it."""
    street = "" if booking.subject == "no-street" else "Ackerstr. 5"
    return request_of(booking.reference, street=street, boxes=booking.boxes)


sources.register(KIND, build)


def connect(merchant, url, actor, *, per_minute: int = 6000) -> CarrierAccount:
    """Return an account of the merchant whose services are known."""
    account = services.connect_account(
        merchant,
        name="Sim line",
        url=url,
        secret=SECRET,
        per_minute=per_minute,
        actor=actor,
        now=utc_now(),
    )
    return services.check_account(account, actor=actor)


def want(account, reference, actor, *, subject: str = "shp_1", boxes: int = 1) -> Booking:
    """Want one booking."""
    return services.want(
        account,
        request_of(reference, boxes=boxes),
        kind=KIND,
        subject=subject,
        actor=actor,
        now=utc_now(),
    )


def drive(merchant, *, steps: int = 60) -> None:
    """Work what is due, and move the clock to the next thing that will be, until nothing is."""
    moment = utc_now()
    for _step in range(steps):
        with scopes_disabled():
            waiting = Booking.objects.filter(merchant=merchant, next_at__isnull=False)
            following = waiting.order_by("next_at").values_list("next_at", flat=True).first()
        if following is None:
            return
        moment = max(moment, following) + timedelta(milliseconds=1)
        with clock_at(moment), scopes_disabled():
            for booking_id in services.list_due(now=moment):
                services.work(booking_id)
    raise AssertionError(f"still something to do after {steps} steps")


def fresh(booking: Booking) -> Booking:
    """Return the booking as it is now."""
    with scope(merchant=booking.merchant):
        found: Booking = Booking.objects.get(pk=booking.pk)
        return found
