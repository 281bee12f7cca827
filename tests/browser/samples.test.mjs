// The four samples: what was repaired is listed with its count and place, each can be declined by itself, and undone.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { choose, root } from "./harness.mjs";
import { cells, columns, panel, scanned, sharedBrowser, shows } from "./person.mjs";

const page = sharedBrowser();

/** Opens the page with a sample, at its list of findings. */
async function opened(t, name) {
  const { page: tab } = await page(t);
  // Wide, so that no column is out of the grid's sight.
  await tab.setViewportSize({ width: 1900, height: 900 });
  await choose(tab, path.join(root, "samples", name));
  await scanned(tab);
  await panel(tab, "problems");
  return tab;
}

/** The findings: sentence, then the words of its buttons. */
const findings = (tab) =>
  tab.locator(".problems > .finding").evaluateAll((cards) =>
    cards.map((card) => [card.querySelector("p").textContent, ...[...card.querySelectorAll("button")].map((button) => button.textContent)]),
  );

/** Presses a finding's button. */
const decline = (tab, finding, title) =>
  tab.locator(".problems > .finding", { hasText: finding }).getByRole("button", { name: title, exact: true }).click();

/** The sum above the findings: "2 rejected, 0 repaired, 0 cells made null". */
const sum = (tab) => tab.locator(".problems-sum").innerText();

/** Undoes the last change and waits until the table is as `before`. */
async function undone(tab, before) {
  await tab.getByRole("button", { name: "Undo", exact: false }).first().click();
  await until(tab, async () => JSON.stringify(await findings(tab)) === JSON.stringify(before));
}

/** Waits until something holds. */
async function until(tab, holds) {
  for (let turn = 0; turn < 200; turn++) {
    if (await holds().catch(() => false)) return;
    await tab.waitForTimeout(50);
  }
  assert.fail(`not in time: ${JSON.stringify(await findings(tab))}; ${await sum(tab)}`);
}

const saysSum = (tab, text) => until(tab, async () => (await sum(tab)) === text);

test("people.csv: two ellipses are no rows, until a person keeps them", async (t) => {
  const tab = await opened(t, "people.csv");
  const before = await findings(tab);
  assert.deepEqual(before, [["2 records that are nothing but an ellipsis, first at line 4, byte 33: read as no row.", "Keep as rows"]]);
  assert.equal(await sum(tab), "2 rejected, 0 repaired, 0 cells made null");
  await decline(tab, "ellipsis", "Keep as rows");
  await saysSum(tab, "0 rejected, 2 repaired, 0 cells made null");
  assert.deepEqual(await cells(tab, 4), [["01", "ABCD", "28"], ["02", "XYZ", "39"], ["...", "null", "null"], ["...", "null", "null"]]);
  await undone(tab, before);
  assert.equal(await sum(tab), "2 rejected, 0 repaired, 0 cells made null");
});

test("people_wrapped.txt: joined lines, the mark at their ends and the ellipses are declined each by itself", async (t) => {
  const tab = await opened(t, "people_wrapped.txt");
  const before = await findings(tab);
  assert.deepEqual(before.map(([, ...titles]) => titles), [["Read every line as a record"], ["Keep it as text"], ["Keep as rows"]]);
  const rows = [["01", "ABCD", "28"], ["02", "XYZ", "39"]];
  assert.deepEqual(await cells(tab), rows);
  await decline(tab, "records end with", "Keep it as text");
  await until(tab, async () => JSON.stringify(await cells(tab)) === JSON.stringify([["01", "ABCD", "28\\n"], ["02", "XYZ", "39\\n"]]));
  await undone(tab, before);
  await decline(tab, "records go on over lines", "Read every line as a record");
  await until(tab, async () => (await cells(tab, 4)).length === 4);
  assert.deepEqual((await cells(tab, 4)).map((row) => row.filter((cell) => cell !== "null")), [["age\\n"], ["01", "ABCD"], ["28\\n"], ["02", "XYZ", "39\\n"]]);
  await undone(tab, before);
  await decline(tab, "ellipsis", "Keep as rows");
  await until(tab, async () => (await cells(tab, 4)).length === 4);
  assert.deepEqual(await cells(tab, 4), [...rows, ["...", "null", "null"], ["...", "null", "null"]]);
  await undone(tab, before);
});

test("messages.xml: quotes, the end that is missing and the ellipses are declined each by itself", async (t) => {
  const tab = await opened(t, "messages.xml");
  const before = await findings(tab);
  assert.deepEqual(before, [
    ["3 attributes whose values are not in quotes, first at line 1, byte 10: read as if in quotes.", "Reject such records"],
    ["2 records that are nothing but an ellipsis, first at line 10, byte 164: read as no row.", "Keep as rows"],
    ["1 end tag that is missing, at line 12, byte 172: added.", "Reject such records"],
  ]);
  assert.deepEqual(await cells(tab), [["2021-05-01", "1", '{"_id":"01"}', "hi, how are you", "2021-05-01 16:09:22"]]);
  await decline(tab, "quotes", "Reject such records");
  await saysSum(tab, "4 rejected, 1 repaired, 0 cells made null");
  await shows(tab, "an attribute's value that is not in quotes");
  await undone(tab, before);
  await decline(tab, "end tag", "Reject such records");
  await saysSum(tab, "3 rejected, 2 repaired, 0 cells made null");
  await shows(tab, "</log> is missing");
  await undone(tab, before);
  await decline(tab, "ellipsis", "Keep as rows");
  await saysSum(tab, "0 rejected, 3 repaired, 0 cells made null");
  await until(tab, async () => (await cells(tab)).length === 3);
  assert.equal((await cells(tab))[1].at(-1), "...");
  await undone(tab, before);
});

test("tweet.json: line breaks, the ellipsis and the wrong day are declined each by itself", async (t) => {
  const tab = await opened(t, "tweet.json");
  const before = await findings(tab);
  assert.deepEqual(before.map(([what]) => what.split(":")[0]).sort(), [
    "1 ellipsis where a value is expected, at line 11, byte 211",
    "2 raw line breaks or control characters within texts, first at line 2, byte 36",
    "created_at",
  ]);
  await tab.locator(".record-place", { hasText: "line 4 · byte 79" }).first().waitFor({ state: "attached" });
  await decline(tab, "raw line breaks", "Make line breaks blanks");
  await until(tab, async () => (await cells(tab))[0][0] === "RT@abcland: my best day ...");
  await undone(tab, before);
  await decline(tab, "created_at", "Keep created_at as text");
  await until(tab, async () => (await columns(tab)).includes("created_at: string"));
  await undone(tab, before);
  for (const [finding, place] of [["raw line breaks", "line 2"], ["ellipsis", "line 11"]]) {
    await decline(tab, finding, "Refuse such records");
    await tab.locator(".unreadable", { hasText: place }).waitFor();
    await undone(tab, before);
  }
});

for (const [name, place] of [["people.csv", "line 4"], ["people_wrapped.txt", "line 3"], ["messages.xml", "line 1"], ["tweet.json", "line 2"]]) {
  test(`${name} is refused with its place in strict mode`, async (t) => {
    const { page: tab } = await page(t, { fragment: "mode=FAILFAST" });
    await choose(tab, path.join(root, "samples", name));
    await tab.getByText(place).first().waitFor();
  });
}
