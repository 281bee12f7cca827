"""Reads the files that were united with DuckDB, in its own way, and compares the rows.

    check_union.py FOLDER FILE.parquet

FOLDER holds CSV files in folders like `year=2024`; FILE.parquet is what came of `colonnade convert FOLDER --union all`.
"""

import pathlib
import sys

import duckdb


def main():
    folder, file = sys.argv[1:]
    files = sorted(str(path) for path in pathlib.Path(folder).glob("*=*/*=*/*.csv"))
    connection = duckdb.connect()
    (rows,) = connection.execute(f"select count(*) from read_parquet('{file}')").fetchone()
    names = [row[0] for row in connection.execute(f"describe select * from read_parquet('{file}')").fetchall()]
    # Folders with a leading zero are text here, and numbers there unless told.
    theirs = (
        "read_csv($files, union_by_name=true, hive_partitioning=true, filename=true, hive_types={'month': VARCHAR})"
    )
    columns = ", ".join(f'"{name}"' for name in names if name != "_source_file")
    wanted = f"select {columns}, filename as _source_file from {theirs}"
    found = f"select {columns}, _source_file from read_parquet('{file}')"
    for one, other in [(wanted, found), (found, wanted)]:
        parameters = {"files": files}
        rest = connection.execute(f"{one} except all {other}", parameters).fetchall()
        assert not rest, rest[:5]
    kinds = connection.execute(f"select typeof(columns(*)) from read_parquet('{file}') limit 1").fetchone()
    expected = connection.execute(f"select typeof(columns(*)) from ({wanted}) limit 1", {"files": files}).fetchone()
    by_name = dict(zip(names, kinds))
    assert tuple(by_name[name] for name in names if name != "_source_file") == expected[:-1], (kinds, expected)
    print(f"{rows} rows of {len(files)} files as DuckDB unites them")


main()
