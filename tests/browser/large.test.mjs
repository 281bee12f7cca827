// A large file: any row of it is shown, a save stops when it is told to, and the page stays smooth.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test, { after, before } from "node:test";
import { choose, download, reaches, temporary } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { receipt, save, scanned, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const ROWS = 1_500_000;
const ends = [];
let large;
before(() => {
  large = path.join(temporary({ after: (end) => ends.push(end) }), "large.csv");
  const file = fs.openSync(large, "w");
  fs.writeSync(file, "id,when,place,amount,zip,note\n");
  const place = (i) => ["Berlin", "Örebro", "Žilina", "São Paulo"][i % 4];
  const two = (n) => String(n).padStart(2, "0");
  const line = (i) => `${i},2024-${two(1 + (i % 12))}-${two(1 + (i % 28))} ${two(i % 24)}:${two(i % 60)}:${two((i * 7) % 60)},"${place(i)}, ${i % 1000}",${(i * 31) % 100000}.${two(i % 100)},${String(i % 100000).padStart(5, "0")},${"note of some length ".repeat(2)}${i % 977}\n`;
  for (let i = 0; i < ROWS; i += 10_000) fs.writeSync(file, Array.from({ length: 10_000 }, (_, k) => line(i + k)).join(""));
  fs.closeSync(file);
});
after(async () => {
  for (const end of ends) await end();
});

const rowShown = (tab, row, first) => tab.locator(`[role=row][aria-rowindex="${row + 1}"]`, { has: tab.locator(`[role=gridcell]:text-is("${first}")`) }).waitFor();

/** Goes to a row by its number, as a person writes it. */
async function goTo(tab, text) {
  await tab.fill("#goto-row", text);
  await tab.press("#goto-row", "Enter");
}

test("any row is shown: one near the start during the scan, the last after it", async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, large);
  await reaches(tab, "preview");
  await goTo(tab, "15,000");
  await rowShown(tab, 15_000, "14999");
  await scanned(tab, 120_000);
  await goTo(tab, "1 500 000");
  await rowShown(tab, ROWS, String(ROWS - 1));
  await goTo(tab, "777777");
  await rowShown(tab, 777_777, "777776");
  await tab.locator("[role=grid]").focus();
  await tab.keyboard.press("Control+Home");
  await rowShown(tab, 1, "0");
});

test("a save is cancelled in its middle at once; no file is offered, none is left, and the next save is whole", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, large);
  await reaches(tab, "preview");
  await tab.click("#save");
  await reaches(tab, "saving");
  await tab.waitForFunction(() => Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")) >= 20, undefined, { timeout: 60_000 });
  const pressed = Date.now();
  await tab.click("#cancel");
  await reaches(tab, "preview");
  const took = Date.now() - pressed;
  t.diagnostic(`Cancel took ${took} ms`);
  assert.ok(took < 2000, `Cancel took ${took} ms`);
  assert.equal(await tab.locator("#download, #receipt").count(), 0);
  await tab.locator(".toast", { hasText: "cancelled" }).waitFor();
  const left = await tab.evaluate(async () => {
    const sizes = async (folder) => {
      let sum = 0;
      for await (const entry of folder.values()) sum += entry.kind === "file" ? (await entry.getFile()).size : await sizes(entry);
      return sum;
    };
    return sizes(await navigator.storage.getDirectory());
  });
  assert.equal(left, 0);
  adds(await save(tab, 120_000), ROWS);
  const { rows } = read(await download(t, tab), "SELECT count(*), sum(id), min(zip), max(zip), round(sum(amount), 2), count(DISTINCT place), max(\"when\") FROM t");
  const amount = Array.from({ length: ROWS }, (_, i) => ((i * 31) % 100000) * 100 + (i % 100)).reduce((sum, cents) => sum + cents, 0) / 100;
  assert.deepEqual([rows[0].slice(0, 4), Number(rows[0][4]), rows[0].slice(5)], [[String(ROWS), String((ROWS * (ROWS - 1)) / 2), "00000", "99999"], amount, ["1000", "2024-12-28 23:59:53"]]);
});

test("the page's own thread has no long task while it scans and saves, and rows can be looked at meanwhile", async (t) => {
  const { page: tab } = await page(t);
  await tab.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });
  await choose(tab, large);
  await reaches(tab, "preview");
  await tab.click("#save");
  await reaches(tab, "saving");
  await tab.locator("[role=grid]").focus();
  for (let i = 0; i < 10; i += 1) await tab.keyboard.press("PageDown");
  await tab.waitForSelector("body[data-state=done]", { state: "attached", timeout: 120_000 });
  assert.equal((await receipt(tab)).written, ROWS);
  const long = await tab.evaluate(() => globalThis.longTasks);
  t.diagnostic(`long tasks: ${long.length}, the longest ${Math.max(0, ...long)} ms`);
  assert.ok(Math.max(0, ...long) < 250, `long tasks: ${long}`);
});
