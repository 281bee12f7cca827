// What was guessed is put right by a person, in every way the page offers, and the saved file follows.

import assert from "node:assert/strict";
import test from "node:test";
import { choose, fixture, reaches } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { cells, columns, correct, openColumn, panel, save, saveAndDownload, scanned, sentence, setOption, setType, settled, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

/** Opens the page with a file of this text. */
async function opened(t, text, { name = "table.csv", fragment } = {}) {
  const { page: tab } = await page(t, { fragment });
  await choose(tab, fixture(t, name, text));
  return tab;
}

test("separator and header are corrected in the sentence", readers, async (t) => {
  const tab = await opened(t, "a,1,c|x\nb,2,c|y\nc,3,c|z\n");
  await scanned(tab);
  await correct(tab, "sep", "|");
  await tab.locator(".sentence .word.person[data-option=sep]").waitFor();
  await correct(tab, "header", "false");
  await tab.locator(".sentence .word.person[data-option=header]").waitFor();
  await scanned(tab);
  assert.deepEqual(await cells(tab), [["a,1,c", "x"], ["b,2,c", "y"], ["c,3,c", "z"]]);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 3);
  assert.deepEqual(read(file).rows, [["a,1,c", "x"], ["b,2,c", "y"], ["c,3,c", "z"]]);
});

test("a type is overridden by its chip; what does not fit becomes null and is counted", readers, async (t) => {
  const tab = await opened(t, "code,n\n1,10\n2,20\nx7,30\n");
  await scanned(tab);
  assert.deepEqual(await columns(tab), ["code: string", "n: bigint"]);
  await setType(tab, "code", "int");
  await scanned(tab);
  assert.deepEqual(await columns(tab), ["code: int", "n: bigint"]);
  await panel(tab, "problems");
  await tab.locator(".cause-title", { hasText: "not of the column's type" }).waitFor();
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 3);
  assert.deepEqual([counts.nulled, counts.repaired], [1, 1]);
  const { types, rows } = read(file);
  assert.equal(types.code, "INTEGER");
  assert.deepEqual(rows, [["1", "10"], ["2", "20"], [null, "30"]]);
});

test("zeros in front come off only when a person says that they are numbers", readers, async (t) => {
  const tab = await opened(t, "zip,n\n01821,1\n10115,2\n");
  await scanned(tab);
  assert.equal((await columns(tab))[0], "zip: string");
  await setType(tab, "zip", "int");
  await scanned(tab);
  const { file } = await saveAndDownload(t, tab);
  assert.deepEqual(read(file, "SELECT zip FROM t").rows, [["1821"], ["10115"]]);
});

test("a column is renamed; a name that is taken is refused in words", readers, async (t) => {
  const tab = await opened(t, "a,b\n1,2\n");
  await scanned(tab);
  await openColumn(tab, "a");
  await tab.fill("#column-name", "B");
  await tab.press("#column-name", "Enter");
  await tab.locator(".toast", { hasText: "another column" }).waitFor();
  await tab.fill("#column-name", "alpha");
  await tab.press("#column-name", "Enter");
  await tab.keyboard.press("Escape");
  await tab.locator(".head-name:text-is('alpha')").waitFor();
  await scanned(tab);
  const { file } = await saveAndDownload(t, tab);
  assert.deepEqual(Object.keys(read(file).types), ["alpha", "b"]);
});

test("changes are undone and redone, by key, by button and by the list", async (t) => {
  const tab = await opened(t, "a;b\n1;2\n");
  await scanned(tab);
  const before = await sentence(tab);
  await correct(tab, "sep", ",");
  await tab.locator(".jump-counts", { hasText: "1 column" }).waitFor();
  await tab.locator("[role=grid]").focus();
  await tab.keyboard.press("Control+z");
  await tab.locator(".jump-counts", { hasText: "2 columns" }).waitFor();
  assert.equal(await sentence(tab), before);
  await tab.click("button[aria-label=Redo]");
  await tab.locator(".jump-counts", { hasText: "1 column" }).waitFor();
  await panel(tab, "changes");
  await tab.click(".step button:text-is('As detected')");
  await tab.locator(".jump-counts", { hasText: "2 columns" }).waitFor();
  assert.ok(await tab.isDisabled("button[aria-label=Undo]"));
});

