"""The command line. Nothing here is imported before it is used, so that `gigawatt --help` stays quick."""

from __future__ import annotations

import gc

__all__ = ["main"]

GARBAGE_AFTER = 20_000  # objects; a command makes many and drops few, and the default of 700 costs a tenth of a second


def main() -> None:
    """Runs the command of `sys.argv` and exits: 0 done, 2 mistakes in the input, 1 failed, 130 stopped by Ctrl-C."""
    gc.set_threshold(GARBAGE_AFTER, 50)
    try:
        from gigawatt.cli.app import app

        app(prog_name="gigawatt")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
