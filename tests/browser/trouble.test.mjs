// What goes wrong around the page: traps, endless loops, memory running out, no storage, a reload, a second tab.

import assert from "node:assert/strict";
import test from "node:test";
import { browser, choose, fixture, host, open, reaches } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { saveAndDownload } from "./person.mjs";

/** A CSV of so many rows that a save of it can be met on the way. */
const long = (rows) => "id,name,amount,when\n" + Array.from({ length: rows }, (_, i) => `${i},name ${i % 1000},${i / 8},2024-01-01T00:00:${String(i % 60).padStart(2, "0")}\n`).join("");

/** Saves, and sees that the file has every row. */
async function savesAll(t, page, rows) {
  const { counts, file } = await saveAndDownload(t, page, 120_000);
  adds(counts, rows);
  assert.deepEqual(read(file, "SELECT count(DISTINCT id), max(id) FROM t").rows, [[String(rows), String(rows - 1)]]);
}

/** Every file in the origin's private storage. */
const stored = (page) =>
  page.evaluate(async () => {
    const found = [];
    const walk = async (folder, at) => {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === "directory") await walk(handle, `${at}${name}/`);
        else found.push(`${at}${name}`);
      }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return found;
  });

/** Counts the workers that the page makes from now on. */
function replacements(page) {
  const made = [];
  page.on("worker", (worker) => made.push(worker));
  return made;
}

/** The decode workers of a page. */
async function decoders(page) {
  const named = await Promise.all(page.workers().map(async (worker) => [await worker.evaluate(() => self.name), worker]));
  return named.filter(([name]) => name.startsWith("decode")).map(([, worker]) => worker);
}

test("a trap in a decode worker costs one instance, not the file", readers, async (t) => {
  const { page } = await open(t, { fragment: "sink=download" });
  await choose(page, fixture(t, "long.csv", long(800_000)));
  await reaches(page, "preview");
  for (const worker of await decoders(page)) await worker.evaluate(() => { setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); }, 50); });
  const made = replacements(page);
  await savesAll(t, page, 800_000);
  assert.ok(made.length >= 1, "no worker was replaced");
});

test("an endless loop in a decode worker is noticed, and its range read again", { ...readers, timeout: 180_000 }, async (t) => {
  const { page } = await open(t, { fragment: "sink=download" });
  await choose(page, fixture(t, "long.csv", long(800_000)));
  await reaches(page, "preview");
  for (const worker of await decoders(page)) worker.evaluate(() => { for (;;); }).catch(() => {});
  const made = replacements(page);
  await savesAll(t, page, 800_000);
  assert.ok(made.length >= 1, "no worker was replaced");
});

test("memory running out in a worker costs one instance, not the file", readers, async (t) => {
  const context = await browser(t);
  await exposeWasm(context);
  const { page } = await open(t, { context, fragment: "sink=download" });
  await choose(page, fixture(t, "long.csv", long(800_000)));
  await reaches(page, "preview");
  const [worker] = await decoders(page);
  await worker.evaluate(() => {
    const { memory } = globalThis.probedWasm;
    for (let pages = 1 << 15; pages >= 1; pages >>= 1) {
      try {
        for (;;) memory.grow(pages);
      } catch {
        // full to within this many pages
      }
    }
  });
  const made = replacements(page);
  await savesAll(t, page, 800_000);
  assert.ok(made.length >= 1, "no worker was replaced");
});

test("without private storage a file is converted in memory", readers, async (t) => {
  const context = await browser(t);
  await context.route("**/colonnade-worker-*.js", async (route) => {
    const response = await route.fetch();
    const denied = 'navigator.storage.getDirectory = () => Promise.reject(new DOMException("denied", "SecurityError"));\n';
    await route.fulfill({ response, body: denied + (await response.text()) });
  });
  const { page } = await open(t, { context, fragment: "sink=download" });
  await choose(page, fixture(t, "long.csv", long(1000)));
  await savesAll(t, page, 1000);
});

test("a reload in the middle of a save leaves no file for ever", async (t) => {
  const { page } = await open(t, { fragment: "sink=download" });
  await choose(page, fixture(t, "long.csv", long(1_500_000)));
  await page.click("button#save");
  await reaches(page, "saving");
  await page.reload();
  await reaches(page, "ready");
  for (let tries = 0; tries < 100 && (await stored(page)).length > 0; tries++) await page.waitForTimeout(50);
  assert.deepEqual(await stored(page), []);
});

test("two tabs save at the same time and do not meet", readers, async (t) => {
  const context = await browser(t);
  const { address } = await host(t);
  const [one, two] = [await open(t, { context, address, fragment: "sink=download" }), await open(t, { context, address, fragment: "sink=download" })];
  await choose(one.page, fixture(t, "one.csv", long(300_000)));
  await choose(two.page, fixture(t, "two.csv", long(200_000)));
  await Promise.all([one, two].map(({ page }) => reaches(page, "preview")));
  await Promise.all([savesAll(t, one.page, 300_000), savesAll(t, two.page, 200_000)]);
});

/** Lets a test reach the memory of a worker's wasm. */
async function exposeWasm(context) {
  await context.route("**/colonnade-worker-*.js", async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({ response, body: text.replace(/wasm = instance\.exports;/, "wasm = globalThis.probedWasm = instance.exports;") });
  });
}
