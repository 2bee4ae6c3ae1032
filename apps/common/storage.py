"""Static files in production: hashed names, also inside JavaScript module imports."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash file names and rewrite ``import`` paths, so that modules may be cached for ever."""

    support_js_module_import_aggregation = True
