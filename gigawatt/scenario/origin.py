"""Where a value of a scenario comes from: a place in a file, or a fact of the catalog."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.catalog import Fact


@dataclass(frozen=True, slots=True)
class Origin:
    """Either a place (`file`, `line`, `column`) or the catalog `fact`; neither for a value nobody gave."""

    file: str = ""
    line: int = 0
    column: int = 0
    fact: Fact | None = None

    def __str__(self) -> str:
        if self.fact is not None:
            return f"catalog:{self.fact.table}:{self.fact.item}:{self.fact.attribute}"
        return f"{self.file}:{self.line}:{self.column}" if self.file else "default"

    @property
    def source(self) -> str:
        """The key of the source of a fact; `scenario` for a value of a file, `default` for one nobody gave."""
        if self.fact is not None:
            return self.fact.source
        return "scenario" if self.file else "default"
