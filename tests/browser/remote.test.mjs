// The page for data at addresses: another policy, no files of this machine, and only what is needed is fetched.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import test from "node:test";
import { SILENCE, drop, fixture, host, open, reaches, speakTo, temporary } from "./harness.mjs";
import { adds, read, readers } from "./parquet.mjs";
import { cells, panel, saveAndDownload, scanned, sentence, sharedBrowser } from "./person.mjs";

const page = sharedBrowser();

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self' blob:; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; " +
  "manifest-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types colonnade default";
const SECRET = "X-Amz-Signature=5ecret";

/** A store on a host of its own. What it does can be changed while it runs. */
async function store(t, does = {}) {
  let open = 0;
  const state = { delay: 0, atOnce: 0, content: Buffer.from(""), ranges: true, cors: true, exposes: true, tag: '"1"', status: undefined, breaksAt: undefined, asked: [], given: 0, ...does };
  const server = http.createServer(async (request, response) => {
    const { content } = state;
    state.atOnce = Math.max(state.atOnce, ++open);
    response.on("close", () => --open);
    await new Promise((later) => setTimeout(later, state.delay));
    const { method, url, headers } = request;
    state.asked.push({ method, url, ...headers });
    const head = state.cors ? { "access-control-allow-origin": "*", "access-control-allow-headers": "range" } : {};
    if (state.cors && state.exposes) head["access-control-expose-headers"] = "content-range, etag";
    if (state.tag) head.etag = state.tag;
    if (method === "OPTIONS") return response.writeHead(state.cors ? 204 : 403, head).end();
    if (state.status) return response.writeHead(state.status, { ...head, ...(state.status === 302 ? { location: "/moved" } : {}) }).end("no");
    const [, from, to] = (state.ranges && /bytes=(\d+)-(\d*)/.exec(headers.range ?? "")) || [];
    const part = from === undefined ? content : content.subarray(Number(from), to ? Number(to) + 1 : undefined);
    if (from !== undefined) head["content-range"] = `bytes ${from}-${Number(from) + part.length - 1}/${content.length}`;
    response.writeHead(from === undefined ? 200 : 206, { ...head, "content-length": part.length });
    if (method === "HEAD") return response.end();
    if (state.breaksAt !== undefined && part.length > state.breaksAt) return response.write(part.subarray(0, state.breaksAt), () => setTimeout(() => response.destroy(), 50));
    // A client that goes away before the end has not taken the rest.
    let at = 0;
    const next = () => {
      if (response.destroyed) return;
      if (at >= part.length) return response.end();
      const piece = part.subarray(at, at + 65536);
      at += piece.length;
      state.given += piece.length;
      response.write(piece, next);
    };
    next();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  state.address = (name) => `http://127.0.0.1:${server.address().port}/bucket/${name}?${SECRET}`;
  return state;
}

/** The page for addresses, in a tab of its own. */
async function remote(t) {
  const opened = await page(t);
  await opened.page.goto(`${opened.address}remote.html`);
  await reaches(opened.page, "ready");
  for (const list of [opened.requests, opened.violations, opened.errors]) list.length = 0;
  return opened;
}

async function ask(tab, address) {
  await tab.fill("#address", address);
  await tab.click("#open-address");
}

async function refusal(tab, address) {
  await ask(tab, address);
  await tab.locator("#address-error").waitFor();
  return tab.locator("#address-error").innerText();
}

const lines = (count) => Buffer.from(`id,name,amount\n${Array.from({ length: count }, (_, k) => `${k},name ${k},${k / 4}\n`).join("")}`);

test("its policy lets it and its workers speak to hosts, and the other page's does not", async (t) => {
  const elsewhere = await store(t, { content: lines(1) });
  const { page: tab } = await remote(t);
  assert.equal(await tab.getAttribute("meta[http-equiv=Content-Security-Policy]", "content"), POLICY);
  const fetches = (address) => fetch(address, { credentials: "omit" }).then((response) => response.status, (error) => error.name);
  assert.equal(await tab.evaluate(fetches, elsewhere.address("a.csv")), 200);
  assert.ok(tab.workers().length >= 3);
  for (const worker of tab.workers()) assert.equal(await worker.evaluate(fetches, elsewhere.address("a.csv")), 200);
  // Plain http to a host that is not this machine stays blocked.
  assert.equal(await tab.evaluate(fetches, "http://192.0.2.1/"), "TypeError");

  const sealed = await host(t, { under: "/" });
  const { page: other } = await page(t);
  assert.deepEqual(await other.evaluate(speakTo, sealed.origin), SILENCE);
  for (const worker of other.workers()) assert.deepEqual(await worker.evaluate(speakTo, sealed.origin), SILENCE);
  assert.deepEqual(sealed.hits, []);
});

test("it opens no file of this machine", async (t) => {
  const { page: tab } = await remote(t);
  assert.equal(await tab.locator("input[type=file]").count(), 0);
  await drop(tab, fixture(t, "private.csv", "a,b\n1,2\n"));
  await tab.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "a,b\n1,2\n");
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  });
  await tab.getByText("This page opens no files").waitFor();
  await reaches(tab, "ready");
  assert.equal(await tab.locator(".entry").count(), 0);
  await tab.click("a:has-text('Files of this machine')");
  await tab.locator("#open-files").waitFor();
});

