"""Measured serving points from a CSV: what each row says, repaired where that is known, or why it cannot be used.

Columns as in the serving measurements of the PyPI wheel aiconfigurator-core 0.12.0: id, family, model_path, system,
backend, backend_version, precision, gemm_quant_mode, moe_quant_mode, isl, osl, batch_size, concurrency, tp_size,
pp_size, attention_dp_size, moe_tp_size, moe_ep_size, silicon_ttft_ms, silicon_tpot_ms, silicon_data_source.
Only model, system, lengths and load are needed; measured times may be missing, or be called ttft_ms and tpot_ms. A
column `drafted_tokens` says how many tokens a row's speculation guesses ahead, `chips` how many chips it took in all.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gigawatt.catalog import plain
from gigawatt.inference.formats import allowed
from gigawatt.inference.loop import users_that_fit
from gigawatt.inference.points import Layout, Load, Points, point, stack
from gigawatt.inference.shapes import FLOP_PER_WEIGHT, PRECISIONS, Chip, Model

# Words of a checkpoint's name that do not change its shape.
DECORATIONS = re.compile(
    r"-((nv|mx)?fp4-v\d+|instruct|chat|hf|base|it|thinking|preview|fp8|nvfp4|fp4|mxfp4|bf16|awq|gptq|int4|int8|w4a16|"
    r"dynamic|static|pertensor|per|tensor|v\d+\.\d+|\d{4}|sxm|sxm5)(?=-|$)"
)
NEEDED = ("system", "isl", "osl", "concurrency")
LARGEST_BOX = 8  # chips of the servers that published rows come from
CREDIBLE_MFU = 0.5  # of the 8-bit peak, prompt and answer together: no serving software comes near
FASTER_TWIN = 1.25  # two measurements of one visible configuration further apart differ in speculation
DRAFTED_TOKENS = 2.0  # guesses per step where rows speculate and do not say how


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured serving point."""

    id: str
    family: str
    model: Model
    chip: Chip
    precision: str
    framework: str
    version: str
    day: str  # measured on, ISO; empty where unknown
    layout: Layout
    load: Load
    ttft_s: float  # NaN where not measured
    tpot_s: float
    doubt: str = ""  # why the row is set aside in statistics; empty where it is sound

    @property
    def configuration(self) -> tuple[object, ...]:
        """What is visible of the point: equal for two measurements of the same thing."""
        lay, load = self.layout, self.load
        return (
            *(self.model.name, self.chip.name, self.framework, self.precision),
            *(load.input_tokens, load.output_tokens, load.users, lay.tp, lay.dp, lay.ep),
        )

    @property
    def campaign(self) -> tuple[str, ...]:
        """Measurements made together: framework, chip, model and day."""
        return (self.model.name, self.chip.name, self.framework, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Rows that can be predicted, and why the others cannot, by their id."""

    rows: tuple[Row, ...]
    refused: tuple[tuple[str, str], ...]

    @property
    def sound(self) -> tuple[Row, ...]:
        """Rows whose measurement says what it measured."""
        return tuple(row for row in self.rows if not row.doubt)

    @property
    def set_aside(self) -> dict[str, int]:
        """How many rows are left out of statistics, by reason."""
        return dict(Counter([row.doubt for row in self.rows if row.doubt] + [why for _, why in self.refused]))


class Unusable(ValueError):
    """Why a row cannot be predicted."""


def read(path: Path) -> Reading:
    """Rows of a CSV, repaired where that is known, those that speculate marked.

    Raises:
        ValueError: The file lacks a column that is needed.
    """
    with path.open(newline="", encoding="utf-8") as lines:
        table = csv.DictReader(lines)
        missing = [name for name in NEEDED if name not in (table.fieldnames or ())]
        if missing:
            raise ValueError(f"{path}: no column {', '.join(missing)}; needed: {', '.join(NEEDED)}")
        return read_rows(table)


def read_rows(lines: Iterable[Mapping[str, str]]) -> Reading:
    """As `read`, from rows at hand."""
    rows: list[Row] = []
    refused: list[tuple[str, str]] = []
    for number, line in enumerate(lines, start=2):
        name = line.get("id") or f"line {number}"
        try:
            rows.append(row_of(line, name))
        except Unusable as why:
            refused.append((name, str(why)))
    return Reading(rows=mark_speculation(mark_repetitions(rows)), refused=tuple(refused))


def row_of(line: Mapping[str, str], name: str) -> Row:
    """A row of the CSV as a serving point.

    Raises:
        Unusable: It names no known model or chip, or no load.
    """
    model, chip = model_of(line), chip_of(line.get("system", ""))
    layout, doubts = layout_of(line)
    users, load_doubt = users_of(line, layout)
    load = Load(
        users=users,
        input_tokens=number(line, "isl"),
        output_tokens=number(line, "osl"),
        drafted=drafted_of(line),
        synchronised=float(not measured_on(line)),  # only the public benchmark, whose lengths vary, dates its rows
    )
    if not (load.input_tokens >= 1 and load.output_tokens >= 1):
        raise Unusable("isl or osl blank or below 1")
    precision = precision_of(line)
    if precision not in allowed(chip):
        raise Unusable(f"{chip.name} has no precision {precision}")
    row = Row(
        id=name,
        family=line.get("family") or model.name,
        model=model,
        chip=chip,
        precision=precision,
        framework=framework_of(line),
        version=line.get("backend_version") or "",
        day=measured_on(line),
        layout=layout,
        load=load,
        ttft_s=milliseconds(line, "ttft_ms") / 1e3,
        tpot_s=milliseconds(line, "tpot_ms") / 1e3,
    )
    if not (row.ttft_s > 0 or row.tpot_s > 0) and users_that_fit(points_of([row])).item() < 1:
        raise Unusable(f"{model.name} in {precision} does not fit in the memory of {layout.chips:g} {chip.name}")
    if implied_mfu(row) > CREDIBLE_MFU:
        doubts = (*doubts, "throughput beyond the chips' reach: load spread over unstated replicas")
    return replace(row, doubt=next(iter((*load_doubt, *doubts)), ""))


def number(line: Mapping[str, str], column: str) -> float:
    """A number of the row; NaN where blank."""
    text = (line.get(column) or "").strip()
    try:
        found = float(text or "nan")
    except ValueError:
        raise Unusable(f"{column} {text!r} is not a number") from None
    if text and not math.isfinite(found) and text.lower() != "nan":
        raise Unusable(f"{column} {text!r} is not finite")
    return found


def drafted_of(line: Mapping[str, str]) -> float:
    """Tokens guessed ahead in a step, where the row says so."""
    found = number(line, "drafted_tokens")
    return found if found > 0 else 0.0


def milliseconds(line: Mapping[str, str], column: str) -> float:
    """A measured time, under its plain name or as `silicon_...`; NaN where blank."""
    return number(line, f"silicon_{column}" if line.get(f"silicon_{column}") else column)


def model_of(line: Mapping[str, str]) -> Model:
    """The catalog model that the row's `model_path`, or else its `family`, names."""
    for text in (line.get("model_path") or "", line.get("family") or ""):
        for name in (text, undecorated(text)):
            try:
                return Model.from_catalog(name)
            except ValueError:
                continue
    raise Unusable(f"unknown model {line.get('model_path') or line.get('family')!r}")


def chip_of(system: str) -> Chip:
    """The catalog chip that `system` names."""
    for name in (system, undecorated(system)):
        try:
            return Chip.from_catalog(name)
        except ValueError:
            continue
    raise Unusable(f"unknown chip {system!r}")


def undecorated(name: str) -> str:
    """A checkpoint's name without what does not change its shape."""
    return DECORATIONS.sub("", plain(name).removeprefix("meta-"))


def precision_of(line: Mapping[str, str]) -> str:
    """Precision of the row; where blank, from the quantisation columns, else from the checkpoint's name."""
    stated = (line.get("precision") or "").lower()
    if stated and not any(name in stated for name in ("int4", "fp4", "fp8", "bf16", "fp16", "float16")):
        raise Unusable(f"unknown precision {stated!r}; known: {', '.join(PRECISIONS)}")
    text = (stated or line.get("gemm_quant_mode") or line.get("model_path") or "").lower()
    return next((name for name in ("int4", "fp4", "fp8") if name in text), "bf16")


def framework_of(line: Mapping[str, str]) -> str:
    """The serving framework of the row's `backend`; vLLM where blank.

    Raises:
        Unusable: One that the estimator does not know.
    """
    name = plain(line.get("backend") or "vllm")
    for known, parts in {"sglang": ("sglang",), "trtllm": ("trt", "tensorrt"), "vllm": ("vllm",)}.items():
        if any(part in name for part in parts):
            return known
    raise Unusable(f"unknown framework {line.get('backend')!r}; known: vllm, sglang, trtllm")


def layout_of(line: Mapping[str, str]) -> tuple[Layout, tuple[str, ...]]:
    """How the row spreads its model, three defects of published columns repaired, and what stays in doubt.

    N chips called 'TP N, EP N' were multiplied to N x N; blank attention-DP means what is left over; expert
    degrees whose product exceeds the chips are pure expert parallelism.
    """
    tp, pp, moe_tp, ep = (degree(line, name) for name in ("tp_size", "pp_size", "moe_tp_size", "moe_ep_size"))
    dp, doubts = degree(line, "attention_dp_size"), []
    if not number(line, "attention_dp_size") >= 1:
        dp = max(1.0, max(tp, moe_tp * ep) // tp)
        if dp > 1:
            doubts.append("attention narrower than experts, attention-DP blank: layout unknown")
    elif tp * dp > LARGEST_BOX and moe_tp == ep and moe_tp * ep == tp * dp:
        tp, dp = (ep, 1.0) if tp > 1 else (1.0, ep)
    stated = number(line, "chips")
    if stated >= dp * pp and tp * dp * pp > stated:  # some frameworks count attention replicas within tp
        tp = stated / (dp * pp)
    chips = tp * dp
    if moe_tp * ep != chips:
        ep = chips if ep > 1 else 1.0
    if tp != 2 ** round(math.log2(tp)):
        doubts.append("tensor parallelism that does not divide the heads")
    return Layout(tp=tp, dp=dp, ep=ep, pp=pp), tuple(doubts)


def degree(line: Mapping[str, str], column: str) -> float:
    """A degree of parallelism; 1 where blank."""
    found = number(line, column)
    return found if found >= 1 else 1.0


def users_of(line: Mapping[str, str], layout: Layout) -> tuple[float, tuple[str, ...]]:
    """Users at a time, and what is in doubt; the batch stands in where the concurrency is blank.

    Raises:
        Unusable: Neither is given.
    """
    users, batch = number(line, "concurrency"), number(line, "batch_size")
    if users > 0:
        unclear = not number(line, "attention_dp_size") >= 1 and batch > 0 and batch != users
        return users, ("batch size and concurrency differ, attention-DP blank: load unknown",) * unclear
    if batch > 0:
        return batch * layout.dp, ("concurrency blank",)
    raise Unusable("concurrency and batch_size blank")


def measured_on(line: Mapping[str, str]) -> str:
    """The day that the row's origin tells."""
    found = re.search(r"measured=(\d{4}-\d\d-\d\d)", line.get("silicon_data_source") or "")
    return found[1] if found else ""


def implied_mfu(row: Row) -> float:
    """Share of the 8-bit peak that the row's own times would need by Little's law; 0 where not measured."""
    took_s = row.ttft_s + row.load.output_tokens * row.tpot_s
    if not took_s > 0:
        return 0.0
    model = row.model
    active = sum(product.weights for product in model.products) + model.expert_params * model.experts_active
    tokens_per_s = row.load.users / took_s * (row.load.input_tokens + row.load.output_tokens)
    peak = row.chip.fp8_flop_per_s or row.chip.bf16_flop_per_s
    return float(tokens_per_s * FLOP_PER_WEIGHT * active / (row.layout.chips * peak))


def mark_repetitions(rows: Sequence[Row]) -> list[Row]:
    """Rows with those in doubt that repeat an earlier measurement of the same model and load."""
    seen: set[tuple[object, ...]] = set()
    marked = []
    for row in rows:
        load = row.load
        measured = (round(row.ttft_s, 6), round(row.tpot_s, 6))
        key = (row.model.name, row.chip.name, load.input_tokens, load.output_tokens, load.users, *measured)
        if math.isfinite(row.ttft_s) and not row.doubt:
            if key in seen:
                row = replace(row, doubt="same measurement published twice")
            seen.add(key)
        marked.append(row)
    return marked


def mark_speculation(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows that their TPOT shows to speculate, which no column records, with their guesses per step.

    Two measurements of one visible configuration that differ by more than `FASTER_TWIN` in TPOT are read as
    without and with speculation. A campaign is marked whole when at least half of its comparable rows are the faster
    twin; else the faster of each of its twins.
    """
    twins: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if row.model.draft_layers > 0 and math.isfinite(row.tpot_s) and not row.doubt:
            twins[row.configuration].append(i)
    compared: set[int] = set()
    fast: set[int] = set()
    for same in twins.values():
        if len(same) > 1:
            slowest = max(rows[i].tpot_s for i in same)
            compared.update(same)
            fast.update(i for i in same if rows[i].tpot_s < slowest / FASTER_TWIN)
    marked = set(fast)
    by_campaign: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i in range(len(rows)):
        by_campaign[rows[i].campaign].append(i)
    for own in by_campaign.values():
        comparable = [i for i in own if i in compared]
        if comparable and sum(i in fast for i in comparable) >= len(comparable) / 2 and any(i in fast for i in own):
            marked.update(own)
    return tuple(
        replace(row, load=replace(row.load, drafted=DRAFTED_TOKENS)) if i in marked and not row.load.drafted else row
        for i, row in enumerate(rows)
    )


def points_of(rows: Sequence[Row]) -> Points:
    """The rows as one stacked set of serving points, in their order."""
    return stack([point(r.model, r.chip, r.precision, r.layout, r.load, r.framework) for r in rows])
