"""Read Parquet files with one library, and print a checksum of their rows; imports nothing of lvzhi.

    python read.py pandas|polars|duckdb|pyarrow KEY,KEY FILE …

Numbers count as numbers whatever their type, times as UTC: libraries differ in these.
"""

import datetime as dt
import hashlib
import json
import sys


def with_pandas(files):
    import pandas

    return pandas.concat([pandas.read_parquet(name) for name in files]).to_dict("records")


def with_polars(files):
    import polars

    return polars.concat([polars.read_parquet(name) for name in files]).to_dicts()


def with_duckdb(files):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SELECT * FROM read_parquet(?)", [files])
    names = [column[0] for column in connection.description]
    return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]


def with_pyarrow(files):
    import pyarrow
    import pyarrow.parquet

    return pyarrow.concat_tables([pyarrow.parquet.read_table(name) for name in files]).to_pylist()


def plain(value):
    """A value as all libraries have it."""
    if value is None or value != value or type(value).__name__ == "NaTType":
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (bool, str)) or type(value).__name__ in ("bool_", "bool"):
        return str(value)
    return float(value)


def main():
    library, keys, files = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
    rows = [{name: plain(row[name]) for name in sorted(row)} for row in globals()["with_" + library](files)]
    rows.sort(key=lambda row: [str(row[key]) for key in keys])
    text = json.dumps(rows, ensure_ascii=False)
    print(len(rows), hashlib.sha256(text.encode()).hexdigest())


if __name__ == "__main__":
    main()
