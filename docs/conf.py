"""How the docs are built: Markdown pages (MyST), reference from docstrings and data, equations as MathML, furo."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

import generate  # noqa: E402
import mathml  # noqa: E402

import gigawatt  # noqa: E402

project = "gigawatt"
author = "The gigawatt developers"
project_copyright = author
release = gigawatt.__version__
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "outputs"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
nitpicky = False

html_theme = "furo"
html_title = "gigawatt"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_math_renderer = "mathml"  # no script and no other host: browsers draw MathML themselves
language = "en"


def setup(app: object) -> None:
    """What is generated, and how equations are drawn."""
    generate.setup(app)
    mathml.setup(app)
