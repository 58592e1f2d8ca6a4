"""What programs and papers must know of an export: a Frictionless Data Package, and a citation file (CFF)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from schemas.tables import TABLES, ColumnSpec
from storage.releases import Release

TITLE = "Work reports of CPPCC committees as tables"
# https://datapackage.org/profiles/2.0/datapackage.json
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
FIELD_TYPES = {
    "text": "string",
    "integer": "integer",
    "number": "number",
    "true or false": "boolean",
    "day": "date",
    "time (UTC)": "datetime",
}
# How a CSV file of ours writes times.
CSV_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"
MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def data_package(release: Release, target: Path, resources: dict[str, list[Path]], file_format: str) -> str:
    """The files of an export as a Frictionless Data Package, in JSON.

    Args:
        release: the release.
        target: folder of the export; paths are given below it.
        resources: files by table.
        file_format: `parquet`, `csv` or `xlsx`.
    """
    package = {
        "$schema": PROFILE,
        "name": "lvzhi",
        "title": TITLE,
        "version": str(release.number),
        "created": release.created_at,
        "resources": [_resource(name, target, files, file_format) for name, files in resources.items() if files],
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _resource(name: str, target: Path, files: list[Path], file_format: str) -> dict[str, Any]:
    spec = TABLES[name]
    paths = [path.relative_to(target).as_posix() for path in files]
    resource: dict[str, Any] = {
        "name": name,
        "type": "table",
        "path": paths[0] if len(paths) == 1 else paths,
        "description": spec.description,
        "format": file_format,
        "mediatype": MEDIA_TYPES[file_format],
        "bytes": sum(path.stat().st_size for path in files),
        "schema": {"fields": [_field(column, file_format) for column in spec.columns()], "primaryKey": list(spec.key)},
    }
    if file_format == "csv":
        resource["encoding"] = "utf-8"
    if len(files) == 1:
        with files[0].open("rb") as file:
            resource["hash"] = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    return resource


def _field(column: ColumnSpec, file_format: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": FIELD_TYPES[column.kind],
        "description": column.description,
    }
    if described["type"] == "datetime" and file_format == "csv":
        described["format"] = CSV_TIME
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    # An empty text of a CSV file is no value for Frictionless.
    if file_format == "csv" and column.kind == "text":
        constraints.clear()
    if column.values:
        constraints["enum"] = list(column.values)
    if constraints:
        described["constraints"] = constraints
    return described


def citation(release: Release) -> str:
    """How to cite a release, in the Citation File Format 1.2."""
    lines = [
        "cff-version: 1.2.0",
        "type: dataset",
        "message: If you use these tables, please cite the release.",
        f"title: {json.dumps(TITLE)}",
        "authors:",
        "  - name: lvzhi",
        f"version: {json.dumps(f'release {release.number}')}",
        f"date-released: {release.created_at[:10]}",
        "abstract: >-",
        f"  Release {release.number} of {release.created_at[:19]} UTC, made by run {release.run_id} with lvzhi",
        f"  {release.pipeline_version}. The texts belong to their publishers; each row names its source.",
    ]
    return "\n".join(lines) + "\n"
