// The little of WebDriver BiDi that a smoke test in Firefox needs.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import WebSocket from "ws";
import { temporary } from "./harness.mjs";

/** Where Firefox is, if it is here at all. */
export const firefox = [process.env.COLONNADE_FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"].find((file) => file && fs.existsSync(file));

/** Opens an address in a Firefox of its own; what comes back can evaluate in the page and give files to an input. */
export async function openInFirefox(t, address) {
  let browser;
  const profile = temporary(t, () => ended(browser));
  const downloads = temporary(t);
  const preferences = { "app.update.enabled": false, "datareporting.policy.dataSubmissionEnabled": false, "browser.download.folderList": 2, "browser.download.dir": downloads };
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  fs.writeFileSync(path.join(profile, "user.js"), lines.join(""));
  browser = spawn(firefox, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const bidi = await connect(await listening(browser));
  await bidi("session.new", { capabilities: {} });
  const { contexts } = await bidi("browsingContext.getTree", {});
  const context = contexts[0].context;
  await bidi("browsingContext.navigate", { context, url: address, wait: "interactive" });

  /** Runs `(...values) => answer` in the page; the answer is passed as JSON. */
  const evaluate = async (work, ...values) => {
    const functionDeclaration = `async () => JSON.stringify(await (${work})(...${JSON.stringify(values)}))`;
    const answer = await bidi("script.callFunction", { functionDeclaration, awaitPromise: true, target: { context } });
    if (answer.type !== "success") throw new Error(answer.exceptionDetails.text);
    return answer.result.value && JSON.parse(answer.result.value);
  };

  /** Waits for `body[data-state]`; a fatal error ends the wait. */
  const reaches = (state) =>
    evaluate(
      (state) =>
        new Promise((reached, failed) => {
          const look = () => {
            const now = document.body.dataset.state;
            if (now === state) reached(true);
            else if (now === "error") failed(new Error(document.querySelector("[role=alert]").textContent));
            else setTimeout(look, 20);
          };
          look();
        }),
      state,
    );

  /** Gives files to an input as its picker would. */
  const choose = async (selector, ...files) => {
    const { result } = await bidi("script.evaluate", { expression: `document.querySelector(${JSON.stringify(selector)})`, awaitPromise: false, target: { context } });
    await bidi("input.setFiles", { context, element: { sharedId: result.sharedId }, files });
  };

  /** Clicks a download link and gives back the path of the whole file. */
  const download = async (selector = "a#download") => {
    const name = await evaluate((selector) => {
      const link = document.querySelector(selector);
      link.click();
      return link.download;
    }, selector);
    const file = path.join(downloads, name);
    for (let tries = 0; tries < 200; tries++) {
      if (fs.existsSync(file) && fs.statSync(file).size > 0 && !fs.existsSync(`${file}.part`)) return file;
      await new Promise((later) => setTimeout(later, 50));
    }
    throw new Error(`${name} was not downloaded; there is ${fs.readdirSync(downloads)}`);
  };
  return { evaluate, reaches, choose, download };
}

/** The address at which a starting Firefox says that it listens. */
function listening(browser) {
  return new Promise((found, failed) => {
    let said = "";
    browser.stderr.on("data", (chunk) => {
      said += chunk;
      const address = said.match(/WebDriver BiDi listening on (ws:\S+)/)?.[1];
      if (address) found(`${address}/session`);
    });
    browser.once("exit", () => failed(new Error(`Firefox ended: ${said}`)));
  });
}

/** A function that sends a command and waits for its result. */
async function connect(address) {
  const socket = new WebSocket(address);
  await new Promise((opened, failed) => socket.once("open", opened).once("error", failed));
  const waiting = new Map();
  socket.on("message", (data) => {
    const { id, type, result, error, message } = JSON.parse(data);
    const { done, failed } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (type === "success") done?.(result);
    else if (type === "error") failed?.(new Error(`${error}: ${message}`));
  });
  let last = 0;
  return (method, params) =>
    new Promise((done, failed) => {
      waiting.set(++last, { done, failed });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
}

async function ended(browser) {
  if (!browser || browser.exitCode !== null) return;
  const exit = new Promise((exited) => browser.once("exit", exited));
  browser.kill("SIGKILL");
  await exit;
}
