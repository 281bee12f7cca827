// What is pasted is a file like any other: a table of a spreadsheet or a page, text of any format, files.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { drop, fixture, host } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { cells, columns, saveAndDownload, scanned, sentence, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

/** Pastes as Ctrl+V does, with what a clipboard holds by type, and files. */
const paste = (tab, types, files = []) =>
  tab.evaluate(
    ({ types, files }) => {
      const data = new DataTransfer();
      for (const [type, content] of Object.entries(types)) data.setData(type, content);
      for (const { name, type, content } of files) data.items.add(new File([content], name, { type }));
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    },
    { types, files },
  );

const SHEET = `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type content="text/html; charset=windows-1252"></head>
<body><!--StartFragment--><table><tr><td>city<td colspan=2>size</tr><tr><td>Zürich<td>1,5<td>x</tr><tr><td>Łódź<td>2,5<td>y</tr></table><!--EndFragment--></body></html>`;

test("cells of a spreadsheet are its table, not its picture or its text", readers, async (t) => {
  const { page: tab } = await page(t);
  await paste(tab, { "text/html": SHEET, "text/plain": "city\tsize\nZürich\t1,5\n" }, [{ name: "image.png", type: "image/png", content: "no" }]);
  await scanned(tab);
  assert.match(await sentence(tab), /^HTML, table Table 1, names in its first row, 2 rows, 3 columns/);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 2);
  assert.equal(path.basename(file), "pasted table.parquet");
  assert.deepEqual(read(file).rows, [["Zürich", "1.5", "x"], ["Łódź", "2.5", "y"]]);
});

test("the paste control takes the table too", async (t) => {
  const { page: tab, context } = await page(t);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await tab.evaluate((html) => {
    const item = (type, content) => [type, new Blob([content], { type })];
    return navigator.clipboard.write([new ClipboardItem(Object.fromEntries([item("text/html", html), item("text/plain", "city\n")]))]);
  }, SHEET);
  await tab.click("#paste");
  await scanned(tab);
  assert.deepEqual((await cells(tab, 1))[0].slice(0, 2), ["Zürich", "1.5"]);
});

test("text is told by its content: JSON, lines between tabs, a listing that a page draws as a table", async (t) => {
  for (const [types, expected] of [
    [{ "text/plain": '[{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": "y"}}]' }, /^JSON/],
    [{ "text/plain": "fruit\tweight\napple\t0.5\npear\t0.25\n" }, /^Tab-separated/],
    [{ "text/html": "<table><tr><td>a,b,c<tr><td>1,2,3<tr><td>4,5,6</table>", "text/plain": "a,b,c\n1,2,3\n4,5,6\n" }, /^Comma-separated/],
    [{ "text/html": "<p>a;b</p>", "text/plain": "a;b\n1;2\n3;4\n" }, /^Semicolon-separated/],
  ]) {
    const { page: tab } = await page(t);
    await paste(tab, types);
    await scanned(tab);
    assert.match(await sentence(tab), expected);
    await tab.close();
  }
});

test("copied files are opened as they are", async (t) => {
  const { page: tab } = await page(t);
  await paste(tab, { "text/plain": "a.csv" }, [{ name: "a.csv", type: "text/csv", content: "p,q\n1,2\n" }]);
  await scanned(tab);
  assert.equal(await tab.locator(".entry .entry-name").first().textContent(), "a.csv");
});

test("a document of several tables is dropped: each is a table, and nothing in it runs or is fetched", readers, async (t) => {
  const elsewhere = await host(t, { under: "/" });
  const hostile = `<!doctype html><html><head><base href="${elsewhere.origin}/"><link rel=stylesheet href="${elsewhere.origin}/x.css">
<meta http-equiv=refresh content="0; url=${elsewhere.origin}/"><script>fetch("${elsewhere.origin}/run"); globalThis.ran = true</script></head>
<body onload="globalThis.ran = true"><table id=first><tr><th>name<th>picture</tr>
<tr><td><script>globalThis.ran = true</script>Ada<td><img src="${elsewhere.origin}/a.png" onerror="globalThis.ran = true">portrait</tr>
<tr><td>&lt;img src=x onerror=alert(1)&gt;<td><a href="javascript:globalThis.ran=true">x</a></tr></table>
<table><caption>Second</caption><tr><th>n<tr><td>1<tr><td>2</table></body></html>`;
  const { page: tab, requests, violations, errors } = await page(t);
  requests.length = 0;
  await drop(tab, fixture(t, "saved page.html", hostile));
  await tab.locator(".entry:has-text('Second')").waitFor();
  await scanned(tab);
  assert.deepEqual(await cells(tab, 2), [["Ada", "portrait"], ["<img src=x onerror=alert(1)>", "x"]]);
  assert.deepEqual(await columns(tab), ["name: string", "picture: string"]);
  const { counts } = await saveAndDownload(t, tab);
  adds(counts, 4);
  assert.equal(await tab.evaluate(() => globalThis.ran), undefined);
  assert.deepEqual([elsewhere.hits, violations, errors], [[], [], []]);
  assert.deepEqual(requests.filter((url) => url.startsWith(elsewhere.origin)), []);
});
