// Starts the page's wasm under the page's policy, and says so when it cannot. Everything here works before wasm has arrived.

const program = document.getElementById("program").dataset;
const absolute = (path) => new URL(path, document.baseURI).href;

// Leptos sets static markup of its own as HTML; anything that could run or load is refused. What a file holds is only ever set as text.
const ACTIVE = /<\s*(script|iframe|frame|object|embed|base|link|meta|style|form|img|image|use)\b|\s(on\w+|src|srcdoc|href|style|action)\s*=/i;

const policies = globalThis.trustedTypes;
policies?.createPolicy("default", {
  createHTML: (markup) => (ACTIVE.test(markup) ? null : markup),
});
const scripts = policies?.createPolicy("colonnade", { createScriptURL: checkedAddress }) ?? { createScriptURL: checkedAddress };

/** Gives back an address that may be run: a program file, or the worker's bootstrap. */
function checkedAddress(address) {
  const url = new URL(address, document.baseURI);
  if (url.origin !== location.origin) throw new TypeError(`not a program file: ${address}`);
  return url.href;
}

// The module that every tab starts with, and the one that has every format, which is fetched on first use.
const MODULES = { first: [program.workerJs, program.workerWasm], every: [program.everyJs, program.everyWasm] };
const loading = {};
// The page for data at addresses reads with the module that has every format, and takes no files.
const remote = document.documentElement.dataset.page === "remote";

/** Fetches and compiles a module of the workers, once; one that failed is tried anew when asked again. */
function loadModule(name) {
  loading[name] ??= load(name).catch((error) => {
    delete loading[name];
    throw error;
  });
  return loading[name];
}

async function load(name) {
  const [script, wasm] = MODULES[name].map(absolute);
  const [module] = await Promise.all([compile(wasm), fetched(script)]);
  // A worker loaded from its own address would be free of the page's policy; one started from a blob: inherits it.
  const source = `import { initSync, start } from ${JSON.stringify(script)};
addEventListener("message", ({ data }) => { initSync({ module: data.module }); start(data.role, data.index); }, { once: true });`;
  return { module, bootstrap: URL.createObjectURL(new Blob([source], { type: "text/javascript" })) };
}

// A failure is reported by the first worker that asks.
loadModule(remote ? "every" : "first").catch(() => {});

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP status ${response.status}`);
  return response;
}

/** Fetches and compiles a wasm file, also where the host serves it with a wrong type. */
async function compile(address) {
  const response = await fetched(address);
  if (response.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Starts a worker of the given role ("coordinator", "decode", "preview"); resolves when its module has been posted to it. */
async function startWorker(role, index, name = "first") {
  const { module, bootstrap } = await loadModule(name);
  const worker = new Worker(scripts.createScriptURL(bootstrap), { type: "module", name: `${role} ${index}` });
  worker.postMessage({ module, role, index });
  return worker;
}

/** Milliseconds without a file being read or saved before the program's files are kept: that needs processor and memory more. */
const SETTLED = 3000;
/** Milliseconds between two looks at it. */
const LOOK = 500;

/** Resolves when the page has been at rest. */
async function atRest() {
  for (let rested = 0; rested < SETTLED; ) {
    await new Promise((later) => setTimeout(later, LOOK));
    rested = ["reading", "saving"].includes(document.body.dataset.state) ? 0 : rested + LOOK;
  }
  await new Promise((idle) => (globalThis.requestIdleCallback ?? setTimeout)(idle));
}

/** Lets the service worker keep the program's files; a development build takes back what another left at this address. */
async function keepForOffline() {
  const workers = navigator.serviceWorker;
  if (program.offline === "true") return workers?.register(scripts.createScriptURL("sw.js"), { updateViaCache: "none" });
  return (await workers?.getRegistration())?.unregister();
}

const early = [];
globalThis.colonnade = { version: program.version, startWorker, loadModule, early, mounted: false };

// Until the page has mounted, a file dropped on it is kept for it, and the browser does not open it in place of the page.
const waiting = () => !globalThis.colonnade.mounted;
addEventListener("dragover", (event) => waiting() && event.preventDefault());
addEventListener("drop", (event) => {
  if (!waiting()) return;
  event.preventDefault();
  if (!remote) early.push(...event.dataTransfer.files);
});
for (const id of ["file", "folder"]) document.getElementById(id)?.addEventListener("change", ({ target }) => waiting() && early.push(...target.files));

/** Lets the static panel speak for a page that can no longer speak for itself. */
function recover(error) {
  document.body.dataset.state = "error";
  document.body.dataset.fatal = "";
  document.getElementById("recovery-text").textContent = String(error?.message ?? error);
}
document.getElementById("recovery-reload").addEventListener("click", () => location.reload());
const trapped = (error) => error instanceof WebAssembly.RuntimeError && recover(error);
addEventListener("error", (event) => trapped(event.error));
addEventListener("unhandledrejection", (event) => trapped(event.reason));

try {
  const page = await import(absolute(program.pageJs));
  await page.default({ module_or_path: absolute(program.pageWasm) });
  atRest().then(keepForOffline).catch(console.warn);
} catch (error) {
  recover(error);
}
