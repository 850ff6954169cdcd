"""How the docs are built: Markdown pages (MyST), reference from docstrings, the furo theme."""

from __future__ import annotations

import gigawatt

project = "gigawatt"
author = "The gigawatt developers"
project_copyright = author
release = gigawatt.__version__
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
nitpicky = False

html_theme = "furo"
html_title = "gigawatt"
html_copy_source = False
language = "en"
