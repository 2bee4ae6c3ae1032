"""Names of the events imports record."""

from __future__ import annotations

IMPORT_UPLOADED = "import.uploaded"
IMPORT_READ = "import.read"
IMPORT_REFUSED = "import.refused"
IMPORT_CHECK_STARTED = "import.check_started"
IMPORT_CHECKED = "import.checked"
IMPORT_APPLY_STARTED = "import.apply_started"
IMPORT_APPLIED = "import.applied"
IMPORT_UNDO_STARTED = "import.undo_started"
IMPORT_UNDONE = "import.undone"
IMPORT_EXPIRED = "import.expired"
