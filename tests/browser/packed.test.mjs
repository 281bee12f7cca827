// What is compressed or archived is unpacked first, into the tab's private storage, and is then a file like any other.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import zlib from "node:zlib";
import { choose, fixture, reaches, temporary } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { cells, panel, save, saveAndDownload, scanned, sentence, sharedBrowser, shows } from "./person.mjs";

const page = sharedBrowser();

const PEOPLE = "id,name\n1,Ada\n2,Liu\n3,Zoë\n";
const LINES = '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n';

/** A zip of files by name, made by Python's zipfile: `[name, content, stored]`. */
function zip(t, name, files) {
  const file = path.join(temporary(t), name);
  const script = "import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n  for n, c, s in json.load(sys.stdin):\n    z.writestr(n, c, zipfile.ZIP_STORED if s else zipfile.ZIP_DEFLATED)";
  execFileSync("python3", ["-c", script, file], { input: JSON.stringify(files) });
  return file;
}

const names = (tab) => tab.locator(".entry .entry-name").allTextContents();

/** Waits until no table is being read or unpacked. */
async function settled(tab, timeout = 60_000) {
  await tab.waitForFunction(() => !document.querySelector(".entry .reading") && document.querySelector(".entry"), undefined, { timeout });
}

test("a gzip of CSV is shown, saved and says what it came out of", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "people.csv.gz", zlib.gzipSync(PEOPLE)));
  await scanned(tab);
  assert.match(await sentence(tab), /^From gzip: Comma-separated/);
  assert.deepEqual((await cells(tab, 1))[0], ["1", "Ada"]);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 3);
  assert.equal(path.basename(file), "people.parquet");
  assert.deepEqual(read(file).rows, [["1", "Ada"], ["2", "Liu"], ["3", "Zoë"]]);
});

test("a zip's members become tables, and what is no data is listed", readers, async (t) => {
  const { page: tab } = await page(t);
  const file = zip(t, "all.zip", [["data/people.csv", PEOPLE, false], ["__MACOSX/._x", "x", false], ["lines.jsonl", LINES, true], ["empty.csv", "", false], ["inner.csv", "p;q\n1;2\n", false]]);
  await choose(tab, file);
  await tab.locator(".entry:has-text('inner.csv')").waitFor();
  await settled(tab);
  assert.deepEqual(await names(tab), ["all.zip / data/people.csv", "all.zip / lines.jsonl", "all.zip / inner.csv"]);
  await scanned(tab);
  assert.match(await sentence(tab), /^From zip \(deflate\): /);
  await panel(tab, "problems");
  await shows(tab, "__MACOSX/._x (hidden), empty.csv (empty)");
  await tab.click(".entry:has-text('lines.jsonl') .entry-main");
  await scanned(tab);
  assert.match(await sentence(tab), /^From zip \(stored\): JSON Lines/);
  adds(await save(tab), 6);
});

test("a member that is stored as it is has its checksum looked at", async (t) => {
  const file = zip(t, "stored.zip", [["people.csv", PEOPLE, true]]);
  const bytes = fs.readFileSync(file);
  bytes[bytes.indexOf("Ada")] = "I".charCodeAt(0);
  fs.writeFileSync(file, bytes);
  const { page: tab } = await page(t);
  await choose(tab, file);
  await scanned(tab);
  assert.deepEqual((await cells(tab, 1))[0], ["1", "Ida"]);
  await panel(tab, "problems");
  await shows(tab, "its checksum is another than the archive says");
});

test("an archive has one budget for all of its members", async (t) => {
  const large = (header) => header + "1,2\n".repeat(250_000);
  const file = zip(t, "all.zip", [["one.csv", large("a,b\n"), false], ["two.csv", large("c,d\n"), false], ["three.csv", large("e,f\n"), false]]);
  const { page: tab } = await page(t, { fragment: "maxUnpackedBytes=2500000&maxUnpackRatio=100000" });
  await choose(tab, file);
  await tab.locator(".entry:has-text('three.csv')", { hasText: "cannot be read" }).waitFor();
  await settled(tab);
  await tab.click(".entry:has-text('two.csv') .entry-main");
  await scanned(tab);
  await tab.click(".entry:has-text('three.csv') .entry-main");
  assert.match(await tab.locator(".unreadable").innerText(), /More than 2500000 bytes/);
});

test("a tar in a gzip, and a gzip in that, come out whole", async (t) => {
  const { page: tab } = await page(t);
  const folder = temporary(t);
  fs.writeFileSync(path.join(folder, "people.csv"), PEOPLE);
  fs.writeFileSync(path.join(folder, "more.csv.gz"), zlib.gzipSync(PEOPLE.replace("id,name", "number,title")));
  execFileSync("tar", ["-C", folder, "-czf", path.join(folder, "all.tgz"), "people.csv", "more.csv.gz"]);
  await choose(tab, path.join(folder, "all.tgz"));
  await tab.locator(".entry:has-text('more.csv.gz')").waitFor();
  await settled(tab);
  await tab.click(".entry:has-text('more.csv.gz') .entry-main");
  await scanned(tab);
  assert.match(await sentence(tab), /^From gzip, tar, gzip: /);
  adds(await save(tab), 6);
});

