"""verify.py OUT.parquet TRUTH.json: says what DuckDB finds that is not as it was made; status 1 then."""

import json
import sys

import duckdb

out, truth = sys.argv[1], json.load(open(sys.argv[2]))
CHECKS = {
    "rows": "count(*)",
    "fare_cents": "sum(round(fare::DOUBLE * 100))::BIGINT",
    "note_chars": "sum(length(coalesce(note, '')))::BIGINT",
    "tips": "count(tip)",
    "shared": "count(*) FILTER (WHERE shared)",
    "zips": "count(*) FILTER (WHERE length(zip) = 5)",
    "i7": "sum(i7)::BIGINT",
    "f7_micro": "sum(round(f7::DOUBLE * 1000000))::BIGINT",
}
wrong = []
for name, want in truth.items():
    found = duckdb.sql(f"SELECT {CHECKS[name]} FROM '{out}'").fetchall()[0][0]
    if found != want:
        wrong.append(f"{name}: {found}, not {want}")
print("; ".join(wrong) or "right")
sys.exit(bool(wrong))
