// Accessibility: axe's rules in every state, both themes, wide and narrow; and nothing beside the narrowest screen.

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
      const found = {};
      const look = async (state) => {
        const rules = await broken(page);
        if (rules.length > 0) found[state] = rules;
      };
      await look("ready");
      await choose(page, fixture(t, "table.csv", TABLE));
      await reaches(page, "preview");
      await look("preview");
      for (const [what, button] of [["save options", "#save-options"], ["a column", ".head-type >> nth=0"], ["the proof", "#badge"]]) {
        await page.click(button);
        await look(what);
        await page.keyboard.press("Escape");
      }
      await save(page);
      await look("done");
      assert.deepEqual(found, {});
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
