// Nothing leaves the tab while a file is converted: not a request, and nothing from inside the workers that do it.

import assert from "node:assert/strict";
import test from "node:test";
import { SILENCE, browser, choose, fixture, host, open, speakTo } from "./harness.mjs";
import { adds } from "./parquet.mjs";
import { panel, saveAndDownload, scanned, setType, shows } from "./person.mjs";

const kept = (page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");

test("a whole conversion makes no request and breaks no policy; then every worker of it is tried", async (t) => {
  const at = await host(t);
  const elsewhere = await host(t, { under: "/" });
  const context = await browser(t);
  const { page, requests, violations, errors } = await open(t, { context, address: at.address });
  await kept(page);
  at.hits.length = requests.length = 0;
  await choose(page, fixture(t, "secret.csv", "name,code\nAda,1\nLiu,x\n"));
  await scanned(page);
  await setType(page, "code", "int");
  await scanned(page);
  await panel(page, "problems");
  const { counts } = await saveAndDownload(t, page);
  adds(counts, 2);
  assert.deepEqual(at.hits, []);
  assert.deepEqual(requests.filter((url) => !url.startsWith("blob:")), []);
  assert.deepEqual([violations, errors], [[], []]);

  const roles = [];
  for (const worker of page.workers()) {
    roles.push((await worker.evaluate(() => self.name)).split(" ")[0]);
    assert.deepEqual(await worker.evaluate(speakTo, elsewhere.origin), SILENCE, roles.at(-1));
  }
  assert.deepEqual([...new Set(roles)].sort(), ["coordinator", "decode", "preview"]);
  assert.deepEqual(await page.evaluate(speakTo, elsewhere.origin), SILENCE);
  assert.deepEqual(elsewhere.hits, []);
});

test("the page's own proof counts what it asked for, and nothing else was", async (t) => {
  const { page } = await open(t);
  await page.click("#badge");
  await page.locator("#other-requests:text-is('0')").waitFor();
  await shows(page, "default-src 'none'");
});
