"""Reads Parquet files with Spark and compares them with what was to be written: see check_parquet.py for the notation.

    check_spark.py FOLDER

Files whose name ends in -duckdb or -Brotli-* hold what Spark refuses, and are left out.
"""

import decimal
import json
import pathlib
import sys

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as f

import notation


def readable(column, data_type):
    """What can be brought to the notation without Python's clock."""
    if data_type == "timestamp":
        return f.unix_micros(column)
    if data_type == "timestamp_ntz":
        return f.unix_micros(column.cast("timestamp"))
    if data_type == "date":
        return f.unix_date(column)
    if data_type.startswith("map"):
        return f.map_entries(column)
    return column


def plain(value):
    """Rows as structs, map entries as pairs."""
    if isinstance(value, Row):
        members = {name: plain(member) for name, member in value.asDict().items()}
        return list(members.values()) if list(members) == ["key", "value"] else members
    if isinstance(value, list):
        return [plain(element) for element in value]
    return bytes(value) if isinstance(value, bytearray) else value


def with_scale(value, data_type):
    """A decimal with its column's places: Python gets 1E-38 as 1.0E-38."""
    if value is None or not data_type.startswith("decimal"):
        return value
    places = int(data_type[8:-1].split(",")[1])
    return value.quantize(decimal.Decimal(1).scaleb(-places), context=decimal.Context(prec=40))


def check(spark, path):
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["columns"]
    frame = spark.read.parquet(str(path))
    if frame.columns != [column["name"] for column in expected]:
        yield f"{path.name}: Spark finds columns {frame.columns}"
        return
    types = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
    selected = [readable(frame["`" + name.replace("`", "``") + "`"], types[name]).alias(name) for name in frame.columns]
    rows = frame.select(selected).collect()
    for index, column in enumerate(expected):
        name, wanted = column["name"], column["type"].replace("json", "string")
        if not wanted.startswith(("array", "struct", "map")) and wanted != "uuid" and types[name] != wanted:
            yield f"{path.name}: Spark reads {name} as {types[name]}, not {wanted}"
        values = [notation.text(plain(with_scale(row[index], wanted))) for row in rows]
        if len(values) != len(column["values"]):
            yield f"{path.name}: Spark finds {len(values)} rows, not {len(column['values'])}"
        for row, (value, want) in enumerate(zip(values, column["values"])):
            if value != want:
                yield f"{path.name}: Spark reads {name}[{row}] as {value!r:.200}, not {want!r:.200}"
                break


def main(folder):
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    paths = sorted(pathlib.Path(folder).glob("*.parquet"))
    paths = [path for path in paths if "-Brotli-" not in path.name and not path.stem.endswith("-duckdb")]
    differences = []
    for path in paths:
        try:
            differences.extend(check(spark, path))
        except Exception as error:
            differences.append(f"{path.name}: Spark cannot read it: {str(error):.500}")
    for difference in differences:
        print(difference)
    print(f"{len(paths)} files read by Spark {spark.version}: {len(differences)} differences")
    return 1 if differences or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