test("a finding's button puts it right: NA is read as null", readers, async (t) => {
  const lines = Array.from({ length: 40 }, (_, i) => `${i},${i % 4 === 3 ? "NA" : i * 2}`);
  const tab = await opened(t, `id,value\n${lines.join("\n")}\n`);
  await scanned(tab);
  assert.equal((await columns(tab))[1], "value: string");
  await panel(tab, "problems");
  await tab.locator(".finding", { hasText: "NA" }).locator("button.fix").click();
  await tab.locator(".head .chip-words:text-is('bigint') >> nth=1").waitFor();
  await scanned(tab);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 40);
  assert.equal(counts.nulled, 0);
  assert.deepEqual(read(file, "SELECT count(*), count(value), sum(value) FROM t").rows, [["40", "30", String(lines.reduce((sum, _, i) => sum + (i % 4 === 3 ? 0 : i * 2), 0))]]);
});

test("a group of rejects has the button that puts it right: N/A as null, the other order of dates, a wider type", readers, async (t) => {
  // The odd values stand beyond what the page looks at first.
  const line = (i) => (i === 30_000 || i === 60_000 ? `${i},N/A,13/02/2024` : i === 50_000 ? `${i},0.5,13/02/2024` : `${i},7,13/02/2024`);
  const tab = await opened(t, `id,n,day\n${Array.from({ length: 100_000 }, (_, i) => line(i)).join("\n")}\n`);
  await scanned(tab);
  await setType(tab, "n", "int");
  await scanned(tab);
  await panel(tab, "problems");
  const nulled = (count) => tab.locator(".problems-sum", { hasText: `${count} made null` }).waitFor();
  await nulled("3 cells");
  await tab.locator(".cause .fix", { hasText: "Read N/A as null" }).click();
  await nulled("1 cell");
  await tab.keyboard.press("Control+z");
  await nulled("3 cells");
  await tab.locator(".cause .fix", { hasText: "Read N/A as null" }).click();
  await nulled("1 cell");
  await tab.locator(".cause .fix", { hasText: "Widen n to double" }).click();
  await nulled("0 cells");
  await openColumn(tab, "day");
  await tab.fill("#column-pattern", "MM/dd/yyyy");
  await tab.press("#column-pattern", "Enter");
  await tab.keyboard.press("Escape");
  await nulled("100,000 cells");
  await tab.locator(".cause .fix", { hasText: "day first" }).click();
  await nulled("0 cells");
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 100_000);
  assert.equal(counts.repaired, 0);
  assert.deepEqual(read(file, "SELECT count(n), max(n), min(n), min(day) FROM t").rows, [["99998", "7.0", "0.5", "2024-02-13"]]);
});

test("a column that one late value has made text says so, and has the button that keeps its type and lists the value", readers, async (t) => {
  const line = (i) => (i === 60_000 ? `${i},soon` : `${i},2024-02-13`);
  const tab = await opened(t, `id,day\n${Array.from({ length: 100_000 }, (_, i) => line(i)).join("\n")}\n`);
  await scanned(tab);
  assert.equal((await columns(tab))[1], "day: string");
  await panel(tab, "problems");
  const finding = tab.locator(".finding", { hasText: "Column day is string" });
  const why = 'Values beyond the sample need string: "soon" at line 60002 is the first.';
  assert.equal(await finding.locator("p").innerText(), `Column day is string: not all of its values are date, as the first ones are. ${why}`);
  await openColumn(tab, "day");
  assert.equal(await tab.locator(".evidence .misfits").first().innerText(), "soon beyond those, line 60,002");
  await tab.keyboard.press("Escape");
  await finding.locator("button.fix").click();
  await tab.locator(".cause-title", { hasText: "not of the column's type" }).waitFor();
  await scanned(tab);
  assert.equal((await columns(tab))[1], "day: date");
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 100_000);
  assert.equal(counts.nulled, 1);
  assert.deepEqual(read(file, "SELECT count(day), max(day) FROM t").rows, [["99999", "2024-02-13"]]);
});

