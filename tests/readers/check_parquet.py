"""Reads Parquet files with pyarrow, DuckDB and Polars and compares each with what was to be written.

    check_parquet.py FOLDER

For each NAME.parquet in FOLDER there is NAME.json:

    {"columns": [{"name": "n", "type": "bigint", "values": ["1", null, ...]}, ...]}

Types are Spark DDL, values are in the notation of notation.py.
"""

import json
import pathlib
import sys

import duckdb
import polars
import pyarrow
import pyarrow.parquet

from notation import text

# What each reader calls a type: pyarrow, DuckDB, Polars.
TYPES = {
    "boolean": ("bool", "BOOLEAN", "Boolean"),
    "tinyint": ("int8", "TINYINT", "Int8"),
    "smallint": ("int16", "SMALLINT", "Int16"),
    "int": ("int32", "INTEGER", "Int32"),
    "bigint": ("int64", "BIGINT", "Int64"),
    "float": ("float", "FLOAT", "Float32"),
    "double": ("double", "DOUBLE", "Float64"),
    "string": ("string", "VARCHAR", "String"),
    "json": ("string", "VARCHAR", "String"),
    "binary": ("binary", "BLOB", "Binary"),
    "date": ("date32[day]", "DATE", "Date"),
    "timestamp": ("timestamp[us, tz=UTC]", "TIMESTAMP WITH TIME ZONE", "Datetime(time_unit='us', time_zone='UTC')"),
    "timestamp_ntz": ("timestamp[us]", "TIMESTAMP", "Datetime(time_unit='us', time_zone=None)"),
    "time": ("time64[us]", "TIME", "Time"),
    "uuid": ("extension<arrow.uuid>", "UUID", None),
}


def type_names(data_type):
    if data_type.startswith("decimal"):
        precision, scale = data_type[8:-1].split(",")
        return (
            f"decimal128({precision}, {scale})",
            f"DECIMAL({precision},{scale})",
            f"Decimal(precision={precision}, scale={scale})",
        )
    return TYPES.get(data_type, (None, None, None))


def arrow_values(column):
    return [text(value) for value in column.to_pylist()]


def read_pyarrow(path):
    table = pyarrow.parquet.ParquetFile(path, page_checksum_verification=True).read()
    return {name: (str(table.schema.field(name).type), arrow_values(table[name])) for name in table.column_names}


def read_duckdb(path):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    found = {}
    for name, data_type, *_ in connection.execute("describe select * from read_parquet(?)", [path]).fetchall():
        quoted = '"' + name.replace('"', '""') + '"'
        value = f"epoch_us({quoted})" if data_type.startswith("TIMESTAMP") else quoted
        rows = connection.execute(f"select {value} from read_parquet(?)", [path]).fetchall()
        values = [row[0] for row in rows]
        if data_type.startswith("MAP"):
            values = [value if value is None else list(value.items()) for value in values]
        found[name] = (data_type, [text(value) for value in values])
    return found


def read_polars(path):
    frame = polars.read_parquet(path)
    return {name: (str(frame[name].dtype), arrow_values(frame[name].to_arrow())) for name in frame.columns}


READERS = (("pyarrow", read_pyarrow), ("DuckDB", read_duckdb), ("Polars", read_polars))


def check(path):
    """The differences of one file, as sentences."""
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["columns"]
    for index, (reader, read) in enumerate(READERS):
        try:
            found = read(str(path))
        except Exception as error:
            yield f"{path.name}: {reader} cannot read it: {error}"
            continue
        if list(found) != [column["name"] for column in expected]:
            yield f"{path.name}: {reader} finds columns {list(found)}"
            continue
        for column in expected:
            data_type, values = found[column["name"]]
            wanted = type_names(column["type"])[index]
            if wanted is not None and data_type != wanted:
                yield f"{path.name}: {reader} reads {column['name']} as {data_type}, not {wanted}"
            if len(values) != len(column["values"]):
                yield f"{path.name}: {reader} finds {len(values)} rows, not {len(column['values'])}"
            for row, (value, want) in enumerate(zip(values, column["values"])):
                if value != want:
                    yield f"{path.name}: {reader} reads {column['name']}[{row}] as {value!r:.200}, not {want!r:.200}"
                    break


def main(folder):
    paths = sorted(pathlib.Path(folder).glob("*.parquet"))
    differences = [difference for path in paths for difference in check(path)]
    for difference in differences:
        print(difference)
    versions = f"pyarrow {pyarrow.__version__}, DuckDB {duckdb.__version__}, Polars {polars.__version__}"
    print(f"{len(paths)} files read by {versions}: {len(differences)} differences")
    return 1 if differences or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
