// The page in Firefox. A test cannot speak inside a worker there; that one starts and runs wasm shows in what it does.

import assert from "node:assert/strict";
import test from "node:test";
import { firefox, openInFirefox } from "./firefox.mjs";
import { SILENCE, host, speakTo } from "./harness.mjs";

const options = { skip: firefox ? false : "no Firefox here (COLONNADE_FIREFOX names one)" };

test("in Firefox the page is ready and cannot speak to another origin", options, async (t) => {
  const at = await host(t);
  const elsewhere = await host(t, { under: "/" });
  const { evaluate, reaches } = await openInFirefox(t, at.address);
  await reaches("ready");
  assert.deepEqual(await evaluate(speakTo, elsewhere.origin), SILENCE);
  assert.deepEqual(elsewhere.hits, []);
});
