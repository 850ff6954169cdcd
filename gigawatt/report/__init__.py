"""The report of a run: one self-contained HTML file, and its charts for notebooks."""

from gigawatt.report.charts import charts
from gigawatt.report.page import write_html

__all__ = ["charts", "write_html"]
