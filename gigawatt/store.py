"""Runs on disk: `runs/NAME-HASH8/` holds the merged scenario, a manifest and one Parquet file for each table.

A run is written beside its place under a name that starts with a dot, and renamed when whole, so that a directory with
a manifest is a whole run. The manifest has the size and SHA-256 of every file: `load` refuses a damaged one. The same
tables give the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import platform
import re
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gigawatt.errors import GigawattError, nearest
from gigawatt.results import Array, Figure, Kind, Results, Table

FORMAT = 1
MANIFEST, SCENARIO, REPORT = "manifest.json", "scenario.yaml", "report.html"
RUNS = Path("runs")
ROWS_PER_GROUP = 122_880
SQL_OF_KIND: dict[Kind, str] = {
    "date": "DATE",
    "int": "BIGINT",
    "float": "DOUBLE",
    "text": "VARCHAR",
    "bool": "BOOLEAN",
}


class MergedScenario(Protocol):
    """What the store needs of a scenario."""

    @property
    def seed(self) -> int: ...

    def merged(self) -> dict[str, Any]:
        """The scenario after includes and overrides, as plain data."""
        ...


def run_directory(root: Path | str, name: str, hash: str) -> Path:
    """Where a run of that scenario name and hash belongs: `root/NAME-HASH8`."""
    slug = re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-.")[:60] or "run"
    return Path(root) / f"{slug}-{hash[:8]}"


def is_complete(directory: Path | str, hash: str) -> bool:
    """Whether a whole run of that hash, made by this very gigawatt, is in `directory`."""
    try:
        manifest = read_manifest(Path(directory))
    except GigawattError:
        return False
    same = manifest.get("hash") == hash and manifest.get("engine") == engine_hash()
    return same and all(_has_size(Path(directory) / name, entry) for name, entry in manifest["files"].items())


def save(results: Results, scenario: MergedScenario, directory: Path | str = RUNS) -> Path:
    """Writes the run under `directory`, whole or not at all, and returns its own directory.

    A run of the same name and hash that is there already is replaced.
    """
    root = Path(directory)
    root.mkdir(parents=True, exist_ok=True)
    clean(root)
    place = run_directory(root, results.scenario_name, results.hash)
    partial = root / f".{place.name}.partial-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir()
        _write_run(results, scenario, partial)
        _put(partial, place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def load(directory: Path | str) -> Results:
    """The results saved in `directory`, equal to those that were saved.

    Raises:
        GigawattError: No whole run is there, or a file differs from what was written.
    """
    directory = Path(directory)
    manifest = read_manifest(directory)
    for name, entry in manifest["files"].items():
        _verify(directory / name, entry)
    try:
        with _duckdb() as connection:
            tables = {n: _read_table(connection, directory, n, entry) for n, entry in manifest["tables"].items()}
        figures = [_figure(entry) for entry in manifest["figures"]]
        return Results(manifest["name"], manifest["hash"], tables, figures, manifest["run"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(directory, f"{MANIFEST} lacks or garbles {error}") from error


def find(run: Path | str, root: Path | str = RUNS) -> Path:
    """The directory of a run: a path, `latest`, or the start of NAME-HASH or of the hash of a run under `root`.

    Raises:
        GigawattError: No run, or more than one, is called that.
    """
    if (Path(run) / MANIFEST).is_file():
        return Path(run)
    runs, wanted = list_runs(root), str(run)
    if wanted == "latest" and runs:
        return runs[-1]
    found = [path for path in runs if wanted and _is_called(path, wanted)]
    if len(found) == 1:
        return found[0]
    raise GigawattError(_not_one(wanted, found, runs, Path(root)))


def list_runs(root: Path | str = RUNS) -> list[Path]:
    """The whole runs under `root`, the newest last."""
    manifests = [p for p in Path(root).glob(f"*/{MANIFEST}") if not p.parent.name.startswith(".")]
    return [path.parent for path in sorted(manifests, key=lambda path: (path.stat().st_mtime_ns, path.parent.name))]


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest of a run: hash, seed, versions, figures, files and tables."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except OSError:
        raise GigawattError(f"{directory} is not a run: it has no {MANIFEST}") from None
    except ValueError:
        raise _damaged(directory, f"{MANIFEST} is not JSON") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise _damaged(directory, f"{MANIFEST} has no list of files")
    if manifest.get("format") != FORMAT:
        raise GigawattError(f"{directory} has format {manifest.get('format')!r}; this gigawatt reads {FORMAT}")
    return manifest


def merged_scenario(directory: Path | str) -> dict[str, Any]:
    """The merged scenario of a saved run, as plain data."""
    import yaml

    text = (Path(directory) / SCENARIO).read_text(encoding="utf-8")
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}


def clean(root: Path) -> list[Path]:
    """Removes what processes that are gone left half-written under `root`, and returns it."""
    left = [path for path in root.glob(".*-*") if (m := re.search(r"\.(?:partial|old)-(\d+)$", path.name))
            and not _is_alive(int(m[1]))]  # fmt: skip
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return left


@lru_cache
def engine_hash() -> str:
    """Hash of the package's own files: runs made by another text of gigawatt are not reused."""
    root, digest = Path(__file__).parent, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".csv", ".yaml", ".html", ".css", ".js") and path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of gigawatt, Python and the libraries whose arithmetic or files a run depends on."""
    from importlib.metadata import PackageNotFoundError, version

    from gigawatt import __version__

    found = {"gigawatt": __version__, "python": platform.python_version()}
    for name in ("numpy", "numba", "duckdb"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def write_parquet(table: Table, path: Path, connection: Any = None) -> None:
    """Writes one table as Parquet; the same table gives the same bytes.

    Args:
        connection: DuckDB to write with, where many tables are written: opening one takes 20 ms.
    """
    if connection is None:
        with _duckdb() as own:
            return write_parquet(table, path, own)
    columns = {  # DuckDB reads no dates by day
        name: values.astype("datetime64[s]") if values.dtype.kind == "M" else values
        for name, values in table.columns.items()
    }
    casts = ", ".join(f"CAST({_quoted(c)} AS {SQL_OF_KIND[kind]}) AS {_quoted(c)}" for c, kind in table.kinds().items())
    connection.execute(
        f"COPY (SELECT {casts} FROM columns) TO '{_literal(path)}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
    )
    del columns


def read_parquet(name: str, path: Path, connection: Any = None) -> Table:
    """One table written by `write_parquet`."""
    if connection is None:
        with _duckdb() as own:
            return read_parquet(name, path, own)
    found = connection.execute(f"SELECT * FROM read_parquet('{_literal(path)}')").fetchnumpy()
    return Table(name, {column: _filled(values) for column, values in found.items()})


def _write_run(results: Results, scenario: MergedScenario, directory: Path) -> None:
    """Tables and scenario first, the manifest that vouches for them last; all of it on the disk before it returns."""
    (directory / SCENARIO).write_text(_yaml(scenario.merged()), encoding="utf-8")
    with _duckdb() as connection:
        for table in results.tables.values():
            write_parquet(table, directory / f"{table.name}.parquet", connection)
    files = {path.name: _entry(path) for path in sorted(directory.iterdir())}
    manifest = _manifest(results, scenario, files)
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")
    for path in (*directory.iterdir(), directory):
        _sync(path)


def _manifest(results: Results, scenario: MergedScenario, files: dict[str, Any]) -> dict[str, Any]:
    tables = {name: {"rows": len(table), "columns": table.kinds()} for name, table in results.tables.items()}
    figures = [
        {"name": f.name, "value": f.value if math.isfinite(f.value) else repr(f.value), "unit": f.unit, "text": f.text,
         "field": f.field}
        for f in results.figures
    ]  # fmt: skip
    return {"format": FORMAT, "name": results.scenario_name, "hash": results.hash, "seed": scenario.seed,
            "engine": engine_hash(), "versions": versions(), "figures": figures, "tables": tables, "files": files,
            "run": results.manifest}  # fmt: skip


def _put(partial: Path, place: Path) -> None:
    """Renames the finished run into its place; what was there goes away only once the new one is whole."""
    old = place.with_name(f".{place.name}.old-{os.getpid()}")
    if place.exists():
        place.rename(old)
    partial.rename(place)
    _sync(place.parent)
    shutil.rmtree(old, ignore_errors=True)


def _read_table(connection: Any, directory: Path, name: str, entry: dict[str, Any]) -> Table:
    table = read_parquet(name, directory / f"{name}.parquet", connection)
    if table.kinds() != entry["columns"] or len(table) != entry["rows"]:
        raise _damaged(directory, f"{name}.parquet does not have the rows and columns of {MANIFEST}")
    return table


def _figure(entry: dict[str, Any]) -> Figure:
    return Figure(entry["name"], float(entry["value"]), entry["unit"], entry["text"], entry["field"])


def _filled(values: Any) -> Array:
    """A column as DuckDB hands it over, missing values as NaN or NaT."""
    if isinstance(values, np.ma.MaskedArray):
        values = values.filled(np.datetime64("NaT") if values.dtype.kind == "M" else np.nan)
    return np.asarray(values)


def _verify(path: Path, entry: dict[str, Any]) -> None:
    if not path.is_file():
        raise _damaged(path.parent, f"{path.name} is missing")
    if _entry(path) != entry:
        raise _damaged(path.parent, f"{path.name} is not what was written (its size or SHA-256 differs)")


def _entry(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _has_size(path: Path, entry: dict[str, Any]) -> bool:
    return path.is_file() and path.stat().st_size == entry["bytes"]


def _damaged(directory: Path, why: str) -> GigawattError:
    return GigawattError(f"the run in {directory} is damaged: {why}; run the scenario again with --force")


def _is_called(path: Path, wanted: str) -> bool:
    return path.name.startswith(wanted) or path.name.rpartition("-")[2].startswith(wanted)


def _not_one(wanted: str, found: list[Path], runs: list[Path], root: Path) -> str:
    if found:
        names = ", ".join(path.name for path in reversed(found))
        return f"{len(found)} runs are called {wanted!r} (newest first): {names}; give more of the name, or `latest`"
    if not runs:
        return f"no run {wanted!r}: there are no runs in {root}/ yet; `gigawatt run` makes one"
    close = nearest(wanted, (path.name for path in runs))
    hint = f"; did you mean {close}?" if close else ""
    there = ", ".join(path.name for path in reversed(runs[-10:]))
    return f"no run {wanted!r} in {root}/{hint}; there are (newest first) {there}"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _duckdb() -> Iterator[Any]:
    """A database in memory with one thread, so that rows and bytes keep their order."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 1, "autoinstall_known_extensions": False})
    try:
        yield connection
    except duckdb.Error as error:
        raise GigawattError(f"DuckDB: {error}") from error
    except RuntimeError as error:
        if "interrupted" in str(error):  # what DuckDB makes of Ctrl-C in a query
            raise KeyboardInterrupt from None
        raise
    finally:
        connection.close()


def _yaml(data: dict[str, Any]) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
