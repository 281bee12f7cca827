// Deterministic data: the same bytes on every machine, with what a right output of it adds up to.

import fs from "node:fs";
import path from "node:path";

/** Mulberry32: small, fast, good enough for data that must only look mixed. */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = "alpha bravo river window late early traffic airport driver asked receipt lost bag found umbrella quiet ride detour bridge heavy rain café naïve straße 東京".split(" ");
const CATEGORIES = ["economy", "comfort", "xl", "premium", "pool", "courier", "night"];

function* trips(truth) {
  const next = random(20240611);
  const below = (n) => Math.floor(next() * n);
  const pick = (list) => list[below(list.length)];
  const notes = Array.from({ length: 5000 }, () => Array.from({ length: 3 + below(12) }, () => pick(WORDS)).join(" "));
  Object.assign(truth, { rows: 0, fare_cents: 0, note_chars: 0, tips: 0, shared: 0, zips: 0 });
  yield "trip_id,vendor_id,pickup_at,dropoff_at,trip_date,passengers,distance_km,fare,tip,shared,payment,category,zip,zone_id,note\n";
  const start = Date.UTC(2024, 0, 1);
  for (let i = 1; ; i++) {
    const pickup = new Date(start + i * 7000 + below(7000)).toISOString();
    const seconds = 120 + below(5280);
    const dropoff = new Date(Date.parse(pickup) + seconds * 1000).toISOString();
    const fare = 250 + below(60) * seconds;
    const tip = next() < 0.35 ? "" : (below(fare * 0.3) / 100).toFixed(2);
    const shared = next() < 0.2;
    let note = next() < 0.3 ? "" : pick(notes);
    const kind = note === "" ? 1 : next();
    if (kind < 0.06) note += `, ${pick(CATEGORIES)}`;
    else if (kind < 0.1) note = `said "${note}" twice`;
    else if (kind < 0.13) note += "\nsecond line";
    truth.rows++;
    truth.fare_cents += fare;
    truth.note_chars += [...note].length;
    truth.tips += tip === "" ? 0 : 1;
    truth.shared += shared ? 1 : 0;
    truth.zips++;
    const cell = /[",\n]/.test(note) ? `"${note.replaceAll('"', '""')}"` : note;
    yield `${1e9 + i},${1 + below(3)},${pickup},${dropoff.slice(0, 10)} ${dropoff.slice(11, 19)},${pickup.slice(0, 10)},${next() < 0.04 ? "" : 1 + below(6)},` +
      `${(seconds * (0.004 + next() * 0.009)).toFixed(4)},${(fare / 100).toFixed(2)},${tip},${shared},${pick(["cash", "card", "app"])},${pick(CATEGORIES)},` +
      `${String(501 + below(99450)).padStart(5, "0")},${1 + below(265)},${cell}\n`;
  }
}

function* wide(truth) {
  const next = random(20240612);
  Object.assign(truth, { rows: 0, i7: 0, f7_micro: 0 });
  const columns = Array.from({ length: 60 }, (_, k) => k);
  yield `${[...columns.map((k) => `i${k}`), ...columns.map((k) => `f${k}`)].join(",")}\n`;
  for (;;) {
    const integers = columns.map((k) => Math.floor(next() * 2 ** (4 + (k % 28))));
    const micros = columns.map(() => Math.floor(next() * 2 ** 30));
    truth.rows++;
    truth.i7 += integers[7];
    truth.f7_micro += micros[7];
    yield `${integers.join(",")},${micros.map((micro) => (micro / 1e6).toFixed(6)).join(",")}\n`;
  }
}

export const KINDS = { "trips.csv": trips, "wide.csv": wide };

/** Makes a file of about `megabytes` (10^6) in `folder`, unless it is there; gives back its path and truth. */
export function make(folder, name, megabytes) {
  const file = path.join(folder, `${megabytes}-${name}`);
  const truthFile = `${file}.truth.json`;
  if (!fs.existsSync(truthFile)) {
    fs.mkdirSync(folder, { recursive: true });
    const output = fs.openSync(file, "w");
    const truth = {};
    let buffered = "";
    let written = 0;
    for (const line of KINDS[name](truth)) {
      buffered += line;
      if (buffered.length < 1 << 20 && written + buffered.length < megabytes * 1e6) continue;
      written += fs.writeSync(output, buffered);
      buffered = "";
      if (written >= megabytes * 1e6) break;
    }
    fs.closeSync(output);
    fs.writeFileSync(truthFile, JSON.stringify(truth));
  }
  return { file, truth: truthFile, bytes: fs.statSync(file).size };
}
