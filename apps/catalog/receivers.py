"""What the catalog does on a worker: smaller copies of new pictures."""

from __future__ import annotations

from apps.catalog import events
from apps.catalog.services.images import make_smaller
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver


@receiver(events.PHOTO_CHANGED, name="catalog.pictures", queue="imports")
def make_copies(entry: JournalEntry) -> None:
    """Make the smaller copies that are missing; a later change of the same product finds none."""
    make_smaller(entry.subject_id)
