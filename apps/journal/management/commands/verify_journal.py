"""Check of the audit chains."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.journal.chain import find_faults
from apps.journal.models import ChainHead, JournalEntry


class Command(BaseCommand):
    """Recompute every chain and name each entry that was altered, removed or moved."""

    help = "Verify the hash chains of the journal; exits 1 when one does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print faults and a summary."""
        faults = 0
        tenants = list(ChainHead.objects.order_by("tenant_id").values_list("tenant_id", flat=True))
        for tenant in tenants:
            for fault in find_faults(tenant):
                faults += 1
                self.stderr.write(
                    f"chain {fault.tenant_id} number {fault.chain_number}"
                    f" {fault.subject}: {fault.problem}"
                )
        linked = JournalEntry.objects.filter(chain_number__isnull=False).count()
        if faults:
            raise CommandError(f"{faults} faults in {len(tenants)} chains, {linked} entries")
        self.stdout.write(f"{len(tenants)} chains, {linked} entries: every link holds")
