// Saving to a file or a folder that a person picked. The pickers are replaced by ones that answer with real handles of the
// origin's own file system, since no test can press the system's dialogs.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { hostWithFaults, hostWithWorkers } from "./doctored.mjs";
import { choose, fixture, reaches, temporary } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { save, scanned, sharedBrowser, shows } from "./person.mjs";

const page = sharedBrowser();

/** Opens the page with pickers that answer from a folder of their own. */
async function opened(t, sink, more = {}) {
  const { page: tab } = await page(t, { state: null, ...more });
  await tab.addInitScript(() => {
    const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("picked", { create: true });
    globalThis.pickers = [];
    globalThis.showDirectoryPicker = async () => (globalThis.pickers.push(navigator.userActivation.isActive), folder());
    globalThis.showSaveFilePicker = async ({ suggestedName }) => (globalThis.pickers.push(navigator.userActivation.isActive), (await folder()).getFileHandle(suggestedName, { create: true }));
  });
  await tab.goto(tab.url().replace(/#.*/, "") + `#sink=${sink}`);
  await tab.reload();
  await reaches(tab, "ready");
  await tab.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry("picked", { recursive: true }).catch(() => {}));
  return tab;
}

/** What lies in the picked folder, copied to this machine: names to paths. */
async function picked(t, tab) {
  const files = await tab.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("picked", { create: true });
    const files = [];
    for await (const [name, entry] of folder.entries()) {
      const bytes = new Uint8Array(await (await entry.getFile()).arrayBuffer());
      files.push([name, Array.from({ length: Math.ceil(bytes.length / 32768) }, (_, i) => String.fromCharCode(...bytes.subarray(i * 32768, (i + 1) * 32768))).join("")]);
    }
    return files.sort();
  });
  const folder = temporary(t);
  return Object.fromEntries(files.map(([name, bytes]) => [name, (fs.writeFileSync(path.join(folder, name), bytes, "latin1"), path.join(folder, name))]));
}

/** A file whose odd value comes late, beyond what is looked at first. */
const WIDENING = "id,v\n" + Array.from({ length: 400_000 }, (_, i) => `${i},${i === 199_000 ? "AB-77" : i * 7}\n`).join("");

test("a picked file is written, the picker opened within the click", readers, async (t) => {
  const tab = await opened(t, "file");
  await choose(tab, fixture(t, "table.csv", "a,b\n1,x\n2,y\n"));
  await scanned(tab);
  adds(await save(tab), 2);
  assert.deepEqual(await tab.evaluate(() => globalThis.pickers), [true]);
  assert.equal(await tab.locator("#download").count(), 0);
  const files = await picked(t, tab);
  assert.deepEqual(Object.keys(files), ["table.parquet"]);
  assert.deepEqual(read(files["table.parquet"]).rows, [["1", "x"], ["2", "y"]]);
});

test("a picked folder gets one file a table, and one that widened late is right from its first row", readers, async (t) => {
  const tab = await opened(t, "folder");
  await choose(tab, fixture(t, "late.csv", WIDENING), fixture(t, "small.csv", "a,b\n1,x\n"));
  await reaches(tab, "preview");
  const counts = await save(tab, 120_000);
  assert.deepEqual([counts.read, counts.written], [400_001, 400_001]);
  const files = await picked(t, tab);
  assert.deepEqual(Object.keys(files), ["late.parquet", "small.parquet"]);
  assert.deepEqual(read(files["late.parquet"], "SELECT count(*), sum(id), max(v) FILTER (id = 199000), max(v) FILTER (id = 3) FROM t").rows, [["400000", "79999800000", "AB-77", "21"]]);
  assert.deepEqual(read(files["small.parquet"]).rows, [["1", "x"]]);
});

test("a file whose type widens in the middle of a save is written again from its start", readers, async (t) => {
  const tab = await opened(t, "file");
  await choose(tab, fixture(t, "late.csv", WIDENING));
  await reaches(tab, "preview");
  adds(await save(tab, 120_000), 400_000);
  const files = await picked(t, tab);
  assert.deepEqual(read(files["late.parquet"], "SELECT count(*), max(v) FILTER (id = 199000), min(v) FILTER (id = 0) FROM t").rows, [["400000", "AB-77", "0"]]);
});

test("a cancelled save leaves no half file: a new one is gone, one that was there is as it was", async (t) => {
  const { address, faults } = await hostWithFaults(t);
  const tab = await opened(t, "folder", { address });
  const file = fixture(t, "long.csv", "a,b,c\n");
  for (let i = 0; i < 80; i += 1) fs.appendFileSync(file, "12345,some text that is long enough,0.25\n".repeat(20_000));
  await tab.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("picked", { create: true });
    const stream = await (await folder.getFileHandle("small.parquet", { create: true })).createWritable();
    await stream.write("mine");
    await stream.close();
  });
  await choose(tab, file, fixture(t, "small.csv", "a,b\n1,x\n"));
  await scanned(tab);
  // The save goes on for as long as it takes to press: one of its units never ends.
  faults.decode.push("none", "none", "none", "hang");
  await tab.click("#save");
  await reaches(tab, "saving");
  await tab.waitForFunction(() => Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")) >= 10);
  await tab.click("#cancel");
  await reaches(tab, "preview");
  const files = await picked(t, tab);
  assert.deepEqual(Object.keys(files).filter((name) => !name.endsWith(".crswap")), ["small.parquet"]);
  assert.equal(fs.readFileSync(files["small.parquet"], "utf8"), "mine");
});

test("a save after a cancelled one is not undone by what the disk still does for the first", readers, async (t) => {
  // A disk that is slow to write, to give up what was written, and to close.
  const at = await hostWithWorkers(
    t,
    `for (const name of ["write", "abort", "close"]) {
  const real = FileSystemWritableFileStream.prototype[name];
  FileSystemWritableFileStream.prototype[name] = function (...given) {
    return new Promise((later) => setTimeout(later, name === "write" ? 300 : 1500)).then(() => real.apply(this, given));
  };
}
export const initSync = real.initSync;
export const start = real.start;`,
  );
  const tab = await opened(t, "file", { address: at.address });
  await choose(tab, fixture(t, "late.csv", WIDENING));
  await scanned(tab);
  // Pressed as soon as it is there: so small a file may be saved before another program has pressed it.
  await tab.evaluate(() => {
    const press = (_, observer) => {
      const cancel = document.querySelector("#cancel");
      if (cancel) observer.disconnect(), cancel.click();
    };
    new MutationObserver(press).observe(document.body, { childList: true, subtree: true });
  });
  await tab.click("#save");
  await shows(tab, "The save was cancelled.");
  adds(await save(tab, 120_000), 400_000);
  adds(await save(tab, 120_000), 400_000);
  await tab.waitForTimeout(3000);
  const files = await picked(t, tab);
  assert.deepEqual(Object.keys(files), ["late.parquet"]);
  assert.deepEqual(read(files["late.parquet"], "SELECT count(*), max(v) FILTER (id = 199000) FROM t").rows, [["400000", "AB-77"]]);
});

test("a picker that is closed saves nothing and says so", async (t) => {
  const tab = await opened(t, "file");
  await tab.evaluate(() => { globalThis.showSaveFilePicker = () => Promise.reject(new DOMException("closed", "AbortError")); });
  await choose(tab, fixture(t, "table.csv", "a,b\n1,x\n"));
  await scanned(tab);
  await tab.click("#save");
  await tab.locator(".toast", { hasText: "no target was chosen" }).waitFor();
  await reaches(tab, "preview");
});
