// What databases export: dumps in SQL and SQLite's files, each table a table of the page, saved and read back by other programs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import test from "node:test";
import { download, drop, fixture, temporary } from "./harness.mjs";
import { read, readers, unzip } from "./parquet.mjs";
import { columns, save, sentence, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const MYSQL = `-- MySQL dump 10.13  Distrib 8.0.36
/*!40103 SET TIME_ZONE='+00:00' */;
CREATE TABLE \`orders\` (
  \`id\` int unsigned NOT NULL,
  \`price\` decimal(10,2) DEFAULT NULL,
  \`note\` text,
  \`seen\` timestamp NULL,
  \`raw\` blob,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB;
LOCK TABLES \`orders\` WRITE;
INSERT INTO \`orders\` VALUES (1,12.50,'It\\'s (a),(b);\\nnew line','2024-01-02 03:04:05',0x00FF),(2,NULL,'broken' x),(3,0.10,'',NULL,NULL);
UNLOCK TABLES;
CREATE TABLE \`people\` (\`name\` varchar(20), \`born\` date);
INSERT INTO \`people\` VALUES ('Ada','1815-12-10');
`;

const POSTGRESQL = `--
-- PostgreSQL database dump
--
SET standard_conforming_strings = on;
CREATE TABLE public.visits (id bigint, ok boolean, at timestamp with time zone, page text);
COPY public.visits (id, ok, at, page) FROM stdin;
1\tt\t2024-01-02 03:04:05+01\tC:\\\\dir\\tx
2\t\\N\t\\N\t
\\.
`;

/** The tables in the list, once all were read. */
async function tables(tab, count) {
  await tab.waitForFunction((count) => document.querySelectorAll(".entry").length >= count && !document.querySelector(".entry .reading"), count, { timeout: 60_000 });
}

const show = async (tab, name, column) => {
  await tab.click(`.entry:has-text('${name}') .entry-main`);
  await tab.locator(`.head-name:text-is('${column}')`).waitFor();
};

/** Saves all tables, and reads each back. */
async function saved(t, tab, folder) {
  const counts = await save(tab);
  const members = unzip(await download(t, tab), folder);
  return { counts, file: (name) => path.join(folder, members.find((member) => member.includes(name) && member.endsWith(".parquet"))) };
}

test("a mysqldump file: its tables, one broken tuple rejected, the rest read back", readers, async (t) => {
  const { page: tab } = await page(t);
  await drop(tab, fixture(t, "shop.sql", MYSQL));
  await tables(tab, 2);
  await show(tab, "orders", "price");
  assert.match(await sentence(tab), /^MySQL dump, table orders of 2, rows of INSERT, 5 columns, their types as declared/);
  // Those in view.
  assert.deepEqual((await columns(tab)).slice(0, 4), ["id: bigint", "price: decimal(10,2)", "note: string", "seen: timestamp"]);
  const { counts, file } = await saved(t, tab, temporary(t));
  assert.deepEqual([counts.written, counts.rejected], [3, 1]);
  const orders = read(file("orders"), "SELECT id, price, note, seen::VARCHAR, hex(raw) FROM t");
  assert.deepEqual(orders.rows, [["1", "12.50", "It's (a),(b);\nnew line", "2024-01-02 03:04:05+00", "00FF"], ["3", "0.10", "", null, null]]);
  assert.deepEqual(read(file("people")).rows, [["Ada", "1815-12-10"]]);
});

test("a pg_dump file of COPY", readers, async (t) => {
  const { page: tab } = await page(t);
  await drop(tab, fixture(t, "visits.sql", POSTGRESQL));
  await tables(tab, 1);
  assert.match(await sentence(tab), /^PostgreSQL dump, table visits, rows of COPY/);
  await save(tab);
  const { rows, types } = read(await download(t, tab), 'SELECT id, ok, "at"::VARCHAR, page FROM t');
  assert.deepEqual(types, { id: "BIGINT", ok: "BOOLEAN", at: "TIMESTAMP WITH TIME ZONE", page: "VARCHAR" });
  assert.deepEqual(rows, [["1", "True", "2024-01-02 02:04:05+00", "C:\\dir\tx"], ["2", null, null, ""]]);
});

test("an SQLite file: tables with and without row ids, page by page", readers, async (t) => {
  const folder = temporary(t);
  const file = path.join(folder, "data.db");
  const script = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table notes(id integer primary key, body text, made datetime, n)")
db.executemany("insert into notes values(?,?,?,?)", [(i, "é" * (i % 3000), "2024-01-02 03:04:%02d" % (i % 60), i if i % 2 else None) for i in range(1, 4001)])
db.execute("create table kv(k text primary key, v blob) without rowid")
db.executemany("insert into kv values(?,?)", [("k%d" % i, bytes([i])) for i in range(3)])
db.commit()`;
  execFileSync(process.env.COLONNADE_PYTHON, ["-c", script, file]);
  const { page: tab } = await page(t);
  await drop(tab, file);
  await tables(tab, 2);
  await show(tab, "notes", "body");
  assert.match(await sentence(tab), /^SQLite, pages of 4096 bytes, table notes of 2, 4000 rows, 4 columns/);
  assert.deepEqual((await columns(tab)).slice(0, 3), ["id: bigint", "body: string", "made: timestamp_ntz"]);
  const { counts, file: member } = await saved(t, tab, folder);
  assert.deepEqual([counts.written, counts.rejected], [4003, 0]);
  const facts = read(member("notes"), "SELECT count(*), sum(id), sum(length(body)), count(n), min(made) FROM t").rows[0];
  const length = Array.from({ length: 4000 }, (_, k) => (k + 1) % 3000).reduce((sum, n) => sum + n);
  assert.deepEqual(facts, ["4000", "8002000", String(length), "2000", "2024-01-02 03:04:00"]);
  assert.deepEqual(read(member("kv"), "SELECT k, hex(v) FROM t").rows, [["k0", "00"], ["k1", "01"], ["k2", "02"]]);
});
