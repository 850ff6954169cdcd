"""Serving a tier: the group of chips and the batch that make most tokens per chip within its promises.

A group reads prompts and writes answers in turn. With P seconds for a prompt, step(B) for a decode step
of B requests that yields `accepted` tokens of each, and O tokens of answer:

    TPOT = step(B) / accepted + B * P / O            prompts of the others come in between
    TTFT = first + P * (1 + u / (2 (1 - u))) + step  u = B * P / (O * TPOT), one server, constant service
    tokens/s per chip = B / TPOT / chips
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from gigawatt.inference.roofline import DEFAULT, Efficiency, batch_that_fits, decode_step_s, prefill_s
from gigawatt.inference.shapes import Chip, Model, catalog_values
from gigawatt.units import SECONDS_PER_HOUR

MAX_CHIPS = 64  # widest group: beyond it collectives are no longer one switch or a small torus
STAGES = (1, 2, 4, 8)  # pipeline stages that are tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a user of a tier sends, gets and waits for; 0 means no promise."""

    name: str = "tier"
    tokens_in: float
    cached_share: float = 0.0  # of `tokens_in` already in a cache from an earlier turn
    tokens_out: float
    ttft_s: float = 0.0  # time to first token
    tpot_ms: float = 0.0  # time per output token
    deadline_hours: float = 0.0  # to the last token

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The tier called `name` in the catalog's table `tiers`."""
        return cls(name=name, **catalog_values("tiers", name, cls))

    @property
    def tpot_limit_s(self) -> float:
        """Longest time per output token, in seconds: the promise, else what the deadline leaves one stream."""
        if self.tpot_ms > 0:
            return self.tpot_ms / 1e3
        return self._deadline_s / self.tokens_out

    @property
    def streams(self) -> float:
        """Parallel attempts into which an answer must be split to be done by the deadline at the promised pace."""
        if self.deadline_hours <= 0:
            return 1.0
        return max(1.0, self.tokens_out * self.tpot_limit_s / self._deadline_s)

    @property
    def _deadline_s(self) -> float:
        return self.deadline_hours * SECONDS_PER_HOUR if self.deadline_hours > 0 else float("inf")

    @property
    def ttft_limit_s(self) -> float:
        """Longest time to first token, in seconds."""
        return self.ttft_s if self.ttft_s > 0 else float("inf")

    def context_tokens(self, model: Model) -> float:
        """Mean tokens in the cache while the answer is written; a full context is compacted to the window."""
        prompt = min(self.tokens_in, model.context_tokens)
        answer = self.tokens_out / self.streams
        return prompt + min(answer, model.context_tokens - prompt) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Speculation:
    """Guesses checked in a decode step and the tokens it yields on average.

    One multi-token-prediction layer guesses one token, right 80 to 90 % of the time: DeepSeek-V3 technical report,
    arXiv:2412.19437, section 5.4.3, which reports 1.8 times the tokens per second.
    """

    drafted_tokens: float = 1.0
    accepted_tokens: float = 1.8  # the sure one included


