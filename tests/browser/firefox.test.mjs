// The page in Firefox. A test cannot speak inside a worker there; that one starts and runs wasm shows in what it does.

import assert from "node:assert/strict";
import test from "node:test";
import { firefox, openInFirefox } from "./firefox.mjs";
import { SILENCE, fixture, host, speakTo } from "./harness.mjs";
import { read, readers } from "./parquet.mjs";

const options = { skip: firefox ? false : "no Firefox here (COLONNADE_FIREFOX names one)" };

test("in Firefox the page is ready and cannot speak to another origin", options, async (t) => {
  const at = await host(t);
  const elsewhere = await host(t, { under: "/" });
  const { evaluate, reaches } = await openInFirefox(t, at.address);
  await reaches("ready");
  assert.deepEqual(await evaluate(speakTo, elsewhere.origin), SILENCE);
  assert.deepEqual(elsewhere.hits, []);
});

test("in Firefox a file is chosen, saved, downloaded and read back right", { skip: readers.skip || options.skip }, async (t) => {
  const at = await host(t);
  const { evaluate, reaches, choose, download } = await openInFirefox(t, `${at.address}#sink=download`);
  await reaches("ready");
  await choose("input#file", fixture(t, "towns.csv", "town;zip;value\n" + Array.from({ length: 2000 }, (_, i) => `Köln ${i};0${1000 + (i % 9000)};${i},5\n`).join("")));
  await reaches("preview");
  await evaluate(() => document.querySelector("button#save").click());
  await reaches("done");
  const { types, rows } = read(await download(), "SELECT count(*), min(zip), sum(value), count(DISTINCT town) FROM t");
  assert.equal(types.zip, "VARCHAR");
  assert.deepEqual(rows, [["2000", "01000", "2000000.0", "2000"]]);
});
