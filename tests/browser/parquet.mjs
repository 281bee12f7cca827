// Other programs' word on what the page wrote: DuckDB's and pyarrow's, by a Python that has them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

const PYTHON = process.env.COLONNADE_PYTHON;

/** For a test's options: skipped where there is no such Python. */
export const readers = { skip: PYTHON ? false : "COLONNADE_PYTHON names no Python that has duckdb and pyarrow" };

const READ = `
import json, sys, duckdb, pyarrow.parquet as pq
path, sql = sys.argv[1], sys.argv[2]
db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
table = pq.read_table(path)
db.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet('{path}')")
assert db.execute("SELECT count(*) FROM t").fetchone()[0] == table.num_rows == pq.read_metadata(path).num_rows
types = {name: kind for name, kind, *_ in db.execute("DESCRIBE t").fetchall()}
assert list(types) == table.column_names
rows = db.execute(sql).fetchall()
codecs = {pq.read_metadata(path).row_group(g).column(c).compression for g in range(pq.read_metadata(path).num_row_groups) for c in range(len(types))}
print(json.dumps({"types": types, "rows": [[None if v is None else str(v) for v in row] for row in rows], "codecs": sorted(codecs)}))
`;

const python = (script, ...args) => JSON.parse(execFileSync(PYTHON, ["-c", script, ...args], { encoding: "utf8", maxBuffer: 1 << 28 }));

/** Reads a Parquet file: its types and codecs, and what a query on the table `t` gives, as texts. Both readers agree on names and rows. */
export const read = (file, sql = "SELECT * FROM t") => python(READ, file, sql);

/** Unpacks a zip into `folder` by Python's reader, which checks every member's CRC; gives back the members' names. */
export function unzip(file, folder) {
  const script = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    z.extractall(sys.argv[2])
    print(json.dumps(z.namelist()))
`;
  return python(script, file, folder);
}

/** The receipt's sum holds, and it is about as many rows as the file has. */
export function adds(counts, rows) {
  assert.equal(counts.read, counts.written + counts.rejected + counts.filtered);
  assert.equal(counts.written, rows);
}

const QUERY = `
import json, sys, duckdb, pyarrow.ipc
path, sql = sys.argv[1], sys.argv[2]
db = duckdb.connect()
if sql == "ARROW":
    table = pyarrow.ipc.open_file(path).read_all()
    rows = list(zip(*(table[name].to_pylist() for name in table.column_names)))
elif sql == "SQL":
    db.execute(open(path, newline="", encoding="utf-8").read())
    rows = db.execute("SELECT * FROM orders").fetchall()
else:
    rows = db.execute(sql, [path]).fetchall()
print(json.dumps([[None if v is None else str(v) for v in row] for row in rows]))
`;

/** Rows of a file in another format, as texts: what DuckDB's `sql` says of it (its path is the parameter), or the word ARROW or SQL. */
export const query = (file, sql) => python(QUERY, file, sql);
