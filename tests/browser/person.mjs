// What a person does with the page, and what they see of it.

import { after, before } from "node:test";
import { browser, download, host, open, reaches } from "./harness.mjs";

/** One browser and one host for all tests of a file; gives back a function that opens the page in a tab of its own. */
export function sharedBrowser(options = {}) {
  const ends = [];
  const ending = { after: (end) => ends.unshift(end) };
  let context;
  let address;
  before(async () => {
    ({ address } = await host(ending));
    context = await browser(ending, options);
  });
  after(async () => {
    for (const end of ends) await end();
  });
  return async (t, more = {}) => {
    const opened = await open(t, { context, address, ...more });
    t.after(() => opened.page.close().catch(() => {}));
    return opened;
  };
}

/** Waits until the file on show has been read to its end. */
export async function scanned(page, timeout = 60_000) {
  await reaches(page, "preview", timeout);
  await page.locator(".facts-line", { hasText: "scanned" }).waitFor({ timeout });
}

/** Presses Save, waits for the receipt and gives back its counts. */
export async function save(page, timeout = 60_000) {
  await page.click("#save");
  await reaches(page, "done", timeout);
  return receipt(page);
}

/** The counts on the receipt. */
export async function receipt(page) {
  const data = await page.locator("#receipt").evaluate((receipt) => ({ ...receipt.dataset }));
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Number(value)]));
}

/** Saves and takes the download; gives back its path and the receipt's counts. */
export async function saveAndDownload(t, page, timeout) {
  const counts = await save(page, timeout);
  return { counts, file: await download(t, page) };
}

/** What the grid shows: rows of texts, as far as they are in view and have come. */
export async function cells(page, count = 3) {
  const waiting = page.locator(".grid-body .row:nth-child(1) .cell.wait");
  await page.locator(".grid-body [role=gridcell]").first().waitFor();
  await waiting.first().waitFor({ state: "detached" });
  return page.evaluate(
    (count) => [...document.querySelectorAll(".grid-body [role=row]")].slice(0, count).map((row) => [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent)),
    count,
  );
}

/** The columns in view as `name: type`. */
export const columns = (page) =>
  page.locator(".head").evaluateAll((heads) => heads.map((head) => `${head.querySelector(".head-name").textContent}: ${head.querySelector(".chip-words").textContent}`));

/** The sentence above the grid. */
export const sentence = (page) => page.locator("p.sentence").innerText();

/** Changes a guess by the word of the sentence that says it. */
export async function correct(page, option, value) {
  await page.click(`.sentence .word[data-option=${option}]`);
  await setControl(page, page.locator("#dialog-option"), value);
  await page.keyboard.press("Escape");
}

/** Opens the panel at one of its tabs. */
export async function panel(page, tab) {
  const toggle = page.locator("#panel-toggle");
  if ((await toggle.getAttribute("aria-expanded")) !== "true") await toggle.click();
  await page.click(`#tab-${tab}`);
}

/** Sets an option in the panel. */
export async function setOption(page, option, value) {
  await panel(page, "reading");
  await setControl(page, page.locator(`#option-${option}`), value);
}

/** Opens the dialog of a column by its type. */
export const openColumn = (page, column) => page.locator(".head", { has: page.locator(`.head-name:text-is("${column}")`) }).locator(".head-type").click();

/** Overrides a column's type. */
export async function setType(page, column, type) {
  await openColumn(page, column);
  await page.selectOption("#column-type", type);
  await page.keyboard.press("Escape");
}

/** Waits until the page has read the file anew after a change. */
export const settled = (page) => reaches(page, "preview");

async function setControl(page, control, value) {
  const kind = await control.evaluate((element) => (element.tagName === "SELECT" ? "select" : element.type));
  if (kind === "select") await control.selectOption(value);
  else if (kind === "checkbox") await control.setChecked(value === "true");
  else {
    await control.fill(value);
    await control.press("Enter");
  }
}

/** Waits until a text is shown somewhere in the page. */
export const shows = (page, text) => page.getByText(text).first().waitFor();
