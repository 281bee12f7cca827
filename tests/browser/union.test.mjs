// Several files as one table: folders by picker and by drop, split and united by a person, and given back by undo.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { choose, fixture, reaches, temporary } from "./harness.mjs";
import { read, readers, unzip } from "./parquet.mjs";
import { columns, saveAndDownload, scanned, sentence, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

/** A folder of sales by year and month, each file a little different, and what Spark leaves beside them. */
function sales(t) {
  const root = path.join(temporary(t), "sales");
  const write = (name, text) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  write("year=2024/month=01/part-0.csv", "id,day,sum\n1,2024-01-01,5\n2,2024-01-02,6\n");
  write("year=2024/month=02/part-0.csv", "id;day;sum\n3;2024-02-01;7,5\n4;2024-02-02;8,5\n");
  write("year=2025/month=01/part-0.csv", "id,day,sum,note\n5,2025-01-01,9,late\n");
  write("_SUCCESS", "");
  write("year=2024/.part-0.csv.crc", "crc");
  return root;
}

const ROWS = [
  ["1", "2024-01-01", "5.0", null, "2024", "01", "sales/year=2024/month=01/part-0.csv"],
  ["2", "2024-01-02", "6.0", null, "2024", "01", "sales/year=2024/month=01/part-0.csv"],
  ["3", "2024-02-01", "7.5", null, "2024", "02", "sales/year=2024/month=02/part-0.csv"],
  ["4", "2024-02-02", "8.5", null, "2024", "02", "sales/year=2024/month=02/part-0.csv"],
  ["5", "2025-01-01", "9.0", "late", "2025", "01", "sales/year=2025/month=01/part-0.csv"],
];

const COLUMNS = { id: "BIGINT", day: "DATE", sum: "DOUBLE", note: "VARCHAR", year: "BIGINT", month: "VARCHAR", _source_file: "VARCHAR" };
const IN_VIEW = ["id: bigint", "day: date", "sum: double", "note: string"];

test("a folder that is picked is one table, with its paths' values, and says why", readers, async (t) => {
  const { page: tab } = await page(t);
  await tab.setInputFiles("input#folder", sales(t));
  await scanned(tab);
  assert.equal(await tab.locator(".entry").count(), 1);
  assert.match(await tab.locator(".sentence").textContent(), /^3 files as one table: all CSV, 3 of 4 columns in every file\./);
  assert.deepEqual((await columns(tab)).slice(0, 4), IN_VIEW);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.deepEqual([counts.read, counts.written], [5, 5]);
  assert.equal(path.basename(file), "sales.parquet");
  const { types, rows } = read(file);
  assert.deepEqual(types, COLUMNS);
  assert.deepEqual(rows, ROWS);
  assert.match(await tab.locator(".receipt").textContent(), /colonnade convert 'sales\/.* --union all -o 'sales\.parquet'/);
});

test("a folder that is dropped is the same table, and what is no data is said", readers, async (t) => {
  const { page: tab, context } = await page(t);
  const cdp = await (context ?? tab.context()).newCDPSession(tab);
  const data = { items: [], files: [sales(t)], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await cdp.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  await scanned(tab);
  assert.equal(await tab.locator(".entry").count(), 1);
  assert.deepEqual((await columns(tab)).slice(0, 4), IN_VIEW);
  assert.match(await tab.locator("body").textContent(), /Not opened, since hidden or no data: sales\/_SUCCESS/);
  const { file } = await saveAndDownload(t, tab);
  const { types, rows } = read(file);
  assert.deepEqual(types, COLUMNS);
  assert.deepEqual(rows, ROWS);
});

test("mixed shapes are several tables; each can be split and others united, by keyboard, and undone", readers, async (t) => {
  const { page: tab } = await page(t);
  const files = [
    fixture(t, "a1.csv", "id,name\n1,x\n2,y\n"),
    fixture(t, "people.csv", "born,city,height\n1815,London,170\n1900,Xian,180\n"),
    fixture(t, "a2.csv", "id,name\n3,z\n4,w\n"),
  ];
  await choose(tab, ...files);
  await scanned(tab);
  const entries = () => tab.locator(".entry-name").allTextContents();
  assert.deepEqual(await entries(), ["a", "people.csv"]);
  assert.equal(await tab.getAttribute("button[aria-label=Undo]", "title"), "Undo: Files of one shape as one table (Ctrl+Z)");
  await tab.locator(".entry-files summary").focus();
  await tab.keyboard.press("Enter");
  await tab.locator(".entry-files li").first().waitFor();
  assert.deepEqual(await tab.locator(".entry-files li").allTextContents(), ["a1.csv", "a2.csv"]);
  await tab.locator("button.into-files").focus();
  await tab.keyboard.press("Enter");
  await scanned(tab);
  assert.deepEqual(await entries(), ["a1.csv", "a2.csv", "people.csv"]);
  await tab.keyboard.press("Control+z");
  await scanned(tab);
  assert.deepEqual(await entries(), ["a", "people.csv"]);
  await tab.keyboard.press("Control+Shift+z");
  await scanned(tab);
  assert.deepEqual(await entries(), ["a1.csv", "a2.csv", "people.csv"]);
  await tab.locator(".unite summary").focus();
  await tab.keyboard.press("Enter");
  for (const name of ["a2.csv", "people.csv"]) {
    await tab.getByRole("checkbox", { name }).focus();
    await tab.keyboard.press("Space");
  }
  await tab.getByRole("button", { name: "Unite", exact: true }).click();
  await scanned(tab);
  assert.equal((await entries()).length, 2);
  const { file } = await saveAndDownload(t, tab);
  const folder = temporary(t);
  const names = unzip(file, folder);
  assert.equal(names.length, 2);
  const rows = names.flatMap((name) => read(path.join(folder, name)).rows);
  assert.deepEqual(rows.map((row) => row.length), [2, 2, 6, 6, 6, 6]);
});

test("a file that is empty or only a header has no rows and no say in the types", readers, async (t) => {
  const { page: tab } = await page(t);
  const files = [
    fixture(t, "d1.csv", "id,day,sum\n"),
    fixture(t, "d2.csv", ""),
    fixture(t, "d3.csv", "id,day,sum\n1,31.01.2024,5\n2,28.02.2024,6.5\n"),
    fixture(t, "d4.csv", "id,day,sum\n3,,\n4,,\n"),
  ];
  await choose(tab, ...files);
  await scanned(tab);
  assert.equal(await tab.locator(".entry").count(), 1);
  assert.deepEqual((await columns(tab)).slice(0, 3), ["id: bigint", "day: date", "sum: double"]);
  await tab.click("#tab-problems");
  await tab.getByText("d2.csv is empty: it adds no rows").first().waitFor();
  const { counts, file } = await saveAndDownload(t, tab);
  assert.deepEqual([counts.read, counts.written], [4, 4]);
  assert.deepEqual(read(file, "SELECT id, day, sum FROM t ORDER BY id").rows, [["1", "2024-01-31", "5.0"], ["2", "2024-02-28", "6.5"], ["3", null, null], ["4", null, null]]);
});

test("one file is taken out of a table and given back by undo", async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, ...[1, 2, 3].map((n) => fixture(t, `e${n}.csv`, `id,name\n${n},x\n${n + 10},y\n`)));
  await scanned(tab);
  const entries = () => tab.locator(".entry-name").allTextContents();
  assert.deepEqual(await entries(), ["e"]);
  await tab.locator(".entry-files summary").click();
  await tab.getByRole("button", { name: "Take e2.csv out of this table" }).click();
  await scanned(tab);
  assert.deepEqual(await entries(), ["e", "e2.csv"]);
  assert.match(await sentence(tab), /^2 files as one table: all CSV/);
  await tab.keyboard.press("Control+z");
  await scanned(tab);
  assert.deepEqual(await entries(), ["e"]);
  assert.match(await sentence(tab), /^3 files as one table: all CSV/);
});

test("an option set for a table of several files holds for each, and rejects name the file", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "b1.csv", "n,s\n1,x\n2,y,too,many\n3,z\n"), fixture(t, "b2.csv", "n,s\n4,x\n5\n6,z\n"));
  await scanned(tab);
  assert.equal(await tab.locator(".entry").count(), 1);
  await tab.click("#tab-problems");
  const places = await tab.locator(".record-place").allTextContents();
  assert.ok(places.some((place) => place.startsWith("b1.csv, line 3")), `${places}`);
  assert.ok(places.some((place) => place.startsWith("b2.csv, line 3")), `${places}`);
});

