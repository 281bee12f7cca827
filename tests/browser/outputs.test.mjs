// Saving in formats other than Parquet, chosen in the dialog as a person does it; and what the same rows take in each.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { choose, fixture } from "./harness.mjs";
import { query, readers } from "./parquet.mjs";
import { saveAndDownload, scanned, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const ORDERS = 'id,note,price\n01,"a ""b"", c",1.50\n02,=1+1,\n03,,-3.25\n';

/** Chooses a format in the dialog of saving, and options of it. */
async function chooseFormat(tab, format, options = {}) {
  await tab.click("#save-options");
  await tab.selectOption("#output-outputFormat", format);
  for (const [option, value] of Object.entries(options)) await tab.locator(`[id="output-${option}"]`).setChecked(value);
  await tab.keyboard.press("Escape");
}

test("CSV: texts that a spreadsheet would run are guarded, counted on the receipt, and kept as they are when that is declined", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "orders.csv", ORDERS));
  await scanned(tab);
  await chooseFormat(tab, "csv");
  assert.equal(await tab.locator("#save").innerText(), "Save as CSV");
  const guarded = await saveAndDownload(t, tab);
  assert.equal(path.basename(guarded.file), "orders.csv");
  assert.equal(guarded.counts.written, 3);
  assert.equal(fs.readFileSync(guarded.file, "utf8"), 'id,note,price\n01,"a ""b"", c",1.5\n02,\'=1+1,\n03,,-3.25\n');
  await tab.locator("#receipt small", { hasText: "1 cell that a spreadsheet would run as a formula begins with an apostrophe" }).waitFor();
  await tab.click("button[aria-label='Close the receipt']");
  await chooseFormat(tab, "csv", { "csv.formulaGuard": false });
  const plain = await saveAndDownload(t, tab);
  assert.deepEqual(query(plain.file, "SELECT * FROM read_csv(?, all_varchar = true)"), [["01", 'a "b", c', "1.5"], ["02", "=1+1", null], ["03", null, "-3.25"]]);
});

test("JSON Lines, Arrow and SQL: other programs read the rows", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "orders.csv", ORDERS));
  await scanned(tab);
  const rows = [["01", 'a "b", c', "1.5"], ["02", "=1+1", null], ["03", null, "-3.25"]];
  const readings = {
    jsonl: "SELECT * FROM read_json(?)",
    arrow: "ARROW",
    sql: "SQL",
  };
  for (const [format, sql] of Object.entries(readings)) {
    await chooseFormat(tab, format);
    const { file } = await saveAndDownload(t, tab);
    assert.equal(path.basename(file), `orders.${format}`);
    assert.deepEqual(query(file, sql), rows, format);
    await tab.click("button[aria-label='Close the receipt']");
  }
});

test("the formats are compared over the same rows: which is friendlier to people, which stores better", async (t) => {
  const { page: tab } = await page(t);
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${["north", "south", "east"][i % 3]},${(i * 7) % 100}.50`);
  const csv = `id,region,price\n${lines.join("\n")}\n`;
  await choose(tab, fixture(t, "regions.csv", csv));
  await scanned(tab);
  await tab.click("#save-options");
  await tab.click("#compare-formats");
  const dialog = tab.locator(".dialog");
  await dialog.getByText("Stores best: Parquet").waitFor();
  await dialog.getByText("Friendliest to people: CSV").waitFor();
  await dialog.getByText("The first 20,000 rows").waitFor();
  const table = await dialog.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(table.map(([name]) => name), ["Source", "Parquet", "Arrow IPC", "CSV", "JSON Lines", "SQL"]);
  const traits = Object.fromEntries(table.slice(1).map(([name, , ...marks]) => [name, marks.map((mark) => mark === "✓")]));
  assert.deepEqual(traits.Parquet, [false, true, true, true]);
  assert.deepEqual(traits.CSV, [true, false, false, false]);
  await tab.keyboard.press("Escape");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "save-options");
});
