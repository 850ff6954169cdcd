"""What a failed command says and exits with: every message is for the reader, and no traceback unless asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from gigawatt.errors import GigawattError, ScenarioError

MISTAKES, FAILED, STOPPED = 2, 1, 130
LISTED = 20  # lines of mistakes or warnings that are told
DEBUG = "--debug"


class Guarded(TyperGroup):
    """A group of commands whose failures end in a message and an exit code; `--debug` anywhere shows the traceback."""

    debug = False

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Takes `--debug` out of the arguments, wherever it stands before `--`."""
        end = args.index("--") if "--" in args else len(args)
        Guarded.debug = DEBUG in args[:end] or bool(os.environ.get("GIGAWATT_DEBUG"))
        return list(super().parse_args(ctx, [arg for arg in args[:end] if arg != DEBUG] + args[end:]))

    def invoke(self, ctx: Any) -> Any:
        """Runs the command."""
        return guarded(lambda: super(Guarded, self).invoke(ctx), Guarded.debug)


def guarded(command: Callable[[], Any], debug: bool = False) -> Any:
    """What `command` returns, or typer's Exit with the code of its failure, after saying it on stderr."""
    try:
        return command()
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        say("stopped; nothing half-written is left")
        raise typer.Exit(STOPPED) from None
    except (GigawattError, OSError, MemoryError) as error:
        if debug:
            raise
        say(_said(error))
        raise typer.Exit(MISTAKES if isinstance(error, ScenarioError) else FAILED) from None
    except Exception as error:
        if debug or isinstance(error, typer.Exit | typer.Abort) or _is_usage(error):
            raise
        say(f"unexpected {type(error).__name__}: {error}")
        say("This is a fault of gigawatt. Please report it with the scenario and what `--debug` prints.")
        raise typer.Exit(FAILED) from None


def say(text: str) -> None:
    """One message on stderr."""
    print(text, file=sys.stderr, flush=True)


def few(lines: Sequence[str]) -> str:
    """The first LISTED lines, and how many more there are."""
    more = [f"and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return "\n".join([*lines[:LISTED], *more])


def _said(error: BaseException) -> str:
    if isinstance(error, ScenarioError):
        count = len(error.mistakes)
        said = few([str(mistake) for mistake in error.mistakes])
        return f"{said}\n{count} {'mistake' if count == 1 else 'mistakes'}"
    if isinstance(error, MemoryError):
        return "out of memory: try fewer weeks or companies"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'file'}: {error.strerror}"
    return str(error)


def _is_usage(error: Exception) -> bool:
    """Whether it is a mistake in the command line, which typer shows by itself with exit code 2."""
    return hasattr(error, "exit_code") and hasattr(error, "show")
