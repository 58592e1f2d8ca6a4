"""The columns of a table as Arrow has them: types that every reader knows, descriptions in the metadata."""

from __future__ import annotations

import hashlib
import json

import polars as pl
import pyarrow as pa

from schemas.tables import TABLES, TableSpec

ARROW_TYPES: dict[type[pl.DataType], pa.DataType] = {
    pl.String: pa.string(),
    pl.Int64: pa.int64(),
    pl.Float64: pa.float64(),
    pl.Boolean: pa.bool_(),
    pl.Date: pa.date32(),
    pl.Datetime: pa.timestamp("us", "UTC"),
}


def arrow_schema(spec: TableSpec) -> pa.Schema:
    """Schema of a table: plain types, each field and the whole with its `description`."""
    described = {column.name: column.description for column in spec.columns()}
    fields = [
        pa.field(name, ARROW_TYPES[kind.base_type()], metadata={"description": described[name]})
        for name, kind in spec.schema.items()
    ]
    return pa.schema(fields, metadata={"table": spec.name, "description": spec.description})


def schema_hash(name: str) -> str:
    """Mark of the columns of a table: changes with a name, a type, or their order."""
    columns = [[column, str(kind)] for column, kind in TABLES[name].schema.items()]
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16]
