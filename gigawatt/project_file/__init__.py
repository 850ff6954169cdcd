"""Project files: YAML with units and ranges becomes a typed `Project`, or every mistake in it at once."""

from gigawatt.project_file.reading import ProjectFile, load_project

__all__ = ["ProjectFile", "load_project"]
