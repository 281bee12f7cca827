"""Reads Arrow, CSV, JSON Lines and SQL files with pyarrow, Polars and DuckDB and compares each with what was to be written.

    check_outputs.py FOLDER

NAME.json beside NAME.arrow, NAME.csv, NAME.jsonl and NAME.sql is as check_parquet.py has it. DuckDB speaks PostgreSQL's
dialect, but for the texts of `bytea`, of which SQL files here have none.
"""

import base64
import decimal
import json
import pathlib
import sys

import duckdb
import polars
import pyarrow
import pyarrow.ipc

from check_parquet import arrow_values, type_names
from notation import text


def duckdb_type(column):
    return "VARCHAR" if column["type"] == "binary" else type_names(column["type"])[1]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def connect():
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection


def values_of(connection, relation, parameters, columns, decode):
    """Each column's values in the notation; times in microseconds, so that DuckDB's whole range is seen."""
    found = {}
    for column in columns:
        name = quoted(column["name"])
        value = f"epoch_us({name})" if column["type"].startswith("timestamp") else name
        rows = [row[0] for row in connection.execute(f"select {value} from {relation}", parameters).fetchall()]
        if column["type"] == "binary":
            rows = [None if row is None else decode(row) for row in rows]
        found[column["name"]] = [text(row) for row in rows]
    return found


def read_arrow(path, columns):
    table = pyarrow.ipc.open_file(path).read_all()
    return {name: arrow_values(table[name]) for name in table.column_names}


def read_arrow_polars(path, columns):
    frame = polars.read_ipc(path)
    return {name: arrow_values(frame[name].to_arrow()) for name in frame.columns}


def read_csv(path, columns):
    types = {column["name"]: duckdb_type(column) for column in columns}
    relation = "read_csv(?, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, columns = ?)"
    return values_of(connect(), relation, [path, types], columns, bytes.fromhex)


def read_jsonl(path, columns):
    # DuckDB reads every JSON number with a point as a double: decimals are read by Python's own parser.
    decimals = [column["name"] for column in columns if column["type"].startswith("decimal")]
    others = [column for column in columns if column["name"] not in decimals]
    types = {column["name"]: duckdb_type(column) for column in others}
    relation = "read_json(?, format = 'newline_delimited', columns = ?)"
    found = values_of(connect(), relation, [path, types], others, base64.b64decode)
    rows = [json.loads(line, parse_float=decimal.Decimal) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]
    return found | {name: [text(row[name]) for row in rows] for name in decimals}


def read_sql(path, columns):
    connection = connect()
    # As bytes: reading as text would change line ends within values.
    connection.execute(pathlib.Path(path).read_bytes().decode())
    return values_of(connection, "t", [], columns, None)


READERS = (
    ("arrow", "pyarrow", read_arrow),
    ("arrow", "Polars", read_arrow_polars),
    ("csv", "DuckDB", read_csv),
    ("jsonl", "DuckDB", read_jsonl),
    ("sql", "DuckDB", read_sql),
)


def check(path, reader, read):
    """The differences of one file, as sentences."""
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["columns"]
    try:
        found = read(str(path), expected)
    except Exception as error:
        yield f"{path.name}: {reader} cannot read it: {error}"
        return
    for column in expected:
        if column["name"] not in found:
            yield f"{path.name}: {reader} does not find {column['name']}"
            continue
        values = found[column["name"]]
        if len(values) != len(column["values"]):
            yield f"{path.name}: {reader} finds {len(values)} rows, not {len(column['values'])}"
        for row, (value, want) in enumerate(zip(values, column["values"])):
            if want is not None and path.suffix == ".sql":
                want = want.replace("\0", "\u2400")
            if value != want:
                yield f"{path.name}: {reader} reads {column['name']}[{row}] as {value!r:.200}, not {want!r:.200}"
                break


def main(folder):
    files = [(path, reader, read) for suffix, reader, read in READERS for path in sorted(pathlib.Path(folder).glob(f"*.{suffix}"))]
    differences = [difference for file in files for difference in check(*file)]
    for difference in differences:
        print(difference)
    versions = f"pyarrow {pyarrow.__version__}, DuckDB {duckdb.__version__}, Polars {polars.__version__}"
    print(f"{len(files)} readings by {versions}: {len(differences)} differences")
    return 1 if differences or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
