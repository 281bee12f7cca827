// Bad input: a clear word about it, the page alive, nothing lost, and another file still converts.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { choose, drop, fixture, reaches, temporary } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { cells, columns, panel, save, saveAndDownload, scanned, setOption, sharedBrowser, shows } from "./person.mjs";

const page = sharedBrowser();

/** The page is alive: a good file beside the bad one is shown and saved. */
async function stillConverts(t, tab) {
  await choose(tab, fixture(t, "good.csv", "a,b\n1,2\n3,4\n"));
  await tab.locator(".entry.current:has-text('good.csv')").waitFor();
  await scanned(tab);
  await tab.click("#save-options");
  const only = tab.locator("label:has-text('Only the table on show')");
  if (await only.count()) await only.click();
  await tab.keyboard.press("Escape");
  adds(await save(tab), 2);
}

/** The page says that the file cannot be read, in these words. */
async function refused(tab, words) {
  await tab.locator(".unreadable").waitFor();
  await tab.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
  assert.match(await tab.locator(".unreadable").innerText(), words);
  assert.match(await tab.locator("[role=alert]").textContent(), words);
}

test("an empty file", async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "empty.csv", ""));
  await refused(tab, /empty|nothing/i);
  await stillConverts(t, tab);
});

test("what cannot be read by itself can be told what it is, where it says so", async (t) => {
  const { page: tab } = await page(t);
  const text = Buffer.from(Array.from({ length: 40 }, (_, i) => `\u4e00\u4e8c${i};\u4e09\u56db${i}\n`).join(""), "utf16le");
  await choose(tab, fixture(t, "unmarked.csv", Buffer.concat([Buffer.alloc(2), text])));
  await tab.locator(".unreadable #option-encoding").waitFor();
  assert.deepEqual(await tab.locator(".unreadable .option-title").allTextContents(), ["Format", "Encoding"]);
  await tab.fill("#option-encoding", "UTF-16LE");
  await tab.press("#option-encoding", "Enter");
  await scanned(tab);
  assert.match(await tab.locator("p.sentence").innerText(), /UTF-16LE/);
});

test("an option of Spark's that means nothing here is refused with the reason", async (t) => {
  for (const [name, text] of [["table.csv", "a;b\n1;2\n"], ["table.xml", "<r><m><a>1</a></m><m><a>2</a></m></r>"]]) {
    const { page: tab } = await page(t, { fragment: "samplingratio=0.5" });
    await choose(tab, fixture(t, name, text));
    await refused(tab, /Spark's samplingratio has no meaning here: types are found from.*Leave it out\./s);
    await tab.click("text=Leave out samplingratio=0.5");
    await reaches(tab, "preview");
    assert.deepEqual(await columns(tab), name === "table.csv" ? ["a: bigint", "b: bigint"] : ["a: bigint"]);
  }
});

test("a header and nothing else becomes a file without rows", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "header.csv", "name,city,zip\n"));
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 0);
  assert.deepEqual(Object.keys(read(file).types), ["name", "city", "zip"]);
});

test("a header of blanks, and names that are there twice, get names that differ", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "blanks.csv", " , ,\n1,2,3\n4,5,6\n"));
  await scanned(tab);
  const { file } = await saveAndDownload(t, tab);
  const names = Object.keys(read(file).types);
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, 3);
  assert.ok(names.every((name) => name.trim()));
  assert.ok(read(file).rows.length >= 2);

  await choose(tab, fixture(t, "twice.csv", "id,ID,id,na me;{}()\\t=\n1,2,3,4\n5,6,7,8\n"));
  await tab.locator(".entry.current:has-text('twice.csv')").waitFor();
  await scanned(tab);
  const shown = (await columns(tab)).map((column) => column.replace(/: [^:]*$/, ""));
  assert.equal(new Set(shown.map((name) => name.toLowerCase())).size, 4);
});

test("NUL bytes are kept or told, never a reason to stop", readers, async (t) => {
  const { page: tab } = await page(t);
  await choose(tab, fixture(t, "nul.csv", "a,b\n1,x\0y\n2,z\n"));
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(counts.read, 2);
  assert.equal(counts.read, counts.written + counts.rejected);
  assert.deepEqual(read(file, "SELECT a, replace(b, chr(0), '0') FROM t").rows, [["1", "x0y"], ["2", "z"]].slice(0, counts.written));
});

