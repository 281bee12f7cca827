// Columns of fixed width: found, their borders drawn over the raw lines, moved by keys and pointer, and saved as moved.

import assert from "node:assert/strict";
import test from "node:test";
import { drop, fixture, reaches } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { columns, saveAndDownload, scanned, sentence, settled, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const ALIGNED = [
  "name          city       age  since",
  "Ann Smith     Rome         4  2020-01-02",
  "Bo            Oslo        31  2021-11-30",
  "Cy de Wit     Bonn       102  2019-05-17",
  "",
].join("\n");

const border = (tab, k) => tab.locator(".borders .border").nth(k);

test("borders are found, moved and saved", readers, async (t) => {
  const { page: tab } = await page(t);
  await drop(tab, fixture(t, "aligned.txt", ALIGNED));
  await scanned(tab);
  assert.match(await sentence(tab), /^Fixed width/);
  assert.match(await tab.locator(".structure").innerText(), /^Structured: every line has the same fields/);
  assert.deepEqual(await columns(tab), ["name: string", "city: string", "age: bigint", "since: date"]);
  assert.equal(await tab.locator(".borders .border").count(), 3);
  assert.equal(await border(tab, 0).getAttribute("aria-label"), "Border between name and city");

  // Keys: the first border into the names, where first names end, and back behind them.
  await border(tab, 0).focus();
  assert.equal(await border(tab, 0).getAttribute("aria-valuenow"), "14");
  await tab.keyboard.press("Shift+ArrowLeft");
  await settled(tab);
  assert.equal(await border(tab, 0).getAttribute("aria-valuenow"), "9");
  assert.ok(await border(tab, 0).evaluate((handle) => handle === document.activeElement), "the border keeps the focus");
  await tab.keyboard.press("Shift+ArrowRight");
  await settled(tab);

  // Pointer: the last border is dragged to the left by three characters and a new one set by a click.
  const row = await tab.locator(".borders-row").boundingBox();
  const character = row.width / ALIGNED.split("\n")[1].length;
  const handle = await border(tab, 2).boundingBox();
  await tab.mouse.move(handle.x + handle.width / 2, handle.y + 8);
  await tab.mouse.down();
  await tab.mouse.move(handle.x + handle.width / 2 - character, handle.y + 8, { steps: 4 });
  await tab.mouse.up();
  await settled(tab);
  await tab.mouse.click(row.x + character * 4, row.y + 3);
  await settled(tab);
  assert.equal(await tab.locator(".borders .border").count(), 4);
  await border(tab, 0).focus();
  await tab.keyboard.press("Delete");
  await settled(tab);
  assert.equal(await tab.locator(".borders .border").count(), 3);

  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 3);
  assert.deepEqual(read(file).rows, [
    ["Ann Smith", "Rome", "4", "2020-01-02"],
    ["Bo", "Oslo", "31", "2021-11-30"],
    ["Cy de Wit", "Bonn", "102", "2019-05-17"],
  ]);
});

test("borders can be moved on a narrow screen", async (t) => {
  const { page: tab } = await page(t);
  await tab.setViewportSize({ width: 360, height: 740 });
  await tab.reload();
  await reaches(tab, "ready");
  await drop(tab, fixture(t, "aligned.txt", ALIGNED));
  await scanned(tab);
  if ((await tab.locator(".raw").count()) === 0) await tab.click(".raw-toggle");
  await border(tab, 0).focus();
  await tab.keyboard.press("ArrowLeft");
  await settled(tab);
  assert.equal(await border(tab, 0).getAttribute("aria-valuenow"), "13");
  assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page does not scroll sideways");
});

test("the wrapped sample comes out right, told nothing", readers, async (t) => {
  const { page: tab } = await page(t);
  await tab.click(".sample:has-text('people_wrapped.txt')");
  await scanned(tab);
  assert.match(await tab.locator(".structure").innerText(), /^Unstructured/);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.deepEqual([counts.read, counts.written, counts.rejected, counts.repaired], [4, 2, 2, 2]);
  const { types, rows } = read(file);
  assert.deepEqual(rows, [["01", "ABCD", "28"], ["02", "XYZ", "39"]]);
  assert.equal(types.id, "VARCHAR");
});
