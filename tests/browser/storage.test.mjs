// Offline, in several tabs, after a broken save, in a private window: what the page keeps, and that it works without.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { chromium } from "playwright-core";
import { hostWithWorkers } from "./doctored.mjs";
import { FLAGS, BROWSER, browser, choose, fixture, host, open, reaches, root } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { save, saveAndDownload, scanned } from "./person.mjs";

const kept = (page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");

/** Files of the origin's own storage: path and size. */
const stored = (page) =>
  page.evaluate(async () => {
    const list = async (folder, at) => {
      const files = [];
      for await (const [name, entry] of folder.entries()) {
        if (entry.kind === "directory") files.push(...(await list(entry, `${at}${name}/`)));
        else files.push(`${at}${name}`);
      }
      return files;
    };
    return list(await navigator.storage.getDirectory(), "");
  });

test("with the network pulled the page reloads and converts", async (t) => {
  const at = await host(t);
  const context = await browser(t);
  const { page } = await open(t, { context, address: at.address });
  await kept(page);
  at.close();
  await context.setOffline(true);
  await page.reload();
  await reaches(page, "ready");
  await choose(page, path.join(root, "samples/people.csv"));
  await scanned(page);
  const { counts } = await saveAndDownload(t, page);
  assert.deepEqual([counts.written, counts.read], [2, counts.written + counts.rejected]);
});

test("two tabs convert at once, each its own", readers, async (t) => {
  const at = await host(t);
  const context = await browser(t);
  const tabs = await Promise.all([1, 2].map(() => open(t, { context, address: at.address })));
  const files = await Promise.all(
    tabs.map(async ({ page }, i) => {
      await choose(page, fixture(t, `tab${i}.csv`, "id,tab\n" + Array.from({ length: 20_000 }, (_, k) => `${k},${i}\n`).join("")));
      await scanned(page);
      return (await saveAndDownload(t, page)).file;
    }),
  );
  files.forEach((file, i) => assert.deepEqual(read(file, "SELECT count(*), sum(id), min(tab), max(tab) FROM t").rows, [["20000", "199990000", String(i), String(i)]]));
});

test("a reload in the middle of a save leaves nothing behind after the next start; another tab's files stay", async (t) => {
  const at = await host(t);
  const context = await browser(t);
  const { page: other } = await open(t, { context, address: at.address });
  await choose(other, path.join(root, "samples/orders.csv"));
  await scanned(other);
  await save(other);
  const others = await stored(other);
  assert.ok(others.length > 0);

  const { page } = await open(t, { context, address: at.address });
  const line = `${"some text, ".repeat(12)}0.5\n`;
  const file = fixture(t, "long.csv", "");
  for (let i = 0; i < 60; i += 1) fs.appendFileSync(file, line.repeat(10_000));
  await choose(page, file);
  await reaches(page, "preview");
  await page.click("#save");
  await reaches(page, "saving");
  while ((await stored(page)).length === others.length) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(await page.getAttribute("body", "data-state"), "saving");
  await page.reload();
  await reaches(page, "ready");
  // The new page cleans up after the old one once the old one's lock is free.
  for (const end = Date.now() + 10_000; Date.now() < end && (await stored(other)).length !== others.length; ) await page.waitForTimeout(50);
  assert.deepEqual(await stored(other), others);
});

test("a private window converts", async (t) => {
  const at = await host(t);
  const chromiumWithoutProfile = await chromium.launch({ executablePath: BROWSER, args: FLAGS });
  t.after(() => chromiumWithoutProfile.close());
  const { page } = await open(t, { context: await chromiumWithoutProfile.newContext(), address: at.address });
  await choose(page, path.join(root, "samples/orders.csv"));
  await scanned(page);
  const { counts } = await saveAndDownload(t, page);
  assert.equal(counts.read, counts.written + counts.rejected);
});

test("without a private file system the page converts from memory, and says so", readers, async (t) => {
  const at = await hostWithWorkers(
    t,
    `navigator.storage.getDirectory = () => Promise.reject(new DOMException("no such thing here", "SecurityError"));
export const initSync = real.initSync;
export const start = real.start;`,
  );
  const { page } = await open(t, { address: at.address });
  await page.evaluate(() => {
    globalThis.notes = new Set();
    new MutationObserver(() => document.querySelectorAll("[role=status]").forEach((status) => globalThis.notes.add(status.textContent))).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await choose(page, fixture(t, "table.csv", "a,b\n" + "1,x\n".repeat(8_000_000)));
  await scanned(page);
  // Beforehand in the foot and where the target is chosen.
  await page.locator(".foot", { hasText: "no private file system" }).waitFor();
  await page.click("#save-options");
  await page.locator(".dialog", { hasText: "no private file system" }).waitFor();
  await page.keyboard.press("Escape");
  const { counts, file } = await saveAndDownload(t, page);
  adds(counts, 8_000_000);
  assert.deepEqual(read(file, "SELECT count(*), sum(a), min(b) FROM t").rows, [["8000000", "8000000", "x"]]);
  assert.match([...(await page.evaluate(() => [...globalThis.notes]))].join("\n"), /private file system/);
});

test("a full quota ends the save with a clear error, and the page goes on", readers, async (t) => {
  const { page, context, address } = await open(t);
  const rows = Array.from({ length: 400_000 }, (_, i) => `${i},${Math.sin(i).toString(36)}`);
  await choose(page, fixture(t, "table.csv", `id,v\n${rows.join("\n")}\n`));
  await scanned(page);
  const devtools = await context.newCDPSession(page);
  const origin = new URL(address).origin;
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
  await page.click("#save");
  await page.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
  assert.match(await page.locator("[role=alert]").textContent(), /no more room/);
  assert.equal(await page.locator("a#download").count(), 0);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  const { counts, file } = await saveAndDownload(t, page);
  adds(counts, 400_000);
  assert.deepEqual(read(file, "SELECT count(*), max(id) FROM t").rows, [["400000", "399999"]]);
});