test("a program called .csv is refused in words", async (t) => {
  const { page: tab } = await page(t);
  const bytes = Buffer.alloc(300_000);
  for (let i = 0, x = 1; i < bytes.length; i += 1) bytes[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16;
  bytes.write("\x7fELF\x02\x01\x01\0");
  await choose(tab, fixture(t, "program.csv", bytes));
  await refused(tab, /binary|not a? ?text|no format|cannot be read/i);
  await stillConverts(t, tab);
});

test("a file that breaks in its middle: what is right is written, the rest is placed", readers, async (t) => {
  const { page: tab } = await page(t);
  const good = Array.from({ length: 20_000 }, (_, i) => `${i},n${i},${i / 4}\n`);
  const broken = Buffer.concat([Buffer.from("id,name,x\n"), Buffer.from(good.slice(0, 10_000).join("")), Buffer.from('77,"never closed,1\n78,too,many,fields,here\n79\n'), Buffer.from([0xff, 0xfe, 0x2c, 0x80, 0x2c, 0x31, 0x0a]), Buffer.from(good.slice(10_000).join(""))]);
  await choose(tab, fixture(t, "broken.csv", broken));
  await scanned(tab);
  await panel(tab, "problems");
  await tab.locator(".cause").first().waitFor();
  const { counts, file } = await saveAndDownload(t, tab);
  assert.equal(counts.read, counts.written + counts.rejected + counts.filtered);
  assert.ok(counts.rejected + counts.repaired >= 3);
  assert.deepEqual(read(file, "SELECT count(*) FROM t WHERE name = 'n' || id AND x::DOUBLE = id::BIGINT / 4").rows, [["20000"]]);
});

test("text that looks like markup or a formula is only ever text", async (t) => {
  const { page: tab, errors, violations } = await page(t);
  const evil = "<img src=x onerror=alert(1)>";
  tab.on("dialog", () => assert.fail("a script of the file ran"));
  await choose(tab, fixture(t, "evil.csv", `${evil},b\n${evil},"=HYPERLINK(""http://x"")"\n<script>alert(1)</script>,</td>\n`));
  await scanned(tab);
  assert.equal((await cells(tab, 1))[0][0], evil);
  assert.equal(await tab.locator("img, script:not([src]):not([type])").count(), 0);
  assert.deepEqual([errors, violations], [[], []]);
});

test("a line of 100 MB is rejected under the bound, and converted when the bound is raised", readers, async (t) => {
  const { page: tab } = await page(t);
  const file = path.join(temporary(t), "line.csv");
  const out = fs.openSync(file, "w");
  fs.writeSync(out, "id,text\n1,short\n2,");
  for (let i = 0; i < 100; i += 1) fs.writeSync(out, Buffer.alloc(1_000_000, "abcdefghij"));
  fs.writeSync(out, "\n3,end\n");
  fs.closeSync(out);
  await choose(tab, file);
  await scanned(tab);
  await panel(tab, "problems");
  await shows(tab, "longer than the bound");
  const counts = await save(tab);
  assert.deepEqual([counts.read, counts.written, counts.rejected], [3, 2, 1]);
  await tab.click("button[aria-label='Close the receipt']");
  await setOption(tab, "maxRecordBytes", "200000000");
  await tab.locator(".option.person:has(#option-maxRecordBytes)").waitFor();
  await scanned(tab);
  const raised = await saveAndDownload(t, tab, 120_000);
  adds(raised.counts, 3);
  assert.deepEqual(read(raised.file, "SELECT id, length(text), right(text, 3) FROM t").rows, [["1", "5", "ort"], ["2", "100000000", "hij"], ["3", "3", "end"]]);
});

for (const [what, change] of [
  ["changes", (file) => fs.appendFileSync(file, "9,9\n")],
  ["disappears", (file) => fs.rmSync(file)],
]) {
  test(`a file that ${what} after it was opened is told, and nothing is saved`, async (t) => {
    const { page: tab } = await page(t);
    const file = fixture(t, "moving.csv", "a,b\n" + "1,2\n".repeat(300_000));
    await choose(tab, file);
    await scanned(tab);
    fs.utimesSync(file, new Date(0), new Date(0));
    change(file);
    await tab.click("#save");
    await tab.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
    assert.match(await tab.locator("[role=alert]").textContent(), /changed, moved or been deleted/);
    assert.equal(await tab.locator("#download").count(), 0);
    await stillConverts(t, tab);
  });
}

test("a folder of nothing, and a drop of no file, are answered", async (t) => {
  const { page: tab } = await page(t);
  await drop(tab);
  await reaches(tab, "ready");
});
