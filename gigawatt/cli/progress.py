"""One line on stderr that says what is being done and how long it will take, for anything over a second."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

PATIENCE_S = 1.0  # silence before the first word
TICK_S = 0.2


class ProgressLine:
    """Call it with what is being done and the share done (0 to 1). One line, redrawn, or one a step in a file.

    A thread redraws it, so that a step which reports nothing, such as a compilation, is seen to go on.
    """

    def __init__(self, what: str = "starting") -> None:
        self.what, self.done, self.said = what, 0.0, ""
        self.started = time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True)

    def __call__(self, what: str, done: float) -> None:
        """Notes what is being done; cheap enough for every week."""
        self.what, self.done = what, done

    def __enter__(self) -> ProgressLine:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.thread.join()
        if self.said and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def line(self) -> str:
        """What the line says now."""
        elapsed_s = time.monotonic() - self.started
        share = f" {self.done:4.0%}, about {_span(elapsed_s / self.done - elapsed_s)} left" if 0 < self.done < 1 else ""
        return f"{self.what} ... {_span(elapsed_s)}{share}"

    def _tick(self) -> None:
        wait_s = PATIENCE_S
        while not self.over.wait(wait_s):
            wait_s = TICK_S
            if sys.stderr.isatty():
                sys.stderr.write(f"\r\x1b[K{self.line()}")
            elif self.said != self.what.rstrip("0123456789 of/"):
                sys.stderr.write(self.line() + "\n")
            self.said = self.what.rstrip("0123456789 of/")
            sys.stderr.flush()


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