SPECULATION = Speculation()
NO_SPECULATION = Speculation(drafted_tokens=0.0, accepted_tokens=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """One way to serve a tier, at full load."""

    model: str
    chip: str
    tier: str
    precision: str
    chips: int  # in one group: tensor, expert and data parallel
    stages: int  # groups in a row, each with a part of the layers
    batch: int  # requests decoded together by a group
    ttft_s: float
    tpot_s: float
    output_tokens_per_s_per_chip: float
    queries_per_s_per_chip: float
    prefill_share: float  # of the chips' time
    j_per_output_token: float  # prompt included, at `system_power_w`, before PUE
    j_per_query: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A group of chips that serves a tier in one precision."""

    model: Model
    chip: Chip
    tier: Tier
    precision: str
    chips: int
    speculation: Speculation
    eff: Efficiency

    @property
    def prompt_s(self) -> float:
        """Seconds to read the part of one prompt that no cache holds."""
        fresh = self.tier.tokens_in * (1 - self.tier.cached_share)
        return prefill_s(self.model, self.chip, self.precision, fresh, self.chips, self.eff)

    def room(self, stages: int) -> int:
        """Requests whose caches fit; below 1 if none."""
        context = self.tier.context_tokens(self.model)
        return int(
            batch_that_fits(self.model, self.chip, self.precision, context, self.chips, stages=stages, eff=self.eff)
        )

    def pace_s(self, batch: int, prompt_s: float) -> tuple[float, float]:
        """(TTFT, TPOT) in seconds with `batch` requests in flight."""
        context = self.tier.context_tokens(self.model)
        drafted = self.speculation.drafted_tokens
        step_s = decode_step_s(self.model, self.chip, self.precision, batch, context, self.chips, self.eff, drafted)
        reading_s = batch * prompt_s / self.tier.tokens_out
        tpot_s = step_s / self.speculation.accepted_tokens + reading_s
        busy = reading_s / tpot_s
        return self.eff.first_s + prompt_s * (1 + busy / (2 * (1 - busy))) + step_s, tpot_s

    def keeps(self, batch: int, prompt_s: float) -> bool:
        """Whether `batch` requests in flight keep both promises."""
        ttft_s, tpot_s = self.pace_s(batch, prompt_s)
        return ttft_s <= self.tier.ttft_limit_s and tpot_s <= self.tier.tpot_limit_s


def serve(
    model: Model,
    chip: Chip,
    tier: Tier,
    precision: str | None = None,
    speculation: Speculation = SPECULATION,
    eff: Efficiency = DEFAULT,
) -> Serving:
    """The `Serving` with most output tokens per second and chip that keeps the tier's promises.

    Groups are powers of two, within the scale-up domain unless experts are spread; a wider group or a further
    stage is taken only if it gains. Memory that one group lacks is found by pipeline stages, whose hand-over
    time is left out. TTFT is that of requests that arrive evenly, not of a burst.

    Raises:
        ValueError: No group keeps the promises or holds the model.
    """
    precision = precision or chip.best_precision
    sizes = _group_sizes(model, chip)
    groups = [
        _Group(model=model, chip=chip, tier=tier, precision=precision, chips=n, speculation=speculation, eff=eff)
        for n in sizes
    ]
    found = [serving for group in groups for serving in _servings(group)]
    if not found:
        raise ValueError(
            f"{model.name} on {chip.name} in {precision} cannot keep tier {tier.name}: "
            f"TTFT {tier.ttft_limit_s:g} s, TPOT {tier.tpot_limit_s * 1e3:g} ms, up to {STAGES[-1]} stages "
            f"of {sizes[-1]} chips"
        )
    best = max(s.output_tokens_per_s_per_chip for s in found)
    good = [s for s in found if s.output_tokens_per_s_per_chip >= 0.99 * best]
    return min(good, key=lambda s: (s.chips * s.stages, s.chips))


def _group_sizes(model: Model, chip: Chip) -> list[int]:
    """Powers of two: within the scale-up domain, or across domains where experts can be spread."""
    limit = MAX_CHIPS if model.experts > 0 else min(int(chip.scaleup_domain), MAX_CHIPS)
    return [2**k for k in range(max(limit, 1).bit_length())]


def _servings(group: _Group) -> Iterable[Serving]:
    """The largest batch for each number of stages, up to the number that memory no longer limits."""
    room = [group.room(stages) for stages in STAGES]
    if room[-1] < 1:
        return
    prompt_s = group.prompt_s
    largest = _largest_batch(group, prompt_s, room[-1])
    for stages, fitting in zip(STAGES, room, strict=True):
        batch = min(fitting, largest)
        if batch >= 1:
            yield _serving(group, stages, batch, prompt_s)
        if fitting >= largest:
            return


def _largest_batch(group: _Group, prompt_s: float, room: int) -> int:
    """Largest batch up to `room` that keeps the promises, by bisection; 0 if none does."""
    low, high = 0, 1
    while high <= room and group.keeps(high, prompt_s):
        low, high = high, 2 * high
    high = min(high, room + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if group.keeps(middle, prompt_s) else (low, middle)
    return low


def _serving(group: _Group, stages: int, batch: int, prompt_s: float) -> Serving:
    ttft_s, tpot_s = group.pace_s(batch, prompt_s)
    tokens_per_s = batch / tpot_s / group.chips
    answer = group.tier.tokens_out
    return Serving(
        model=group.model.name,
        chip=group.chip.name,
        tier=group.tier.name,
        precision=group.precision,
        chips=group.chips,
        stages=stages,
        batch=batch,
        ttft_s=ttft_s,
        tpot_s=tpot_s,
        output_tokens_per_s_per_chip=tokens_per_s,
        queries_per_s_per_chip=tokens_per_s / answer,
        prefill_share=batch * prompt_s / answer / tpot_s,
        j_per_output_token=group.chip.system_power_w / tokens_per_s,
        j_per_query=group.chip.system_power_w / tokens_per_s * answer,
    )


def tokens_per_s_per_chip_table(
    tiers: Mapping[str, tuple[Tier, Model]], chips: Iterable[Chip], eff: Efficiency = DEFAULT
) -> dict[tuple[str, str], Serving]:
    """`Serving` by (chip, tier); pairs that no group can serve are left out.

    Args:
        tiers: Tier name to what is promised and the model that answers.
        chips: Chips to serve on, each in its best precision.
    """
    table: dict[tuple[str, str], Serving] = {}
    for chip in chips:
        for name, (tier, model) in tiers.items():
            try:
                table[chip.name, name] = serve(model, chip, tier, eff=eff)
            except ValueError:
                continue
    return table


def catalog_table(chips: Iterable[str], tiers: Iterable[str]) -> dict[tuple[str, str], Serving]:
    """`tokens_per_s_per_chip_table` of catalog chips and tiers, each tier with the model its row names."""
    from gigawatt.catalog import value

    pairs = {t: (Tier.from_catalog(t), Model.from_catalog(str(value("tiers", t, "model")))) for t in tiers}
    return tokens_per_s_per_chip_table(pairs, [Chip.from_catalog(c) for c in chips])
