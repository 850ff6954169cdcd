"""Equations of the docs as MathML: the part of LaTeX that the pages use, and an error for anything else."""

from __future__ import annotations

import re
from html import escape
from typing import Any

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:[.,][0-9]+)*|[A-Za-z]|\S")
COLUMN = re.compile(r"(?<!\\)&")
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω",
    "zeta": "ζ", "chi": "χ", "psi": "ψ", "varepsilon": "ε",
    "Delta": "Δ", "Sigma": "Σ", "infty": "∞", "ell": "ℓ",
}  # fmt: skip
SIGNS = {
    "cdot": "·", "times": "×", "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈", "leftarrow": "←", "rightarrow": "→",
    "in": "∈", "pm": "±", "ldots": "…", "{": "{", "}": "}",
    "%": "%", "&": "&amp;", "mid": "|", "sim": "∼",
}  # fmt: skip
SPACES = {"quad": "1em", ",": "0.17em", ";": "0.28em"}
BIG = {"sum": "∑", "prod": "∏"}
ACCENTS = {"bar": "¯", "hat": "^", "dot": "˙"}
FUNCTIONS = ("min", "max", "log", "ln", "exp")


class Reader:
    """Reads one equation from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = TOKEN.findall(self._protected(text))
        self.at = 0

    def _protected(self, text: str) -> str:
        """The text with the words of `\\text{...}` set aside, since spaces count in them."""
        self.words: list[str] = []

        def keep(match: re.Match[str]) -> str:
            self.words.append(match[1].replace("\\&", "&"))
            return f"\\words {len(self.words) - 1} "

        return re.sub(r"\\(?:text|mathrm|operatorname)\{([^{}]*)\}", keep, text)

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def row(self, *ends: str) -> str:
        """Everything up to one of `ends`, which is taken too."""
        out = []
        while self.next and self.next not in ends:
            out.append(self.scripted())
        if ends and not self.next:
            raise ValueError(f"equation lacks {ends[0]}: {self.text}")
        if ends:
            self.take()
        return f"<mrow>{''.join(out)}</mrow>"

    def scripted(self) -> str:
        """One item with what stands below and above it."""
        big = self.next.removeprefix("\\") in (*BIG, "min", "max")
        base, below, above = self.item(), "", ""
        while self.next in ("_", "^"):
            if self.take() == "_":
                below = self.item()
            else:
                above = self.item()
        kinds = ("munder", "mover", "munderover") if big and below else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{kinds[2]}>{base}{below}{above}</{kinds[2]}>"
        if below or above:
            kind = kinds[0] if below else kinds[1]
            return f"<{kind}>{base}{below}{above}</{kind}>"
        return base

    def item(self) -> str:
        """One letter, number, sign, group or command."""
        token = self.take()
        if token == "{":
            return self.row("}")
        if not token.startswith("\\"):
            kind = "mn" if token[0].isdigit() else "mi" if token.isalpha() else "mo"
            return f"<{kind}>{escape('−' if token == '-' else token)}</{kind}>"
        return self.command(token[1:])

    def command(self, name: str) -> str:
        """What a backslash introduces."""
        if name == "words":
            return f"<mtext>{escape(self.words[int(self.take())])}</mtext>"
        if name == "frac":
            return f"<mfrac>{self.item()}{self.item()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.item()}</msqrt>"
        if name in ACCENTS:
            return f'<mover accent="true">{self.item()}<mo>{ACCENTS[name]}</mo></mover>'
        if name == "left":
            opened, inner = self.take(), self.row("\\right")
            closed = self.take()
            return f"<mrow><mo>{self.fence(opened)}</mo>{inner}<mo>{self.fence(closed)}</mo></mrow>"
        if name in FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in GREEK:
            return f"<mi>{GREEK[name]}</mi>"
        if name in BIG:
            return f"<mo>{BIG[name]}</mo>"
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"/>'
        if name in SIGNS:
            return f"<mo>{SIGNS[name]}</mo>"
        raise ValueError(f"mathml.py does not know \\{name}; equation: {self.text}")

    def fence(self, token: str) -> str:
        return "" if token == "." else SIGNS.get(token.removeprefix("\\"), token)


def mathml(latex: str, display: str) -> str:
    """The equation as a MathML element; `\\\\` begins a new line, `&` is where lines are aligned."""
    lines = [line for line in re.split(r"\\\\", latex.strip()) if line.strip()]
    if len(lines) == 1 and not COLUMN.search(latex):
        body = Reader(lines[0]).row()
    else:
        cells = [[Reader(cell).row() for cell in COLUMN.split(line)] for line in lines]
        rows = ["".join(f'<mtd class="c{k}">{cell}</mtd>' for k, cell in enumerate(row)) for row in cells]
        body = '<mtable displaystyle="true">' + "".join(f"<mtr>{row}</mtr>" for row in rows) + "</mtable>"
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}">{body}</math>'


def visit_inline(self: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    self.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def visit_block(self: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    self.body.append(f'<div class="math">{mathml(node.astext(), "block")}</div>')
    raise SkipNode


def setup(app: Any) -> None:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
