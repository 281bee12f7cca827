// A worker that traps, hangs or runs out of memory costs its unit at most: the page lives, and other files are not concerned.

import assert from "node:assert/strict";
import test from "node:test";
import { hostWithFaults } from "./doctored.mjs";
import { browser, choose, fixture, open, reaches } from "./harness.mjs";
import { adds } from "./parquet.mjs";
import { save, scanned } from "./person.mjs";

const TABLE = "a,b\n" + "1,2\n".repeat(50_000);

async function opened(t) {
  const { address, faults } = await hostWithFaults(t);
  const { page } = await open(t, { context: await browser(t), address });
  return { page, faults };
}

/** Another file is opened, shown and saved, with `rows` rows in all that can be saved. */
async function stillConverts(t, page, rows = 2) {
  await choose(page, fixture(t, "good.csv", "c,d\n1,2\n3,4\n"));
  await page.locator(".entry.current:has-text('good.csv')").waitFor();
  await scanned(page);
  adds(await save(page), rows);
}

for (const fault of ["trap", "memory"]) {
  test(`${fault === "trap" ? "a trap" : "memory running out"} in a decode worker: the unit runs once more on a fresh one`, async (t) => {
    const { page, faults } = await opened(t);
    faults.decode.push(fault);
    await choose(page, fixture(t, "table.csv", TABLE));
    await scanned(page);
    assert.deepEqual(faults.taken, [fault]);
    faults.decode.push(fault);
    adds(await save(page), 50_000);
    assert.deepEqual(faults.taken, [fault, fault]);
  });

  test(`${fault === "trap" ? "a trap" : "memory running out"} twice on the same unit: the file fails with its range, other files do not`, async (t) => {
    const { page, faults } = await opened(t);
    faults.decode.push(fault, fault);
    await choose(page, fixture(t, "table.csv", TABLE));
    await page.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
    assert.match(await page.locator("[role=alert]").textContent(), /failed twice on bytes \d+ to \d+/);
    // The file that was shown stays, and a save tries it anew.
    await stillConverts(t, page, 50_002);
  });

  test(`${fault === "trap" ? "a trap" : "memory running out"} in the preview worker: that file fails, the next is looked at by a fresh one`, async (t) => {
    const { page, faults } = await opened(t);
    faults.preview.push(fault);
    await choose(page, fixture(t, "table.csv", TABLE));
    await page.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
    assert.match(await page.locator("[role=alert]").textContent(), /worker/);
    await stillConverts(t, page);
  });
}

test("a file that the preview worker trips over takes none with it that waited behind it", async (t) => {
  const { page, faults } = await opened(t);
  faults.preview.push("trap");
  const of = (header) => TABLE.replace("a,b", header);
  await choose(page, fixture(t, "first.csv", TABLE), fixture(t, "second.csv", of("c,d")), fixture(t, "third.csv", of("e,f")));
  await page.locator(".entry:has-text('first.csv') .failed").waitFor();
  await page.click(".entry:has-text('third.csv') .entry-main");
  await scanned(page);
  adds(await save(page), 100_000);
});

test("a decode worker in an endless loop: Cancel is not held up, and the silent worker is replaced", async (t) => {
  const { page, faults } = await opened(t);
  await choose(page, fixture(t, "table.csv", TABLE));
  await scanned(page);
  faults.decode.push("hang");
  await page.click("#save");
  await reaches(page, "saving");
  while (!faults.taken.length) await page.evaluate(() => new Promise(requestAnimationFrame));
  const pressed = Date.now();
  await page.click("#cancel");
  await reaches(page, "preview");
  assert.ok(Date.now() - pressed < 2000, `Cancel took ${Date.now() - pressed} ms`);
  // The other worker does the next save; then one hangs in that too, is waited for, and is replaced.
  adds(await save(page), 50_000);
  faults.decode.push("hang");
  adds(await save(page, 60_000), 50_000);
  assert.deepEqual(faults.taken, ["hang", "hang"]);
});

test("the coordinator is lost: the page says so and offers a fresh start", async (t) => {
  const { page } = await opened(t);
  for (const worker of page.workers()) {
    if ((await worker.evaluate(() => self.name)).startsWith("coordinator")) await worker.evaluate(() => { setTimeout(() => { throw new Error("lost"); }); });
  }
  await page.waitForSelector("body[data-state=error][data-fatal]", { state: "attached" });
  assert.match(await page.locator("[role=alert]").textContent(), /coordinates/);
  await page.click("#recovery-reload");
  await reaches(page, "ready");
});
