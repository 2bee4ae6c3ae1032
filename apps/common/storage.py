"""Static files in production: hashed names, also inside our JavaScript modules."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Only our own modules: packages ship scripts that import bare names, which no file answers.
_MODULE_IMPORTS = (
    "js/*.js",
    (
        (
            r"""(?P<matched>import\(["'](?P<url>\./[\w.-]+\.js)["']\))""",
            """import("%(url)s")""",
        ),
        (
            r"""(?P<matched>from ["'](?P<url>\./[\w.-]+\.js)["'])""",
            '''from "%(url)s"''',
        ),
        (
            r"""(?P<matched>import ["'](?P<url>\./[\w.-]+\.js)["'])""",
            '''import "%(url)s"''',
        ),
    ),
)


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash file names and rewrite ``import`` paths, so that modules may be cached for ever."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, _MODULE_IMPORTS)
