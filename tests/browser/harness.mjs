// What every browser test needs: the built page on a static host, a real Chromium, and a record of all that the page asked for.

import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

export const root = path.resolve(import.meta.dirname, "../..");
export const dist = process.env.COLONNADE_DIST ?? path.join(root, "dist");

export const BROWSER = process.env.COLONNADE_CHROMIUM ?? "/usr/bin/chromium";
export const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json" };

/** A static host as plain as any: `folder` under the path `under`, no special headers. `hits` are the paths asked for; `answer` may say what a path is instead of a file. */
export async function host(t, { folder = dist, under = "/some/where/", answer = () => undefined } = {}) {
  const hits = [];
  const server = http.createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, "http://host").pathname);
    hits.push(asked);
    const said = answer(asked);
    if (said !== undefined) return response.writeHead(200, { "content-type": "text/plain", "cache-control": "no-store" }).end(said);
    let file = asked.startsWith(under) ? path.join(folder, asked.slice(under.length)) : "";
    if (asked.endsWith("/")) file = path.join(file, "index.html");
    if (!file.startsWith(folder) || !fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
    fs.createReadStream(file).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  t.after(close);
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, address: origin + under, hits, close };
}

/** A folder that is gone after the test, once `before` has been done. */
export function temporary(t, before = () => {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "colonnade-test-"));
  t.after(async () => {
    await before();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  });
  return folder;
}

/** Writes a file into a folder that is gone after the test, and gives back its path. */
export function fixture(t, name, content) {
  const file = path.join(temporary(t), name);
  fs.writeFileSync(file, content);
  return file;
}

/** A Chromium with a profile of its own (origin-private storage and service workers need one). */
export async function browser(t, options = {}) {
  let context;
  const profile = temporary(t, () => context?.close().catch(() => {}));
  context = await chromium.launchPersistentContext(profile, {
    executablePath: BROWSER,
    headless: true,
    acceptDownloads: true,
    args: FLAGS,
    ...options,
  });
  return context;
}

/** Opens the page in a tab and waits until it is ready. `fragment` presets options. */
export async function open(t, { context, address, fragment = "", state = "ready" } = {}) {
  context ??= await browser(t);
  address ??= (await host(t)).address;
  const page = await context.newPage();
  const record = watch(page);
  await page.goto(address + (fragment && `#${fragment}`));
  if (state) await reaches(page, state);
  return { page, context, address, ...record };
}

/** Keeps what the page asks for, what its policy blocks and what fails in it. */
function watch(page) {
  const requests = [];
  const violations = [];
  const errors = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    const text = message.text();
    if (/Content Security Policy|Trusted ?Type|TrustedScriptURL|TrustedHTML/i.test(text)) violations.push(text);
    else if (message.type() === "error") errors.push(text);
  });
  return { requests, violations, errors };
}

/** Waits for `body[data-state]`; a fatal error ends the wait with its text. */
export async function reaches(page, state, timeout = 60_000) {
  await page.waitForSelector(`body[data-state=${state}], body[data-state=error]`, { state: "attached", timeout });
  const reached = await page.getAttribute("body", "data-state");
  if (reached !== state) throw new Error(`the page says: ${await page.locator("[role=alert]").allTextContents()}`);
}

/** Gives files to the page as its file picker would. */
export const choose = (page, ...files) => page.setInputFiles("input#file", files);

/** Drops files on the page. They are passed through the page's memory: for small files. */
export async function drop(page, ...files) {
  const contents = files.map((file) => ({ name: path.basename(file), base64: fs.readFileSync(file, "base64") }));
  const transfer = await page.evaluateHandle((contents) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of contents) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
    }
    return transfer;
  }, contents);
  for (const type of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", type, { dataTransfer: transfer });
}

/** Clicks the download link and gives back the path of the file. */
export async function download(t, page, selector = "a#download") {
  const [delivered] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  const file = path.join(temporary(t), delivered.suggestedFilename());
  await delivered.saveAs(file);
  return file;
}

/** To be run in a page or a worker: tries to speak to another origin in every way, and says what came of each. */
export async function speakTo(origin) {
  const violations = [];
  addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
  const fetched = await fetch(`${origin}/index.html`, { mode: "no-cors" }).then(() => "answered", (error) => error.name);
  const socket = await new Promise((end) => {
    try {
      const socket = new WebSocket(origin.replace("http", "ws"));
      socket.onopen = () => end("opened");
      socket.onerror = () => end("blocked");
    } catch {
      end("blocked");
    }
  });
  const imported = await import(`${origin}/start.js`).then(() => "imported", (error) => error.name);
  await new Promise((later) => setTimeout(later, 50));
  return { fetched, socket, imported, violations: violations.slice(0, 2) };
}

/** To be run in a worker: writes and reads a file as only a worker can. */
export async function writeAndMeasure() {
  const folder = await navigator.storage.getDirectory();
  const access = await (await folder.getFileHandle("probe", { create: true })).createSyncAccessHandle();
  access.write(new Uint8Array(3), { at: 0 });
  const size = access.getSize();
  access.close();
  await folder.removeEntry("probe");
  return size;
}

/** What `speakTo` says where the policy holds. */
export const SILENCE = { fetched: "TypeError", socket: "blocked", imported: "TypeError", violations: ["connect-src", "connect-src"] };
