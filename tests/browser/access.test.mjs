// Everyone can use it: axe-core's rules on every state of the page, light and dark, wide and narrow; and the keyboard alone.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { hostWithFaults } from "./doctored.mjs";
import { choose, drop, fixture, open, reaches, root } from "./harness.mjs";
import { panel, save, scanned, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();
const AXE = fs.readFileSync(path.join(import.meta.dirname, "node_modules/axe-core/axe.min.js"), "utf8");
const ORDERS = path.join(root, "samples/orders.csv");

/** What axe-core finds wrong in the page as it is. */
async function wrong(tab, where) {
  if (!(await tab.evaluate(() => Boolean(globalThis.axe)))) await tab.evaluate(AXE);
  // Colours in the middle of a change are not the page's.
  await tab.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const violations = await tab.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ["violations"] })).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`));
  return violations.map((violation) => `${where}: ${violation}`);
}

/** Whether the page is wider than the window. */
const overflows = (tab) => tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);

const VIEWS = [
  ["light", "light", { width: 1280, height: 800 }],
  ["dark", "dark", { width: 1280, height: 800 }],
  ["light and 360 px wide", "light", { width: 360, height: 740 }],
  ["dark and 360 px wide", "dark", { width: 360, height: 740 }],
];

for (const [name, colorScheme, viewport] of VIEWS) {
  test(`axe-core finds nothing wrong on the page for addresses: ${name}`, async (t) => {
    const { page: tab, address } = await page(t);
    await tab.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await tab.setViewportSize(viewport);
    await tab.goto(`${address}remote.html`);
    await reaches(tab, "ready");
    await tab.fill("#address", "s3://bucket/key");
    await tab.keyboard.press("Enter");
    await tab.locator("#address-error").waitFor();
    const found = await wrong(tab, "landing");
    assert.equal(await overflows(tab), false);
    await tab.fill("#address", `${address}program.json`);
    await tab.keyboard.press("Enter");
    await tab.locator(".entry").waitFor();
    await reaches(tab, "preview");
    found.push(...(await wrong(tab, "preview")));
    assert.equal(await overflows(tab), false);
    await tab.click("#badge");
    found.push(...(await wrong(tab, "proof")));
    assert.deepEqual(found, []);
  });

  test(`axe-core finds nothing wrong: ${name}`, async (t) => {
    const { page: tab } = await page(t);
    await tab.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await tab.setViewportSize(viewport);
    const found = await wrong(tab, "landing");
    assert.equal(await overflows(tab), false);
    await choose(tab, ORDERS);
    await scanned(tab);
    found.push(...(await wrong(tab, "preview")));
    assert.equal(await overflows(tab), false);
    for (const tabName of ["problems", "changes", "reading"]) {
      await panel(tab, tabName);
      found.push(...(await wrong(tab, tabName)));
    }
    if (viewport.width < 600) await tab.click("button[aria-label='Close the panel']");
    await tab.locator(".head-type").first().click();
    found.push(...(await wrong(tab, "column")));
    await tab.keyboard.press("Escape");
    await tab.click("#save-options");
    found.push(...(await wrong(tab, "save options")));
    await tab.keyboard.press("Escape");
    await tab.click("#badge");
    found.push(...(await wrong(tab, "proof")));
    await tab.keyboard.press("Escape");
    await save(tab);
    found.push(...(await wrong(tab, "receipt")));
    assert.equal(await overflows(tab), false);
    assert.deepEqual(found, []);
  });
}

test("axe-core finds nothing wrong while a save runs, nor in an error", async (t) => {
  const { address, faults } = await hostWithFaults(t);
  const { page: tab } = await open(t, { address });
  await tab.emulateMedia({ reducedMotion: "reduce" });
  await choose(tab, ORDERS);
  await scanned(tab);
  // The save stands still for as long as it is looked at.
  faults.decode.push("hang");
  await tab.click("#save");
  await reaches(tab, "saving");
  const found = await wrong(tab, "saving");
  assert.equal(await tab.getAttribute("body", "data-state"), "saving");
  await tab.click("#cancel");
  await reaches(tab, "preview");
  await drop(tab, fixture(t, "empty.csv", ""));
  await tab.locator(".unreadable").waitFor();
  found.push(...(await wrong(tab, "error")));
  assert.deepEqual(found, []);
});

/** What has the focus, in words. */
const focused = (tab) => tab.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim());

/** Presses Tab until `wanted` has the focus. */
async function tabTo(tab, selector, back = false) {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await tab.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
    await tab.keyboard.press(back ? "Shift+Tab" : "Tab");
  }
  assert.fail(`Tab does not come to ${selector}; it is at ${await focused(tab)}`);
}

test("the keyboard alone opens a sample, walks the grid, changes a type, saves and reads the receipt", async (t) => {
  const { page: tab } = await page(t);
  await tabTo(tab, ".sample");
  while (!(await focused(tab)).startsWith("orders.csv")) await tab.keyboard.press("Tab");
  await tab.keyboard.press("Enter");
  await scanned(tab);
  await tabTo(tab, "[role=grid]");
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("ArrowRight");
  await tab.keyboard.press("ArrowRight");
  const active = () => tab.evaluate(() => document.getElementById(document.querySelector("[role=grid]").getAttribute("aria-activedescendant"))?.textContent);
  assert.equal(await active(), "Liu Wei");
  await tab.keyboard.press("Control+End");
  await tab.waitForFunction(() => Number(document.querySelector(".grid-body .active")?.closest("[role=row]").getAttribute("aria-rowindex")) > 100);
  await tab.keyboard.press("Control+Home");
  for (let column = 0; column < 5; column += 1) await tab.keyboard.press("ArrowRight");
  await tabTo(tab, ".head-type[aria-label^='Type of qty']");
  await tab.keyboard.press("Enter");
  await tabTo(tab, "#column-type");
  await tab.keyboard.type("string");
  await tab.keyboard.press("Escape");
  await tab.locator(".head-type[aria-label^='Type of qty: string']").waitFor();
  await scanned(tab);
  await tab.keyboard.press("Control+s");
  await reaches(tab, "done");
  assert.match(await focused(tab), /Saved orders\.parquet/);
  await tabTo(tab, "#download");
});

test("a window that is made narrow keeps its grid within it, and Save in reach", async (t) => {
  const { page: tab } = await page(t);
  await tab.setViewportSize({ width: 1440, height: 900 });
  await choose(tab, ORDERS);
  await scanned(tab);
  await tab.locator(".raw").waitFor();
  if ((await tab.getAttribute("#panel-toggle", "aria-expanded")) === "true") await tab.click("#panel-toggle");
  await tab.setViewportSize({ width: 360, height: 740 });
  const [grid, foot] = await tab.evaluate(() => [".grid-band", ".foot"].map((selector) => document.querySelector(selector).getBoundingClientRect().toJSON()));
  assert.ok(grid.bottom <= foot.top && grid.height > 100, JSON.stringify([grid, foot]));
  await save(tab);
});
