// Keeps the files of one version of the program, whole or not at all, so that the page loads and converts with the network pulled.

// The build puts the version and its files here: a changed program is a changed service worker.
const program = { version: "dev", files: [] };

const PREFIX = `colonnade ${registration.scope} `;
const CACHE = PREFIX + program.version;
const addressOf = (path) => new URL(path === "index.html" ? "./" : path, registration.scope).href;

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => clients.claim())));
addEventListener("message", (event) => event.data === "take over" && skipWaiting());
addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(registration.scope)) event.respondWith(answer(event.request));
});

/** Fetches every file of this version. One that is not what the list says (a host in the middle of an update) ends it. */
async function keep() {
  const cache = await caches.open(CACHE);
  try {
    // One after another, each from the network into the cache: whole in memory, they would be most of what a tab takes.
    for (const file of program.files) await keepFile(cache, file);
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function keepFile(cache, { path, sha256 }) {
  const response = await fetch(addressOf(path), { cache: "no-cache", integrity: `sha256-${base64(sha256)}` });
  // Made anew: the answer to a navigation may not be one that was redirected.
  await cache.put(addressOf(path), new Response(response.body, { headers: { "content-type": response.headers.get("content-type") ?? "" } }));
}

const base64 = (hex) => btoa(String.fromCharCode(...hex.match(/../g).map((byte) => parseInt(byte, 16))));

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

async function answer(request) {
  const url = new URL(request.url);
  url.hash = url.search = "";
  if (request.mode === "navigate" && (await handOver())) return new Response("", { headers: { refresh: "0" } });
  if (url.href === `${registration.scope}index.html`) url.href = addressOf("index.html");
  return (await (await caches.open(CACHE)).match(url.href)) ?? fetch(request);
}

/** A newer version waits until no tab has this one. The only tab, when it reloads, need not wait: it comes back with the newer. */
async function handOver() {
  if (!registration.waiting || (await clients.matchAll({ includeUncontrolled: true })).length > 1) return false;
  registration.waiting.postMessage("take over");
  return true;
}
