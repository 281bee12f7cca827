// A built program of which the workers have been tampered with, so that they fail when a test wants them to.

import fs from "node:fs";
import path from "node:path";
import { dist, host, temporary } from "./harness.mjs";

const RUN = 2;
const OPEN = 4;

/** Serves the program with a module of the test's own in place of the workers', which it finds as `real`. Gives back the host. */
export async function hostWithWorkers(t, module, answer) {
  const folder = temporary(t);
  fs.cpSync(dist, folder, { recursive: true });
  const name = fs.readFileSync(path.join(folder, "index.html"), "utf8").match(/data-worker-js="\.\/([^"]+)"/)[1];
  fs.renameSync(path.join(folder, name), path.join(folder, `real-${name}`));
  fs.writeFileSync(path.join(folder, name), `import * as real from "./real-${name}";\n${module}`);
  // Nothing of a tampered program is to be kept for offline use.
  fs.rmSync(path.join(folder, "sw.js"));
  return host(t, { folder, answer });
}

/**
 * Serves a program whose workers fail as `faults` says: before each unit (a decode worker) and each look at a file (the
 * preview worker) they ask the host for the next fault. `trap`: wasm's `unreachable`. `hang`: an endless loop. `memory`:
 * all that the worker's wasm may ever have is taken, and the work goes on.
 */
export async function hostWithFaults(t) {
  const faults = { decode: [], preview: [], taken: [] };
  const answer = (asked) => {
    const role = asked.match(/fault-(\w+)$/)?.[1];
    if (!role) return undefined;
    const fault = faults[role].shift() ?? "none";
    if (fault !== "none") faults.taken.push(fault);
    return fault;
  };
  const at = await hostWithWorkers(
    t,
    `
let memory;
export function initSync(given) {
  const wasm = real.initSync(given);
  memory = wasm.memory;
  return wasm;
}
export function start(role, index) {
  if (role !== "coordinator") tamper(role, role === "decode" ? ${RUN} : ${OPEN});
  return real.start(role, index);
}
function tamper(role, when) {
  const own = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  const set = function (hear) {
    own.set.call(this, (event) => {
      if (event.data.bytes?.[0] === when) fail(role);
      hear.call(this, event);
    });
  };
  Object.defineProperty(MessagePort.prototype, "onmessage", { ...own, set });
}
function fail(role) {
  const request = new XMLHttpRequest();
  request.open("GET", new URL("fault-" + role, import.meta.url), false);
  request.send();
  if (request.responseText === "trap") trap();
  if (request.responseText === "hang") for (;;);
  if (request.responseText === "memory") exhaust();
}
function trap() {
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
  new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports.f();
}
function exhaust() {
  for (let pages = 32768; pages >= 1; pages /= 2) {
    try {
      for (;;) memory.grow(pages);
    } catch {}
  }
}
`,
    answer,
  );
  return { ...at, faults };
}
