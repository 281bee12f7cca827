// From a file in any way of giving it to a Parquet file whose values other programs read as they should be.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { choose, drop, fixture, reaches, root } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { cells, columns, panel, receipt, saveAndDownload, scanned, sentence, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const MIXED = [
  "id;name;zip;born;price;seen;ok",
  '1;"Ada; Countess";01821;1815-12-10;12,50;2024-01-02 03:04:05;true',
  '2;"He said ""no""";00345;1912-06-23;-0,25;2024-12-31 23:59:59;false',
  "3;Żółć 💡;99999;;1000,00;;",
  '4;"two\nlines";10115;2000-02-29;;2023-06-01 00:00:00;true',
].join("\r\n");

const MIXED_ROWS = [
  ["1", "Ada; Countess", "01821", "1815-12-10", "12.5", "2024-01-02 03:04:05", "True"],
  ["2", 'He said "no"', "00345", "1912-06-23", "-0.25", "2024-12-31 23:59:59", "False"],
  ["3", "Żółć 💡", "99999", null, "1000.0", null, null],
  ["4", "two\nlines", "10115", "2000-02-29", null, "2023-06-01 00:00:00", "True"],
];

test("a chosen file is shown, saved, downloaded and read back with every value right", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "mixed.csv", MIXED));
  await scanned(tab);
  assert.match(await sentence(tab), /semicolon|;/i);
  assert.deepEqual((await cells(tab, 2)).map((row) => row.slice(0, 3)), [["1", "Ada; Countess", "01821"], ["2", 'He said "no"', "00345"]]);
  assert.deepEqual((await columns(tab)).slice(0, 3), ["id: bigint", "name: string", "zip: string"]);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(path.basename(file), "mixed.parquet");
  adds(counts, 4);
  const { types, rows } = read(file);
  assert.deepEqual(rows, MIXED_ROWS);
  assert.deepEqual([types.zip, types.born, types.ok], ["VARCHAR", "DATE", "BOOLEAN"]);
  assert.equal(types.price, "DOUBLE");
  assert.match(types.seen, /^TIMESTAMP/);
});

test("a dropped file is converted like a chosen one", readers, async (t) => {
  const { page: tab } = await page(t);
  await drop(tab, fixture(t, "dropped.csv", MIXED));
  await scanned(tab);
  const { file } = await saveAndDownload(t, tab);
  assert.deepEqual(read(file).rows, MIXED_ROWS);
});

test("a text pasted with Ctrl+V is a table", readers, async (t) => {
  const { page: tab, context } = await page(t);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await tab.evaluate(() => navigator.clipboard.writeText("fruit\tweight\napple\t0.5\npear\t0.25\n"));
  await tab.keyboard.press("Control+V");
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(path.basename(file), "pasted text.parquet");
  adds(counts, 2);
  assert.deepEqual(read(file).rows, [["apple", "0.5"], ["pear", "0.25"]]);
});

test("a sample is one click away, and its broken row is on the receipt", readers, async (t) => {
  const { page: tab } = await page(t);
  await tab.click(".sample:has-text('orders.csv')");
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(counts.read, counts.written + counts.rejected + counts.filtered);
  const told = read(file, "SELECT count(*), min(order_id), max(length(zip)), min(length(zip)) FROM t").rows[0];
  assert.deepEqual(told, [String(counts.written), "10001", "5", "5"]);
  assert.ok(counts.rejected + counts.repaired >= 1);
});

test("a file given before the program has come is opened when it has", async (t) => {
  const { page: tab } = await page(t, { state: null });
  await choose(tab, path.join(root, "samples/people.csv"));
  await scanned(tab);
});

/** Chooses a file in the page itself and presses Save at the first moment it may be pressed; gives back the page's state then. */
const chooseAndSave = (tab, name, text) =>
  tab.evaluate(
    async ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      const input = document.querySelector("input#file");
      input.files = transfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      while (document.querySelector("button#save")?.disabled ?? true) await new Promise((turn) => setTimeout(turn));
      const { state } = document.body.dataset;
      document.querySelector("button#save").click();
      return state;
    },
    [name, text],
  );

test("Save pressed while a file is still being looked at begins as soon as it has been", async (t) => {
  const { page: tab } = await page(t);
  assert.equal(await chooseAndSave(tab, "table.csv", "a,b\n" + "1,2\n".repeat(50_000)), "reading");
  await reaches(tab, "done");
  adds(await receipt(tab), 50_000);
});

test("Save pressed while a file is still being looked at that cannot be read says why", async (t) => {
  const { page: tab } = await page(t);
  assert.equal(await chooseAndSave(tab, "nothing.csv", ""), "reading");
  await tab.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
  assert.match(await tab.locator("[role=alert]").textContent(), /empty/);
});

test("while the receipt shows, the panel's tabs can be used; where there is no room for both, one at a time", async (t) => {
  const { page: tab } = await page(t);
  await tab.setViewportSize({ width: 1280, height: 800 });
  await choose(tab, fixture(t, "table.csv", "a,b\n1,x\n2,y,z\n"));
  await scanned(tab);
  await panel(tab, "reading");
  await saveAndDownload(t, tab);
  const selected = (name) => tab.locator(`#tab-${name}[aria-selected=true]`).waitFor();
  await panel(tab, "problems");
  await selected("problems");
  await tab.locator("#receipt").waitFor();
  await tab.click("button[aria-label='Close the receipt']");
  await tab.setViewportSize({ width: 800, height: 700 });
  await saveAndDownload(t, tab);
  await panel(tab, "changes");
  await selected("changes");
  await tab.click("button[aria-label='Close the panel']");
  await tab.click("button[aria-label='Close the receipt']");
});
