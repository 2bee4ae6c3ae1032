#!/usr/bin/env python3
"""The one entry: sets the project up on any machine, then runs, tests, checks or measures it."""

from __future__ import annotations

import sys


def main() -> int:
    """Do what the command line asks; return the exit code."""
    # Everything newer than this check is imported after it, so that the message is seen.
    if sys.version_info < (3, 11):  # noqa: UP036 - runs before any requirement is checked
        sys.exit("Python 3.11 or newer is needed: run this script with it, e.g. python3.11 dev.py")
    from devtools.command_line import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
