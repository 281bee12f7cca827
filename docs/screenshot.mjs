// Makes README's picture anew: `COLONNADE_DIST=$PWD/dist node docs/screenshot.mjs` after `cargo xtask build`.

import path from "node:path";
import { browser, open, root } from "../tests/browser/harness.mjs";
import { scanned } from "../tests/browser/person.mjs";

const cleanups = [];
const run = { after: (cleanup) => cleanups.push(cleanup) };
const context = await browser(run, { viewport: { width: 1280, height: 760 }, deviceScaleFactor: 1.5, colorScheme: "light" });
const { page } = await open(run, { context });
await page.click(".sample:has-text('orders.csv')");
await scanned(page);
await page.click("#tab-problems");
await page.waitForTimeout(300);
await page.screenshot({ path: path.join(root, "docs/page.png") });
for (const cleanup of cleanups) await cleanup();
