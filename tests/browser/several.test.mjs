// Several files at once: a list of tables, each in its own way, saved together or one alone.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { choose, fixture, temporary } from "./harness.mjs";
import { read, readers, unzip } from "./parquet.mjs";
import { columns, correct, saveAndDownload, scanned, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const fruits = "fruit,weight\napple,0.5\npear,0.25\n";
const places = "place;lat\nBerlin;52,5\nÖrebro;59,3\n";

test("all tables are saved as one zip, whose members are whole Parquet files", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "fruits.csv", fruits), fixture(t, "places.csv", Buffer.from(places, "latin1")), fixture(t, "fruits.csv", fruits.replace("apple", "plum")));
  await scanned(tab);
  assert.equal(await tab.locator(".entry").count(), 3);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.deepEqual([counts.read, counts.written], [6, 6]);
  assert.equal(path.extname(file), ".zip");
  const folder = temporary(t);
  assert.deepEqual(unzip(file, folder), ["fruits.parquet", "places.parquet", "fruits_2.parquet"]);
  assert.deepEqual(read(path.join(folder, "fruits.parquet")).rows, [["apple", "0.5"], ["pear", "0.25"]]);
  assert.deepEqual(read(path.join(folder, "places.parquet")).rows, [["Berlin", "52.5"], ["Örebro", "59.3"]]);
  assert.deepEqual(read(path.join(folder, "fruits_2.parquet")).rows, [["plum", "0.5"], ["pear", "0.25"]]);
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

test("a file that cannot be read takes no other with it", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "empty.csv", ""), fixture(t, "fruits.csv", fruits));
  await tab.locator(".entry:has-text('empty.csv')", { hasText: "cannot be read" }).waitFor();
  await tab.locator(".unreadable", { hasText: "cannot be read" }).waitFor();
  await tab.click(".entry:has-text('fruits.csv') .entry-main");
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(counts.written, 2);
  assert.equal(path.basename(file), "fruits.parquet");
});
