// Every format and every packing by itself: dropped, previewed, saved, and read back by other readers.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test, { before } from "node:test";
import { download, drop, fixture, root, temporary } from "./harness.mjs";
import { adds, read, readers, unzip } from "./parquet.mjs";
import { cells, columns, save, saveAndDownload, scanned, sentence, setOption, settled, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();
const folder = temporary({ after: (end) => process.on("exit", end) });
before(() => readers.skip || execFileSync(process.env.COLONNADE_PYTHON, [path.join(import.meta.dirname, "fixtures.py"), folder]));

const made = (name) => () => path.join(folder, name);
const kept = (name) => () => path.join(import.meta.dirname, "fixtures", name);
const written = (name, text) => (t) => fixture(t, name, text);

const PEOPLE = [["01", "Ada", "1"], ["02", "Zoë", null]];
const DATES = [["2021-01-01", "15"], ["2021-01-02", "16"], ["255:10:10", "17"]];

// Title, the file, what the sentence begins with, the rows in the file that is saved.
const FORMATS = [
  ["CSV", written("people.csv", "id,name,n\n01,Ada,1\n02,Zoë,\n"), /^Comma-separated/, PEOPLE],
  ["JSON Lines", written("people.jsonl", '{"id":"01","name":"Ada","n":1}\n{"id":"02","name":"Zoë","n":null}\n'), /^JSON Lines/, PEOPLE],
  ["JSON", written("people.json", '{"people": [\n {"id": "01", "name": "Ada", "n": 1},\n {"id": "02", "name": "Zoë"}\n]}\n'), /^JSON/, PEOPLE],
  ["JSON in columns", written("columns.json", '{"id": ["01", "02"], "name": ["Ada", "Zoë"], "n": [1, null]}\n'), /^JSON in columns/, PEOPLE],
  ["XML", written("people.xml", '<people><person id="01"><name>Ada</name><n>1</n></person><person id="02"><name>Zoë</name></person></people>'), /^XML/, PEOPLE],
  ["a text table", () => path.join(root, "samples/people_wrapped.txt"), /^Whitespace-separated/, [["01", "ABCD", "28"], ["02", "XYZ", "39"]]],
  ["fixed width", written("people.txt", "name          city       age\nAnn Smith     Rome         4\nBo            Oslo        31\nCy de Wit     Bonn       102\n"), /^Fixed width/, [["Ann Smith", "Rome", "4"], ["Bo", "Oslo", "31"], ["Cy de Wit", "Bonn", "102"]]],
  ["a log", written("app.log", "level=info n=1 by=\"Ada L\"\nlevel=warn n=2 by=Zoë\n"), /^Logfmt/i, [["info", "1", "Ada L"], ["warn", "2", "Zoë"]]],
  ["Parquet", made("people.parquet"), /^Parquet/, PEOPLE],
  ["an Arrow file", made("people.arrow"), /^Arrow IPC file/, PEOPLE],
  ["an Arrow stream", made("people.arrows"), /^Arrow IPC stream/, PEOPLE],
  ["Avro", made("people.avro"), /^Avro/, PEOPLE],
  ["ORC", made("people.orc"), /^ORC, 1 stripe, zstd/, PEOPLE],
  ["xlsx", made("people.xlsx"), /^Excel workbook/, PEOPLE],
  ["xlsb", kept("date.xlsb"), /^Excel binary workbook/, DATES],
  ["xls", kept("date_1904.xls"), /^Excel 97/, DATES],
  ["ods", made("people.ods"), /^OpenDocument/, PEOPLE],
  ["gzip", made("people.csv.gz"), /^From gzip: Comma/, PEOPLE],
  ["zstd", made("people.csv.zst"), /^From zstd: Comma/, PEOPLE],
  ["bzip2", made("people.csv.bz2"), /^From bzip2: Comma/, PEOPLE],
  ["xz", made("people.csv.xz"), /^From xz: Comma/, PEOPLE],
  ["lz4", made("people.csv.lz4"), /^From lz4: Comma/, PEOPLE],
  ["zip", made("people.zip"), /^From zip \(deflate\): Comma/, PEOPLE],
  ["tar", made("people.tar"), /^From tar: Comma/, PEOPLE],
];

for (const [title, make, words, rows] of FORMATS) {
  test(`${title}: dropped, shown, saved and read back`, readers, async (t) => {
    const { page: tab, errors } = await page(t);
    await drop(tab, make(t));
    await scanned(tab);
    assert.match(await sentence(tab), words);
    const firsts = (rows) => rows.slice(0, 2).map((row) => row[0]);
    assert.deepEqual(firsts(await cells(tab, 2)), firsts(rows));
    const { counts, file } = await saveAndDownload(t, tab);
    adds(counts, rows.length);
    assert.deepEqual(read(file).rows, rows);
    assert.deepEqual(errors, []);
  });
}

test("the pattern of a log is a person's to change, and its fields follow", readers, async (t) => {
  const { page: tab } = await page(t);
  await drop(tab, fixture(t, "jobs.log", Array.from({ length: 20 }, (_, i) => `2024-01-01 10:00:${10 + i} INFO job ${i} took ${i * 3} ms\n`).join("")));
  await scanned(tab);
  await setOption(tab, "pattern", "%{TIMESTAMP_ISO8601:at} %{WORD:level} job %{INT:job} took %{INT:ms} ms");
  await settled(tab);
  await tab.locator(".head-name:text-is('ms')").waitFor();
  assert.deepEqual((await columns(tab)).slice(0, 4), ["at: timestamp_ntz", "level: string", "job: bigint", "ms: bigint"]);
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 20);
  assert.deepEqual(read(file, 'SELECT "at", level, job, ms FROM t WHERE job = 7').rows, [["2024-01-01 10:00:17", "INFO", "7", "21"]]);
});

test("every sheet of a workbook is a table, and one save writes them all", readers, async (t) => {
  const { page: tab } = await page(t);
  await drop(tab, made("two-sheets.xlsx")());
  await tab.locator(".entry:has-text('prices') .entry-main").click();
  await scanned(tab);
  assert.deepEqual(await cells(tab, 3), [["tea", "3"], ["milk", "2"], ["bread", "4"]]);
  adds(await save(tab), 5);
  const out = temporary(t);
  const names = unzip(await download(t, tab), out);
  assert.equal(names.length, 2);
  assert.deepEqual(read(path.join(out, names.find((name) => name.includes("people")))).rows, PEOPLE);
  assert.deepEqual(read(path.join(out, names.find((name) => name.includes("prices")))).rows, [["tea", "3"], ["milk", "2"], ["bread", "4"]]);
});

const LAUGHS = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");
const HOSTILE = [
  ["billion laughs", written("laughs.xml", `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">${LAUGHS}]><r><a><b>&l9;</b></a><a><b>1</b></a></r>`), /entit|expan/i],
  ["an Arrow stream of few bytes that claims 4 GB", made("claims.arrows"), /claim/i],
];

for (const [title, make, words] of HOSTILE) {
  test(`${title}: told in words, and the page lives`, readers, async (t) => {
    const { page: tab } = await page(t);
    const file = make(t);
    assert.ok(fs.statSync(file).size < 1500);
    await drop(tab, file);
    await tab.locator(".unreadable, .cause").first().waitFor();
    assert.match((await tab.locator(".unreadable, .cause").allTextContents()).join(), words);
    await drop(tab, fixture(t, "good.csv", "a,b\n1,2\n"));
    await tab.locator(".entry:has-text('good.csv') .entry-main").click();
    await scanned(tab);
    assert.deepEqual(await cells(tab, 1), [["1", "2"]]);
  });
}