test("a zip bomb ends at the budget in words, and the page lives", async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "bomb.csv.gz", zlib.gzipSync(Buffer.alloc(600_000_000, "0,0,0\n"), { level: 9 })));
  await tab.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached", timeout: 120_000 });
  assert.match(await tab.locator("[role=alert]").textContent(), /over 250 times as many.*maxUnpackRatio/s);
  await choose(tab, fixture(t, "good.csv", PEOPLE));
  await tab.locator(".entry.current:has-text('good.csv')").waitFor();
  await scanned(tab);
});

test("of a gzip that is cut, the start is read and the cut is told; FAILFAST refuses it", async (t) => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `${i},${(i * 2_654_435_761) % 4_294_967_296}\n`).join("");
  const whole = zlib.gzipSync(`id,x\n${rows}`);
  const file = fixture(t, "cut.csv.gz", whole.subarray(0, whole.length / 2));
  const { page: tab } = await page(t);
  await choose(tab, file);
  await scanned(tab);
  await panel(tab, "problems");
  await shows(tab, "is cut");
  const counts = await save(tab);
  assert.ok(counts.written > 50_000 && counts.written < 200_000);
  assert.match(await tab.locator("#receipt .found").textContent(), /is cut/);
  const { page: strict } = await page(t, { fragment: "mode=FAILFAST" });
  await choose(strict, file);
  await strict.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
  assert.match(await strict.locator("[role=alert]").textContent(), /is cut/);
});

/** The most that the processes below ours take, in bytes. */
function resident() {
  const stat = execFileSync("ps", ["-e", "-o", "pid=,ppid=,rss="], { encoding: "utf8" }).trim().split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const mine = new Set([process.pid]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of stat) if (mine.has(parent) && !mine.has(pid)) grown = Boolean(mine.add(pid));
  }
  return stat.filter(([pid]) => mine.has(pid) && pid !== process.pid).reduce((sum, [, , rss]) => sum + rss * 1024, 0);
}

test("a gzip of 1 GB is on show before it is unpacked, and memory stays flat", async (t) => {
  const rows = Array.from({ length: 250_000 }, (_, i) => `${i % 97},name ${(i * 40_503) % 977},${(i * 2_654_435_761) % 1_000_003}\n`).join("");
  const block = zlib.gzipSync(rows, { level: 1 });
  const file = path.join(temporary(t), "large.csv.gz");
  const out = fs.openSync(file, "w");
  fs.writeSync(out, zlib.gzipSync("a,b,c\n"));
  let bytes = 6;
  let count = 0;
  for (; bytes < 1e9; bytes += rows.length) {
    fs.writeSync(out, block);
    count += 250_000;
  }
  fs.closeSync(out);
  const { page: tab } = await page(t);
  const before = resident();
  let most = before;
  const watch = setInterval(() => { most = Math.max(most, resident()); }, 200);
  t.after(() => clearInterval(watch));
  const begun = Date.now();
  await choose(tab, file);
  await tab.locator(".entry .reading:has-text('unpacking')").waitFor();
  await tab.locator(".grid-body [role=gridcell]").first().waitFor();
  const shown = Date.now() - begun;
  await settled(tab, 200_000);
  const unpacked = Date.now() - begun;
  const peak = most;
  clearInterval(watch);
  t.diagnostic(`${fs.statSync(file).size} bytes to ${bytes}: shown after ${shown} ms, unpacked after ${unpacked} ms, ${Math.round((peak - before) / 1e6)} MB above the idle tab`);
  assert.ok(shown < unpacked, `${shown} ms and ${unpacked} ms`);
  assert.ok(peak - before < 700e6, `${Math.round((peak - before) / 1e6)} MB`);
  await scanned(tab, 200_000);
  assert.equal((await tab.locator(".entry .shown").textContent()).replace(/\D/g, ""), String(count));
});

test("a table that is closed while it is unpacked leaves nothing behind", async (t) => {
  const { page: tab } = await page(t);
  const member = zlib.gzipSync(Array.from({ length: 1_000_000 }, (_, i) => `${i},${(i * 2_654_435_761) % 4_294_967_296}\n`).join(""), { level: 1 });
  // Seconds of unpacking: it is certainly seen.
  const file = fixture(t, "random.csv.gz", Buffer.concat(Array.from({ length: 30 }, () => member)));
  await choose(tab, file);
  await tab.locator(".entry .reading:has-text('unpacking')").waitFor();
  await tab.click("button[aria-label='Close random.csv.gz']");
  await reaches(tab, "ready");
  await choose(tab, fixture(t, "good.csv", PEOPLE));
  await scanned(tab);
  adds(await save(tab), 3);
});