test("a CSV is read in parts and saved; its key is shown and kept nowhere, and no cookie or referrer goes along", readers, async (t) => {
  const content = lines(400_000);
  const at = await store(t, { content });
  const { page: tab, violations, errors } = await remote(t);
  await ask(tab, at.address("many%20rows.csv"));
  await reaches(tab, "preview");
  assert.match(await sentence(tab), /^Comma-separated/);
  assert.deepEqual((await cells(tab, 1))[0], ["0", "name 0", "0"]);
  assert.ok(at.given < content.length / 2, `${at.given} bytes of ${content.length} for a look`);
  const { counts, file } = await saveAndDownload(t, tab);
  adds(counts, 400_000);
  assert.equal(path.basename(file), "many rows.parquet");
  assert.deepEqual(read(file, "SELECT count(*), sum(id), sum(amount) FROM t").rows, [["400000", "79999800000", "19999950000.0"]]);
  for (const { cookie, referer, method } of at.asked) assert.deepEqual([cookie, referer, method === "HEAD"], [undefined, undefined, false]);
  assert.equal(await tab.locator("button[aria-label='Paste from the clipboard'], button[aria-label='Open files']").count(), 0);
  // A plain range needs no leave of the server before (a preflight), which few stores give.
  assert.deepEqual(at.asked.filter(({ method }) => method === "OPTIONS"), []);
  await panel(tab, "reading");
  await tab.click("#badge");
  await tab.locator("#other-requests").waitFor();
  const seen = await tab.evaluate(async () => {
    const kept = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) kept.push(request.url);
    return document.documentElement.outerHTML + document.querySelector("#address").value + JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href + kept;
  });
  assert.ok(!seen.includes("5ecret"), "the key is somewhere in the page");
  assert.deepEqual([violations, errors], [[], []]);
});

test("what a first look needs is asked for at once", async (t) => {
  const at = await store(t, { content: lines(400_000), delay: 300 });
  const { page: tab } = await remote(t);
  await ask(tab, at.address("far.csv"));
  await reaches(tab, "preview");
  await cells(tab, 1);
  // A browser opens six connections to a host.
  assert.ok(at.atOnce >= 4, `${at.atOnce} at once`);
  assert.ok(at.given < at.content.length / 2, `${at.given} bytes`);
});

