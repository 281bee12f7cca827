// The readers of formats beside CSV and JSON Lines are a module of their own, fetched when a file needs it.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { browser, choose, dist, fixture, host, open, temporary } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { save, saveAndDownload, scanned, shows } from "./person.mjs";

const CSV = "a,b\n" + "1,2\n".repeat(1000);
const LINES = '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n';
const DOCUMENT = '[\n  {"a": 1,\n   "b": "x"},\n  {"a": 2,\n   "b": "y"}\n]\n';

const isModule = (asked) => /\/worker-every-\w+_bg\.wasm$/.test(asked);
const fetches = (at) => at.hits.filter(isModule).length;
const kept = (page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");

/** The page without a service worker, which would fetch every file of the program to keep it. */
async function opened(t, { folder = dist } = {}) {
  const at = await host(t, { folder });
  const { page } = await open(t, { context: await browser(t, { serviceWorkers: "block" }), address: at.address });
  return { page, at };
}

/** A person's file is looked at by all formats: shown, or refused in other words than that they cannot be had. */
async function lookedAt(page, name) {
  const entry = page.locator(`.entry:has-text('${name}')`);
  await page.waitForFunction((name) => {
    const entry = [...document.querySelectorAll(".entry")].find((entry) => entry.textContent.includes(name));
    return entry && document.body.dataset.state !== "reading" && !entry.textContent.includes("Reading");
  }, name);
  assert.doesNotMatch(await entry.textContent(), /cannot be fetched/);
  assert.doesNotMatch((await page.locator("[role=alert]").allTextContents()).join(), /cannot be fetched/);
}

async function convertsCsv(t, page) {
  await choose(page, fixture(t, "good.csv", CSV));
  await page.locator(".entry.current:has-text('good.csv')").waitFor();
  await scanned(page);
}

test("CSV and JSON Lines never fetch it", async (t) => {
  const { page, at } = await opened(t);
  await choose(page, fixture(t, "table.csv", CSV), fixture(t, "lines.jsonl", LINES));
  await scanned(page);
  adds(await save(page), 1002);
  assert.equal(fetches(at), 0);
});

test("files of other formats fetch it once, and what was open stays as it was", async (t) => {
  const { page, at } = await opened(t);
  await choose(page, fixture(t, "table.csv", CSV), fixture(t, "one.json", DOCUMENT), fixture(t, "two.json", DOCUMENT.replaceAll("a", "c").replaceAll("b", "d")));
  await lookedAt(page, "one.json");
  await lookedAt(page, "two.json");
  assert.equal(fetches(at), 1);
  await page.click(".entry:has-text('table.csv') .entry-main");
  await scanned(page);
  await convertsCsv(t, page);
  assert.equal(fetches(at), 1);
  await page.click("#badge");
  await page.locator("#other-requests:text-is('0')").waitFor();
});

test("with the network pulled it comes from what the program keeps", async (t) => {
  const at = await host(t);
  const { page } = await open(t, { address: at.address });
  await kept(page);
  at.close();
  await choose(page, fixture(t, "one.json", DOCUMENT));
  await lookedAt(page, "one.json");
  await convertsCsv(t, page);
});

test("where it cannot be had, that file fails and no other; and it is tried again", async (t) => {
  const folder = temporary(t);
  fs.cpSync(dist, folder, { recursive: true });
  const module = fs.readdirSync(folder).find((name) => isModule(`/${name}`));
  fs.renameSync(path.join(folder, module), path.join(folder, "away"));
  const { page } = await opened(t, { folder });
  await choose(page, fixture(t, "one.json", DOCUMENT));
  await page.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
  assert.match(await page.locator("[role=alert]").textContent(), /cannot be fetched.*404/s);
  await convertsCsv(t, page);
  await page.click("#save-options");
  await page.selectOption("#output-compression", "brotli");
  await page.keyboard.press("Escape");
  await page.click("#save");
  await shows(page, /cannot be fetched/);
  await page.click("#save-options");
  await page.selectOption("#output-compression", "zstd");
  await page.keyboard.press("Escape");
  adds(await save(page), 1000);
  fs.renameSync(path.join(folder, "away"), path.join(folder, module));
  await page.click("button[aria-label='Close one.json']");
  await choose(page, fixture(t, "again.json", DOCUMENT));
  await lookedAt(page, "again.json");
});

test("a save compressed with brotli fetches it, and other programs read the file", readers, async (t) => {
  const { page, at } = await opened(t);
  await choose(page, fixture(t, "table.csv", CSV));
  await scanned(page);
  await page.click("#save-options");
  await page.selectOption("#output-compression", "brotli");
  await page.keyboard.press("Escape");
  assert.equal(fetches(at), 0);
  const { file, counts } = await saveAndDownload(t, page);
  adds(counts, 1000);
  const { codecs, rows } = read(file, "SELECT count(*), min(a), max(b) FROM t");
  assert.deepEqual({ codecs, rows, fetched: fetches(at) }, { codecs: ["BROTLI"], rows: [["1000", "1", "2"]], fetched: 1 });
});

test("while tables are scanned, a file of another format takes nothing from them", async (t) => {
  const { page } = await opened(t);
  const big = fixture(t, "big.csv", "id,name\n" + Array.from({ length: 2_000_000 }, (_, i) => `${i},n${i % 97}\n`).join(""));
  await choose(page, big, fixture(t, "one.json", DOCUMENT));
  await lookedAt(page, "one.json");
  await page.click(".entry:has-text('big.csv') .entry-main");
  await scanned(page, 120_000);
  await page.click("button[aria-label='Close one.json']");
  const { counts } = await saveAndDownload(t, page, 120_000);
  adds(counts, 2_000_000);
});
