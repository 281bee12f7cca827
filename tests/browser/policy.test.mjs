// Nothing leaves the tab: the policy as the browser enforces it, in the page and in every worker.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { SILENCE, browser, dist, host, open, speakTo, writeAndMeasure } from "./harness.mjs";

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self' blob:; connect-src 'self'; manifest-src 'self'; " +
  "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; object-src 'none'";
const TRUSTED_TYPES = "; require-trusted-types-for 'script'; trusted-types colonnade default";

/** The requests that were for no file of the program. */
function foreign(requests, address) {
  const { files } = JSON.parse(fs.readFileSync(path.join(dist, "program.json"), "utf8"));
  const known = new Set([address, `${address}program.json`, ...files.map((file) => address + file.path)]);
  return requests.map((url) => url.split("#")[0]).filter((url) => !known.has(url) && !url.startsWith("blob:"));
}

/** Starts one more worker of a role, as the page does. */
async function started(page, role) {
  const [worker] = await Promise.all([
    page.waitForEvent("worker"),
    page.evaluate((role) => colonnade.startWorker(role, 99).then((worker) => { globalThis.probe = worker; }), role),
  ]);
  return worker;
}

test("the page's policy is the promised one, and nothing on the way to ready breaks it", async (t) => {
  const { page, violations, errors, requests, address } = await open(t);
  const content = await page.getAttribute("meta[http-equiv=Content-Security-Policy]", "content");
  assert.equal(content, POLICY + TRUSTED_TYPES);
  assert.deepEqual(violations, []);
  assert.deepEqual(errors, []);
  assert.deepEqual(foreign(requests, address), []);
});

test("the shell paints before any wasm has arrived", async (t) => {
  const context = await browser(t);
  await context.route("**/*.wasm", () => {});
  const { page } = await open(t, { context, state: "loading" });
  await page.waitForSelector("h1:has-text('Colonnade')");
  await page.waitForSelector("text=Nothing leaves this tab");
});

test("a page whose wasm cannot be loaded says so", async (t) => {
  const context = await browser(t);
  await context.route("**/colonnade-page*.wasm", (route) => route.fulfill({ status: 200, contentType: "application/wasm", body: "broken" }));
  const { page } = await open(t, { context, state: null });
  await page.waitForSelector("body[data-state=error][data-fatal] #recovery [role=alert]:has-text('WebAssembly')");
});

for (const role of ["coordinator", "decode", "preview"]) {
  test(`a ${role} worker has the page's policy: fetch and WebSocket to another origin are blocked`, async (t) => {
    const elsewhere = await host(t, { under: "/" });
    const { page } = await open(t);
    const worker = await started(page, role);
    assert.deepEqual(await worker.evaluate(speakTo, elsewhere.origin), SILENCE);
    assert.deepEqual(elsewhere.hits, []);
  });
}

test("a worker compiles wasm and has synchronous file access", async (t) => {
  const { page } = await open(t);
  const worker = await started(page, "decode");
  await worker.evaluate(() => { new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])); });
  assert.equal(await worker.evaluate(writeAndMeasure), 3);
});

test("the page itself can reach no other origin, and markup with scripts is refused", async (t) => {
  const elsewhere = await host(t, { under: "/" });
  const { page } = await open(t);
  assert.deepEqual(await page.evaluate(speakTo, elsewhere.origin), SILENCE);
  const tried = await page.evaluate(async () => {
    const refused = (attempt) => { try { attempt(); return "done"; } catch (error) { return error.name; } };
    return {
      worker: refused(() => new Worker("start.js")),
      script: refused(() => { document.createElement("div").innerHTML = "<img src=x onerror=alert(1)>"; }),
      text: refused(() => { document.createElement("div").innerHTML = "<p class=\"a\">plain</p>"; }),
      // The test's own code may evaluate text; what it leaves behind for later may not.
      evaluated: await new Promise((end) => setTimeout(() => end(refused(() => new Function("return 1"))))),
    };
  });
  assert.equal(tried.worker, "TypeError");
  assert.equal(tried.script, "TypeError");
  assert.equal(tried.text, "done");
  assert.equal(tried.evaluated, "EvalError");
  assert.deepEqual(elsewhere.hits, []);
});