test("of a Parquet file only footer and the rows on show are fetched", readers, async (t) => {
  const file = path.join(temporary(t), "groups.parquet");
  const script = "import pyarrow as pa, pyarrow.parquet as pq, random, sys\nr = random.Random(1)\nn = 1_500_000\npq.write_table(pa.table({'id': range(n), 'x': [r.random() for _ in range(n)]}), sys.argv[1], row_group_size=50_000, compression='none')";
  execFileSync(process.env.COLONNADE_PYTHON, ["-c", script, file]);
  const content = fs.readFileSync(file);
  const at = await store(t, { content });
  const { page: tab } = await remote(t);
  await ask(tab, at.address("groups.parquet"));
  await reaches(tab, "preview");
  assert.match(await sentence(tab), /^Parquet, 30 row groups/);
  await cells(tab, 1);
  assert.ok(at.given < content.length / 4, `${at.given} bytes of ${content.length} for a look`);
  const { counts } = await saveAndDownload(t, tab);
  adds(counts, 1_500_000);
});

test("a server without parts gives all of it first, and one that hides the length is asked once more", async (t) => {
  const { page: tab } = await remote(t);
  const whole = await store(t, { content: lines(1000), ranges: false });
  await ask(tab, whole.address("whole.csv"));
  await scanned(tab);
  await tab.getByText("whole.csv was fetched whole").waitFor();
  const hides = await store(t, { content: lines(2000), exposes: false });
  await ask(tab, hides.address("hides.csv"));
  await tab.locator(".entry:has-text('hides.csv') .shown").waitFor();
  assert.deepEqual(await tab.locator(".entry .entry-name").allTextContents(), ["whole.csv", "hides.csv"]);
});

test("packed files are unpacked from where they lie", readers, async (t) => {
  const { gzipSync } = await import("node:zlib");
  const at = await store(t, { content: gzipSync(lines(50_000)) });
  const { page: tab } = await remote(t);
  await ask(tab, at.address("many.csv.gz"));
  await scanned(tab);
  adds((await saveAndDownload(t, tab)).counts, 50_000);
});

test("what cannot be had is said in words", async (t) => {
  const { page: tab } = await remote(t);
  const at = await store(t, { content: lines(10) });
  for (const [does, words] of [
    [{ cors: false }, /does not let other pages read from it \(CORS\)/],
    [{ cors: true, status: 403 }, /does not give out this file \(HTTP status 403\).*expires/],
    [{ status: 404 }, /no file at this address/],
    [{ status: 503 }, /could not answer/],
  ]) {
    Object.assign(at, does);
    const said = await refusal(tab, at.address("a.csv"));
    assert.match(said, words);
    assert.ok(!said.includes("5ecret"));
  }
  assert.match(await refusal(tab, "http://127.0.0.1:9/a.csv"), /No server answered/);
  assert.match(await refusal(tab, "s3://bucket/a.csv"), /pre-signed link/);
  assert.match(await refusal(tab, "http://example.org/a.csv"), /Only https/);
  assert.match(await refusal(tab, "https://me:word@example.org/a.csv"), /name and a password/);
  assert.match(await refusal(tab, "a.csv"), /not an address/);
  await reaches(tab, "ready");
});

test("a file that changes, or whose link expires, stops what reads it", async (t) => {
  for (const [does, words] of [
    [{ tag: '"2"' }, /has changed since it was opened/],
    [{ content: lines(600_000), tag: "" }, /has changed since it was opened/],
    [{ status: 403 }, /refused a part of the file \(HTTP status 403\).*expired/],
    [{ ranges: false }, /gave the whole file in place of a part/],
  ]) {
    const at = await store(t, { content: lines(500_000) });
    const { page: tab } = await remote(t);
    await ask(tab, at.address("a.csv"));
    await reaches(tab, "preview");
    Object.assign(at, does);
    await tab.click("#save");
    await tab.waitForSelector("body[data-state=error]", { state: "attached" });
    assert.match(await tab.locator("#recovery-text").innerText(), words);
    await tab.close();
  }
});

test("a connection that breaks off gives no table that looks whole", async (t) => {
  const { page: tab } = await remote(t);
  const at = await store(t, { content: lines(5000), ranges: false, breaksAt: 40_000 });
  assert.match(await refusal(tab, at.address("cut.csv")), /broke off after \d+ bytes/);
  await reaches(tab, "ready");
});
