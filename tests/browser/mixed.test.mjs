// A mixed drop: files of every kind at once, told nothing; each becomes a table, and one save writes them all.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import zlib from "node:zlib";
import { choose, download, fixture, root, temporary } from "./harness.mjs";
import { read, readers, unzip } from "./parquet.mjs";
import { save, sentence, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();
const sample = (name) => path.join(root, "samples", name);

const LOG = [
  '192.0.2.1 - ada [10/Oct/2000:13:55:36 -0700] "GET /a?b=1 HTTP/1.0" 200 2326 "-" "Mozilla/5.0"',
  '192.0.2.2 - - [10/Oct/2000:13:55:37 -0700] "POST /c HTTP/1.1" 404 - "http://x.example/" "curl/8"',
  '192.0.2.1 - - [10/Oct/2000:13:55:38 -0700] "GET /d HTTP/1.1" 200 17 "-" "Mozilla/5.0"',
].join("\n");

/** The same two rows as Parquet, ORC and an Arrow file, by pyarrow, and in a database. */
function binary(t) {
  const folder = temporary(t);
  const script = `
import sqlite3, sys, pyarrow as pa, pyarrow.orc as orc, pyarrow.parquet as pq, pyarrow.feather as feather
table = pa.table({"id": ["01", "02"], "n": pa.array([1, None], pa.int64())})
pq.write_table(table, sys.argv[1] + "/columns.parquet")
feather.write_feather(table, sys.argv[1] + "/batches.arrow")
orc.write_table(table, sys.argv[1] + "/stripes.orc")
with sqlite3.connect(sys.argv[1] + "/base.sqlite") as base:
    base.execute("CREATE TABLE base (id TEXT, n INTEGER)")
    base.executemany("INSERT INTO base VALUES (?, ?)", [("01", 1), ("02", None)])`;
  execFileSync(process.env.COLONNADE_PYTHON, ["-c", script, folder]);
  return [["columns.parquet", /^Parquet/], ["batches.arrow", /^Arrow/], ["stripes.orc", /^ORC/], ["base.sqlite", /^SQLite/]].map(([name, words]) => [path.join(folder, name), words]);
}

/** Files of kinds that nothing here writes, where the shared corpora are at hand. */
function shared(t) {
  const corpora = path.join(process.env.COLONNADE_SHARED ?? path.join(root, "../shared"), "corpora");
  const files = [["avro/weather.avro", /^Avro/], ["csvkit/test.xlsx", /^Spreadsheet|sheet/i]].map(([name, words]) => [path.join(corpora, name), words]);
  const here = files.filter(([file]) => fs.existsSync(file));
  if (here.length < files.length) t.diagnostic("Avro and spreadsheets skipped: the shared corpora are not at hand");
  return here;
}

test("a mixed drop of every kind of file: each is known, shown and saved", readers, async (t) => {
  const { page: tab } = await page(t);
  const files = [
    [fixture(t, "plain.csv", "id,n\n01,1\n02,\n"), /^Comma-separated/],
    [sample("tweet.json"), /^JSON/],
    [sample("messages.xml"), /^XML/],
    [sample("people_wrapped.txt"), /^Whitespace-separated/],
    [fixture(t, "lines.jsonl", '{"a":1}\n{"a":2}\n'), /^JSON Lines/],
    [fixture(t, "access.log", `${LOG}\n`), /^Web access log/],
    [fixture(t, "aligned.txt", "name      amount  city\nAda         1.50  Rome\nLiu        20.00  New York\nZoë       300.25  Oslo\n"), /Fixed|aligned|Whitespace/i],
    [fixture(t, "across.json", '{"id": ["01", "02"], "n": [1, null]}\n'), /^JSON in columns/],
    [fixture(t, "dumped.sql", "-- MySQL dump 10.13\nCREATE TABLE `dumped` (`id` varchar(4), `n` bigint);\nINSERT INTO `dumped` VALUES ('01',1),('02',NULL);\n"), /dump/i],
    [fixture(t, "page.html", "<table><tr><th>id<th>n<tr><td>01<td>1<tr><td>02<td></table>\n"), /HTML/],
    [fixture(t, "packed.csv.gz", zlib.gzipSync("key,value\n01,1\n02,\n")), /^From gzip: Comma-separated/],
    ...binary(t),
    ...shared(t),
  ];
  await choose(tab, ...files.map(([file]) => file));
  await tab.waitForFunction((count) => document.querySelectorAll(".entry").length >= count && !document.querySelector(".entry .reading"), files.length, { timeout: 120_000 });
  for (const [file, words] of files) {
    await tab.click(`.entry:has-text('${path.basename(file)}') .entry-main`);
    await tab.waitForFunction((source) => new RegExp(source, "i").test(document.querySelector("p.sentence")?.innerText ?? ""), words.source, { timeout: 30_000 });
    assert.match(await sentence(tab), words);
  }
  const counts = await save(tab, 120_000);
  assert.equal(counts.read, counts.written + counts.rejected + counts.filtered);
  const folder = temporary(t);
  unzip(await download(t, tab), folder);
  const rows = (name, sql) => read(path.join(folder, `${name}.parquet`), sql).rows;
  assert.deepEqual(rows("people_wrapped"), [["01", "ABCD", "28"], ["02", "XYZ", "39"]]);
  assert.deepEqual(rows("messages", "SELECT log_date, _id, person._id, text, time FROM t"), [["2021-05-01", "1", "01", "hi, how are you", "2021-05-01 16:09:22"]]);
  assert.deepEqual(rows("tweet", "SELECT epoch(created_at)::BIGINT, id_str FROM t"), [["1586945145", "561819028170009"]]);
  assert.deepEqual(rows("access", "SELECT remote_host, method, path, status, bytes FROM t"), [["192.0.2.1", "GET", "/a?b=1", "200", "2326"], ["192.0.2.2", "POST", "/c", "404", null], ["192.0.2.1", "GET", "/d", "200", "17"]]);
  for (const name of ["columns", "batches", "stripes", "base", "across", "dumped", "page", "packed", "plain"]) assert.deepEqual(rows(name), [["01", "1"], ["02", null]], name);
});
