// Converts the bench's files in a real Chromium and prints the table. See README.md.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { choose, dist, download, host, open, reaches } from "../tests/browser/harness.mjs";
import { KINDS, make } from "./data.mjs";
import { watch } from "./memory.mjs";

const { values: given } = parseArgs({ options: { runs: { type: "string", default: "5" }, size: { type: "string", default: "250" } } });
const folder = path.join(process.env.COLONNADE_CACHE ?? path.join(os.homedir(), ".cache/colonnade"), "bench");
const median = (runs, of) => runs.map(of).sort((a, b) => a - b)[runs.length >> 1];

/** What the harness asks of a test, for a run that is none. */
function scope() {
  const cleanups = [];
  return {
    after: (cleanup) => cleanups.push(cleanup),
    end: async () => {
      for (const cleanup of cleanups) await cleanup();
    },
  };
}

/** In the page: how long its main thread stood still since it was last asked. */
function standstill() {
  let last = performance.now();
  globalThis.standstill = 0;
  setInterval(() => {
    const now = performance.now();
    globalThis.standstill = Math.max(globalThis.standstill, now - last);
    last = now;
  }, 10);
}

async function convert({ file, truth }, codec) {
  const run = scope();
  try {
    const { page } = await open(run, { fragment: `codec=${codec}&sink=download` });
    await page.evaluate(standstill);
    const memory = watch();
    const start = performance.now();
    await choose(page, file);
    await page.click("button#save");
    await reaches(page, "done", 600_000);
    const seconds = (performance.now() - start) / 1000;
    const stood = await page.evaluate(() => globalThis.standstill);
    const output = await download(run, page);
    const peak = memory.stop();
    const verified = spawnSync(process.env.COLONNADE_PYTHON ?? "python3", [path.join(import.meta.dirname, "verify.py"), output, truth], { encoding: "utf8" });
    return { seconds, stood, peak, bytes: fs.statSync(output).size, verdict: (verified.stdout || verified.stderr).trim().split("\n").at(-1) };
  } finally {
    await run.end();
  }
}

/** What a first visit loads, as Brotli would send it. */
async function firstUse() {
  const run = scope();
  try {
    const { address, hits } = await host(run);
    await open(run, { address });
    const under = new URL(address).pathname;
    const names = new Set(hits.map((hit) => hit.slice(under.length) || "index.html"));
    const loaded = [...names].filter((name) => fs.existsSync(path.join(dist, name)));
    return loaded.map((name) => [name, zlib.brotliCompressSync(fs.readFileSync(path.join(dist, name))).length]);
  } finally {
    await run.end();
  }
}

const sizes = await firstUse();
for (const [name, bytes] of sizes) console.log(`${name}: ${Math.round(bytes / 1000)} kB brotli`);
const sum = (wanted) => Math.round(sizes.filter(([name]) => wanted(name)).reduce((sum, [, bytes]) => sum + bytes, 0) / 1000);
console.log(`first use: ${sum(() => true)} kB; the page alone: ${sum((name) => !name.includes("worker"))} kB\n`);

console.log(`${os.cpus().length} cores (${os.cpus()[0].model.trim()}), ${Math.round(os.totalmem() / 2 ** 30)} GiB\n`);
console.log("| file | MB | codec | MB/s | output MB | memory MB | longest standstill ms | values |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | --- |");
let failed = false;
for (const name of Object.keys(KINDS)) {
  const data = make(folder, name, Number(given.size));
  for (const codec of ["snappy", "zstd"]) {
    const runs = [];
    for (let k = 0; k < Number(given.runs); k++) runs.push(await convert(data, codec));
    const megabytes = data.bytes / 1e6;
    const verdict = runs.find((run) => run.verdict !== "right")?.verdict ?? "right";
    failed ||= verdict !== "right";
    const cells = [name, megabytes.toFixed(0), codec, (megabytes / median(runs, (run) => run.seconds)).toFixed(0), (runs[0].bytes / 1e6).toFixed(1),
      (Math.max(...runs.map((run) => run.peak)) / 1e6).toFixed(0), Math.max(...runs.map((run) => run.stood)).toFixed(0), verdict];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
process.exit(failed ? 1 : 0);
