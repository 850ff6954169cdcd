"""The command line. Nothing here is imported before it is used, so that `gigawatt --help` stays quick."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Runs the command of `sys.argv` and exits: 0 done, 2 mistakes in the input, 1 failed, 130 stopped by Ctrl-C."""
    try:
        from gigawatt.cli.app import app

        app(prog_name="gigawatt")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