test("a field that is empty says what that means, and sampled frequencies that they are estimates", async (t) => {
  const line = (i) => (i % 10 === 0 ? "n/a" : `value ${i}`);
  const tab = await opened(t, `id,v\n${Array.from({ length: 30_000 }, (_, i) => `${i},${line(i)}`).join("\n")}\n`);
  await scanned(tab);
  await panel(tab, "reading");
  assert.match(await tab.locator("#option-lineSep").getAttribute("placeholder"), /LF/);
  await openColumn(tab, "v");
  const first = tab.locator(".top-list .candidate", { hasText: "n/a" });
  assert.match(await first.locator(".figure").innerText(), /^≈ [\d,]+ · ≈ /);
});

test("FAILFAST ends with the line of the first record that does not fit; another mode goes on", async (t) => {
  const tab = await opened(t, 'a,b\n1,2\n3,4\n5,6,7,8\n9,10\n', { fragment: "mode=FAILFAST&sink=download" });
  await tab.waitForSelector("body[data-state=error]:not([data-fatal])", { state: "attached" });
  assert.match(await tab.locator("[role=alert]").textContent(), /line 4/);
  assert.equal(await tab.locator("[role=alert]").count(), 1);
  assert.match(await tab.locator(".stopped").textContent(), /line 4/);
  assert.deepEqual(await cells(tab), [["1", "2"], ["3", "4"], ["5", "6"]]);
  await tab.click(".go-on");
  await scanned(tab);
  assert.equal(await tab.locator(".stopped").count(), 0);
  const counts = await save(tab);
  adds(counts, 4);
  assert.equal(counts.repaired, 1);
});

test("the address presets options of reading and of writing", readers, async (t) => {
  const tab = await opened(t, "a;b\né;2,5\n", { fragment: "codec=snappy&header=false&sep=%3B&encoding=windows-1252&sink=download" });
  await scanned(tab);
  assert.deepEqual(await cells(tab), [["a", "b"], ["Ã©", "2,5"]]);
  const { file } = await saveAndDownload(t, tab);
  assert.deepEqual(read(file).codecs, ["SNAPPY"]);
});

test("options of the panel are the ones of the command line, and the receipt says how to do it again", async (t) => {
  const tab = await opened(t, "a,b\n1,?\n2,5\n");
  await scanned(tab);
  await setOption(tab, "nullValue", "?");
  await settled(tab);
  await tab.locator(".head .chip-words:text-is('bigint') >> nth=1").waitFor();
  await scanned(tab);
  const counts = await save(tab);
  adds(counts, 2);
  assert.match(await tab.locator("#receipt .command code").innerText(), /--set 'nullValue=\?'/);
  await reaches(tab, "done");
});

test("DROPMALFORMED rejects what PERMISSIVE repairs, and the rejects are a file with place and reason", async (t) => {
  const tab = await opened(t, "a,b\n1,2\n3,4,5\n6,7\n", { fragment: "mode=DROPMALFORMED" });
  await scanned(tab);
  const { counts } = await saveAndDownload(t, tab);
  adds(counts, 2);
  assert.equal(counts.rejected, 1);
  const [rejects] = await Promise.all([tab.waitForEvent("download"), tab.getByRole("button", { name: /Download 1 record/ }).click()]);
  assert.match(rejects.suggestedFilename(), /table\.csv\.rejects\.csv/);
  const chunks = [];
  for await (const chunk of await rejects.createReadStream()) chunks.push(chunk);
  assert.match(Buffer.concat(chunks).toString(), /3,4,5/);
});
