// What all processes of a browser hold, by Linux's own books.

import fs from "node:fs";

const words = (file) => {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return ""; // the process has just ended
  }
};

/** Anonymous and shared memory, in bytes, of every Chromium process below `parent`. */
function held(parent) {
  let bytes = 0;
  for (const child of words(`/proc/${parent}/task/${parent}/children`).split(" ").filter(Boolean)) {
    if (words(`/proc/${child}/cmdline`).includes("chromium")) {
      const status = words(`/proc/${child}/status`);
      for (const name of ["RssAnon", "RssShmem"]) bytes += 1024 * Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1] ?? 0);
    }
    bytes += held(child);
  }
  return bytes;
}

/** Samples until `stop`, which gives back the peak above where it began. */
export function watch() {
  const before = held(process.pid);
  let peak = before;
  const timer = setInterval(() => { peak = Math.max(peak, held(process.pid)); }, 50);
  return {
    stop() {
      clearInterval(timer);
      return peak - before;
    },
  };
}
