// Several files at once: a list of tables, each in its own way, saved together or one alone.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { choose, fixture, reaches, temporary } from "./harness.mjs";
import { read, readers, unzip } from "./parquet.mjs";
import { columns, correct, save, saveAndDownload, scanned, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const fruits = "fruit,weight\napple,0.5\npear,0.25\n";
const places = "place;lat\nBerlin;52,5\nÖrebro;59,3\n";

test("all tables are saved as one zip, whose members are whole Parquet files", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "fruits.csv", fruits), fixture(t, "places.csv", Buffer.from(places, "latin1")), fixture(t, "fruits.csv", "crop;harvest\nplum;7\n"));
  await scanned(tab);
  assert.equal(await tab.locator(".entry").count(), 3);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.deepEqual([counts.read, counts.written], [5, 5]);
  assert.equal(path.extname(file), ".zip");
  const folder = temporary(t);
  assert.deepEqual(unzip(file, folder), ["fruits.parquet", "fruits_2.parquet", "places.parquet"]);
  assert.deepEqual(read(path.join(folder, "fruits.parquet")).rows, [["apple", "0.5"], ["pear", "0.25"]]);
  assert.deepEqual(read(path.join(folder, "places.parquet")).rows, [["Berlin", "52.5"], ["Örebro", "59.3"]]);
  assert.deepEqual(read(path.join(folder, "fruits_2.parquet")).rows, [["plum", "7"]]);
});

test("each table keeps its own corrections while another is on show", async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "one.csv", "a;b\n1;2\n"), fixture(t, "two.csv", "c;d\n3;4\n"));
  await scanned(tab);
  await tab.click(".entry:has-text('two.csv') .entry-main");
  await tab.locator(".head-name:text-is('c')").waitFor();
  await correct(tab, "sep", ",");
  await tab.locator(".head-name:text-is('c;d')").waitFor();
  await tab.click(".entry:has-text('one.csv') .entry-main");
  await tab.locator(".head-name:text-is('a')").waitFor();
  assert.deepEqual(await columns(tab), ["a: bigint", "b: bigint"]);
});

test("a table is shown again where it was left: rows, columns, cell and widths", async (t) => {
  const { page: tab } = await page(t);
  await tab.setViewportSize({ width: 900, height: 700 });
  const names = Array.from({ length: 30 }, (_, i) => `column_${i}`);
  const row = (i) => names.map((_, column) => i * 100 + column).join(",");
  await choose(tab, fixture(t, "long.csv", `${names}\n${Array.from({ length: 5000 }, (_, i) => row(i)).join("\n")}\n`), fixture(t, "fruits.csv", fruits));
  await scanned(tab);
  const to = (name) => tab.click(`.entry:has-text('${name}') .entry-main`);
  const shown = (text) => tab.locator(`.grid-body [role=gridcell]:text-is('${text}')`).waitFor();
  await to("long.csv");
  await shown("100");
  // A grid that was just put up is brought to its place in the next frame.
  await tab.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))));
  await tab.locator(".grid").evaluate((grid) => grid.scrollTo(1500, 3000 * 28));
  await shown("300012");
  await tab.locator(".grid-body [role=gridcell]:text-is('300112')").click();
  const place = () => tab.locator(".grid").evaluate((grid) => [grid.scrollLeft, grid.scrollTop]);
  const left = await place();
  // At once after a scroll: what that would still do later finds the grid gone.
  await tab.locator(".grid").evaluate((grid) => grid.scrollBy(0, 1));
  await tab.locator(".grid").evaluate((grid) => grid.scrollBy(0, -1));
  await to("fruits.csv");
  await shown("apple");
  await tab.waitForTimeout(300);
  await to("long.csv");
  await shown("300012");
  await tab.waitForFunction(([x, y]) => { const grid = document.querySelector(".grid"); return grid.scrollLeft === x && grid.scrollTop === y; }, left);
  await tab.locator(".cell.active:text-is('300112')").waitFor();
  await tab.locator(".grid").evaluate((grid) => grid.scrollBy(0, 28));
  await tab.waitForTimeout(300);
  assert.deepEqual(await place(), [left[0], left[1] + 28]);
  await reaches(tab, "preview");
});

test("the table on show is saved alone when that is chosen; a closed one is gone", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "one.csv", "a,b\n1,2\n"), fixture(t, "two.csv", "c,d\n3,4\n"), fixture(t, "three.csv", "e,f\n5,6\n"));
  await scanned(tab);
  await tab.click("button[aria-label='Close two.csv']");
  assert.equal(await tab.locator(".entry").count(), 2);
  await tab.click(".entry:has-text('three.csv') .entry-main");
  await tab.click("#save-options");
  await tab.click("label:has-text('Only the table on show')");
  await tab.keyboard.press("Escape");
  const { file } = await saveAndDownload(t, tab);
  assert.equal(path.basename(file), "three.parquet");
  assert.deepEqual(read(file).rows, [["5", "6"]]);
});

/** The first bytes of a PNG, which is no table under any name. */
const IMAGE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);

test("a file that cannot be read takes no other with it", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "image.csv", IMAGE), fixture(t, "fruits.csv", fruits));
  await tab.locator(".entry:has-text('image.csv')", { hasText: "cannot be read" }).waitFor();
  await tab.click(".entry:has-text('image.csv') .entry-main");
  await tab.locator(".unreadable", { hasText: "cannot be read" }).waitFor();
  await tab.click(".entry:has-text('fruits.csv') .entry-main");
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(counts.written, 2);
  assert.equal(path.basename(file), "fruits.parquet");
  assert.match(await tab.locator("#receipt .left-out li").innerText(), /^image\.csv: .*PNG/);
});

test("the receipt of files as one table names the one that could not be read", async (t) => {
  const { page: tab } = await page(t);
  const part = (rows) => `id,day\n${rows}`;
  await choose(tab, fixture(t, "s1.csv", part("1,2024-01-01\n2,2024-01-02\n")), fixture(t, "s2.csv", part("3,2024-01-03\n")), fixture(t, "s3.csv", IMAGE));
  await tab.locator(".entry:has-text('s3.csv')", { hasText: "cannot be read" }).waitFor();
  await tab.locator(".entry").first().locator(".entry-main").click();
  await scanned(tab);
  const counts = await save(tab);
  assert.deepEqual([counts.read, counts.written], [3, 3]);
  assert.match(await tab.locator("#receipt .left-out li").innerText(), /^s3\.csv: .*PNG/);
});
