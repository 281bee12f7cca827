// The program's files are kept, one version at a time.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { browser, dist, host, open, reaches, temporary } from "./harness.mjs";

const kept = (page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
const version = (page) => page.evaluate(() => colonnade.version);

/** Puts a built program of another version into a folder: same code, other page and version. */
function release(folder, name, { whole = true } = {}) {
  fs.cpSync(dist, folder, { recursive: true });
  const edit = (file, change) => fs.writeFileSync(path.join(folder, file), change(fs.readFileSync(path.join(folder, file), "utf8")));
  const hash = (file) => createHash("sha256").update(fs.readFileSync(path.join(folder, file))).digest("hex");
  const before = JSON.parse(fs.readFileSync(path.join(dist, "program.json"), "utf8")).version;
  const renamed = (text) => text.replaceAll(before, name);
  const [page, list] = [hash("index.html"), hash("program.json")];
  edit("index.html", renamed);
  edit("program.json", (text) => renamed(text).replace(page, hash("index.html")));
  edit("sw.js", (text) => renamed(text).replace(page, hash("index.html")).replace(list, hash("program.json")));
  if (!whole) fs.cpSync(path.join(dist, "index.html"), path.join(folder, "index.html"));
}

test("with the network pulled the page reloads, is ready, and starts workers", async (t) => {
  const at = await host(t);
  const { page } = await open(t, { address: at.address });
  await kept(page);
  at.close();
  await page.reload();
  await reaches(page, "ready");
  const [worker] = await Promise.all([page.waitForEvent("worker"), page.evaluate(() => colonnade.startWorker("decode", 99).then(() => true))]);
  assert.ok(worker.url().startsWith("blob:"));
});

test("a tab reloaded from the kept files asks the host for nothing but the service worker", async (t) => {
  const at = await host(t);
  const { page } = await open(t, { address: at.address });
  await kept(page);
  at.hits.length = 0;
  await page.reload();
  await reaches(page, "ready");
  assert.deepEqual(at.hits.filter((hit) => !hit.endsWith("/sw.js")), []);
});

test("a newer version is taken at the next reload of the only tab, whole", async (t) => {
  const folder = temporary(t);
  release(folder, "aaaaaaaaaaaa");
  const at = await host(t, { folder });
  const { page } = await open(t, { address: at.address });
  await kept(page);
  release(folder, "bbbbbbbbbbbb");
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    while (!registration.waiting) await new Promise((later) => setTimeout(later, 20));
  });
  assert.equal(await version(page), "aaaaaaaaaaaa");
  await page.reload();
  await page.waitForFunction(() => globalThis.colonnade?.version === "bbbbbbbbbbbb");
  await reaches(page, "ready");
});

test("while two tabs are open, a reload stays with the version of the other", async (t) => {
  const folder = temporary(t);
  release(folder, "aaaaaaaaaaaa");
  const at = await host(t, { folder });
  const context = await browser(t);
  const { page } = await open(t, { context, address: at.address });
  await kept(page);
  const { page: other } = await open(t, { context, address: at.address });
  release(folder, "bbbbbbbbbbbb");
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    while (!registration.waiting) await new Promise((later) => setTimeout(later, 20));
  });
  await other.reload();
  await reaches(other, "ready");
  assert.equal(await version(other), "aaaaaaaaaaaa");
});

test("a host in the middle of an update is not kept", async (t) => {
  const folder = temporary(t);
  release(folder, "aaaaaaaaaaaa");
  const at = await host(t, { folder });
  const { page } = await open(t, { address: at.address });
  await kept(page);
  release(folder, "bbbbbbbbbbbb", { whole: false });
  const waiting = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const installing = registration.installing;
    if (installing) await new Promise((end) => installing.addEventListener("statechange", end, { once: true }));
    return Boolean(registration.waiting);
  });
  assert.equal(waiting, false);
  await page.reload();
  await reaches(page, "ready");
  assert.equal(await version(page), "aaaaaaaaaaaa");
});