test("a table of several files has the button that puts records of all its files right", readers, async (t) => {
  const { page: tab } = await page(t);
  const lines = (mark) => `a,b\n${"1,2\n".repeat(50_000)}${mark} a remark\n3,4\n`;
  await choose(tab, fixture(t, "c1.csv", lines("#")), fixture(t, "c2.csv", lines("#")), fixture(t, "c3.csv", "a,b\n5,6\n7,8\n"));
  await scanned(tab);
  assert.equal(await tab.locator(".entry").count(), 1);
  await tab.click("#tab-problems");
  await tab.locator(".cause .fix", { hasText: "#" }).first().click();
  await tab.locator(".problems-sum", { hasText: "0 rejected, 0 repaired" }).waitFor();
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.deepEqual([counts.read, counts.written], [100_004, 100_004]);
  assert.deepEqual(read(file, "SELECT count(*), sum(a), sum(b) FROM t").rows, [["100004", "100018", "200022"]]);
});

test("a thousand small files are one table, any row of which is shown, and the tab stays alive", readers, async (t) => {
  const { page: tab } = await page(t);
  const folder = path.join(temporary(t), "many");
  fs.mkdirSync(folder);
  for (let n = 0; n < 1000; n++) fs.writeFileSync(path.join(folder, `f${String(n).padStart(4, "0")}.csv`), `n,s\n${n},a\n${n},b\n`);
  await tab.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.longest = Math.max(window.longest, entry.duration)))).observe({ type: "longtask" });
  });
  const begun = Date.now();
  await tab.setInputFiles("input#folder", folder);
  await reaches(tab, "preview", 120_000);
  await scanned(tab, 120_000);
  const longest = await tab.evaluate(() => window.longest);
  t.diagnostic(`1000 files: ${Date.now() - begun} ms, longest task ${Math.round(longest)} ms`);
  assert.equal(await tab.locator(".entry").count(), 1);
  assert.ok(longest < 1000, `a task of ${longest} ms`);
  await tab.locator(".grid").evaluate((grid) => grid.scrollTo(0, 1e9));
  await tab.locator(".grid-body [role=gridcell]:text-is('999')").first().waitFor();
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(counts.written, 2000);
  assert.deepEqual(read(file).rows.at(-1), ["999", "b", "many/f0999.csv"]);
});
