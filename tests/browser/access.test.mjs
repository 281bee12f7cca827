// Accessibility: axe's rules in every state, both themes, wide and narrow; and the whole way by keyboard alone.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";
import { browser, choose, fixture, open, reaches } from "./harness.mjs";
import { save } from "./person.mjs";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TABLE = "id,zip,name\n" + Array.from({ length: 50 }, (_, i) => `${i},0${1000 + i},name ${i}\n`).join("");

/** What breaks axe's rules on the page as it stands. */
async function broken(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [[1280, 720], [360, 740]]) {
    test(`no rule is broken in any state, ${colorScheme}, ${width} wide`, async (t) => {
      const context = await browser(t, { colorScheme, viewport: { width, height }, reducedMotion: "reduce" });
      const { page } = await open(t, { context, fragment: "sink=download" });
      assert.deepEqual(await broken(page), [], "ready");
      await choose(page, fixture(t, "table.csv", TABLE));
      await reaches(page, "preview");
      assert.deepEqual(await broken(page), [], "preview");
      await page.click("#save-options");
      assert.deepEqual(await broken(page), [], "save options");
      await page.keyboard.press("Escape");
      await page.click(".head-type >> nth=0");
      assert.deepEqual(await broken(page), [], "a column");
      await page.keyboard.press("Escape");
      await page.click("#badge");
      assert.deepEqual(await broken(page), [], "the proof");
      await page.keyboard.press("Escape");
      await save(page);
      assert.deepEqual(await broken(page), [], "done");
    });
  }
}

test("nothing is wider than the narrowest screen", async (t) => {
  const context = await browser(t, { viewport: { width: 360, height: 740 } });
  const { page } = await open(t, { context });
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok((await overflow()) <= 0, "ready");
  await choose(page, fixture(t, "table.csv", TABLE));
  await reaches(page, "preview");
  assert.ok((await overflow()) <= 0, "preview");
});
