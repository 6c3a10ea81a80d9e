// The page as a person finds it: by roles, labels and words.

import assert from "node:assert/strict";
import { afterEach, beforeEach } from "node:test";

import { BASE_URL } from "./browser.mjs";

/** A scenario that is over within seconds: few images, short training, every loss read. */
export const QUICK = [
  "v=2&preset=extended-class",
  "data.train_per_class=40&data.test_per_class=20",
  "stages.0.schedule.epochs=2&stages.0.schedule.batch=32",
  "stages.1.schedule.epochs=2&stages.1.schedule.batch=32",
  "evaluation.loss_every=1&evaluation.every=4",
].join("&");

/** Pairs of query and gallery model that the finished matrix must have. */
export const PAIRS = ["v1/v1", "v2/v1", "v2/v2", "v2*/v1", "v2*/v2*"];

/** Longest wait for a run to end; only there so that a hanging page ends the test. */
const RUN_MS = 180_000;

/** Contexts that the test under way has opened. Those of a suite, which are there before its tests, stay for all of them. */
let opened = [];
// Whoever measures or takes pictures closes them by themselves.
if (process.argv[1]?.endsWith(".test.mjs")) {
  beforeEach(() => void (opened = []));
  // A page that nobody looks at goes on to ask after its workers.
  afterEach(() => Promise.all(opened.filter((it) => it.browser()?.isConnected()).map((it) => it.close())));
}

export class Lab {
  constructor(page) {
    this.page = page;
    this.errors = [];
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.errors.push(`page: ${error.message}`));
    this.transport = page.getByRole("contentinfo", { name: "Transport" });
    this.status = page.getByTestId("status");
    this.engine = this.transport.locator(".engine");
    this.setup = page.getByRole("complementary", { name: "Set-up" });
    this.timeline = page.getByRole("navigation", { name: "Timeline of model versions" });
    this.matrixPanel = page.getByRole("region", { name: "Compatibility matrix" });
    // They are called by the tab on show.
    this.strips = page.locator("section.strips");
    this.curves = page.locator("section.curves:not(.numbers)");
    this.map = page.getByRole("region", { name: "Map", exact: true });
    this.onShow = page.getByRole("group", { name: "On show" });
    this.verdict = page.getByTestId("verdict");
    this.article = page.getByRole("region", { name: "What an upgrade breaks, and what may save it" });
    this.explanation = page.locator(".explanation");
    this.dialog = page.getByRole("alertdialog");
    this.alerts = page.getByRole("region", { name: "Messages" }).getByRole("alert");
    this.notices = page.getByRole("region", { name: "Messages" }).getByRole("status");
  }

  /** A page in a context of its own, so that nothing is remembered from another test, nor kept for use without a network. */
  static async fresh(browser, options = {}) {
    const usual = { viewport: { width: 1280, height: 800 }, serviceWorkers: "block" };
    const context = await browser.newContext({ ...usual, ...options });
    opened.push(context);
    return new Lab(await context.newPage());
  }

  /** Goes to the page with this scenario; returns as soon as the page is drawn. */
  async visit(hash = QUICK) {
    await this.page.goto(hash.startsWith("http") ? hash : `${BASE_URL}#${hash}`);
    await this.transport.waitFor();
  }

  /** Goes to the page with this scenario and waits until it can be played. */
  async open(hash = QUICK) {
    await this.visit(hash);
    await this.ready();
  }

  /** Waits until a run is prepared and the engine has a name. */
  async ready() {
    // A narrow page has no room for the engine's name.
    await this.engine.locator("strong", { hasText: /CPU|WebGPU/ }).waitFor({ state: "attached" });
    // The recorded run of a preset that is as it ships stands in for one that waits.
    await this.status.filter({ hasText: /^(Ready|Recorded run)$/ }).waitFor();
  }

  /** Waits until the test images are there. */
  async pictured() {
    await this.page.waitForFunction(() =>
      [...document.querySelectorAll(".strips .thumbnail")].every((it) => getComputedStyle(it).backgroundImage !== "none"),
    );
  }

  /** Makes the window as tall as all above the article, so that the transport lies over nothing; waits until all is drawn for it. */
  async unroll() {
    const [width, height] = await this.page.evaluate(() => {
      const article = document.querySelector(".article").getBoundingClientRect();
      const above = Math.floor(article.top + scrollY) - parseFloat(getComputedStyle(document.body).paddingBottom);
      return [innerWidth, article.height > 0 ? Math.max(above, 100) : document.documentElement.scrollHeight];
    });
    await this.page.setViewportSize({ width, height });
    await this.settled();
  }

  /** Waits until two frames went by: sizes are observed in one and drawn for in the next. */
  async settled() {
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** Unfolds the set-up where the page is too narrow to have it open. */
  async unfold() {
    const fold = this.setup.getByRole("button", { name: "Show", exact: true });
    if (await fold.isVisible()) await fold.click();
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  async play() {
    await this.page.getByRole("button", { name: /^(Play|Run it yourself)$/ }).click();
  }

  /** Waits for the end of the run; a fault ends the wait too, with its words. */
  async finished() {
    const finished = this.status.filter({ hasText: /^Finished$/ });
    await finished.or(this.dialog).first().waitFor({ timeout: RUN_MS });
    if (await this.dialog.isVisible()) assert.fail(`The run stopped: ${await this.dialog.innerText()}`);
    await this.matrixPanel.getByText(/All .* test items/).waitFor();
  }

  async playToTheEnd() {
    await this.play();
    await this.finished();
  }

  /** Waits until the browser's database holds an interrupted run that stands at this place, in words. */
  async kept(place) {
    await this.#interrupted((at) => place.test(at));
  }

  /** Waits until the browser's database holds no interrupted run. */
  async keptNone() {
    await this.#interrupted((at) => at === "");
  }

  /** Waits until this holds of where the interrupted run in the browser's database stands. */
  async #interrupted(holds) {
    const end = Date.now() + RUN_MS;
    for (;;) {
      const at = await this.page.evaluate(interrupted);
      if (holds(at)) return;
      if (Date.now() > end) assert.fail(`The interrupted run stands at "${at}"`);
    }
  }

  /** The text of every measured cell by query/gallery, as in `v2/v1`. */
  matrix() {
    return this.matrixPanel.getByRole("table").evaluate((table) => {
      const name = (head) => head.textContent.match(/v\d+\*?/)?.[0] ?? head.textContent.trim();
      const galleries = [...table.tHead.querySelectorAll("th")].map(name);
      const cells = [...table.tBodies[0].rows].flatMap((row) => {
        const query = name(row.querySelector("th"));
        return [...row.querySelectorAll("td")].map((cell, place) => [`${query}/${galleries[place]}`, cell.innerText]);
      });
      return Object.fromEntries(cells.filter(([, text]) => /\d/.test(text)));
    });
  }

  /** Step of the model in training and how many there will be. */
  async step() {
    const text = await this.transport.getByText(/^step \d+ of \d+/).innerText();
    const [, step, of] = text.match(/^step (\d+) of (\d+)/);
    return { step: Number(step), of: Number(of) };
  }

  /** Waits until the model in training is at this step. */
  async atStep(step, timeout) {
    await this.transport.getByText(new RegExp(`^step ${step} of`)).waitFor({ timeout });
  }

  /** The chart of a tab of the curves as its spoken description. */
  async chart(tab) {
    await this.curves.getByRole("tab", { name: tab }).click();
    const chart = this.curves.getByRole("img");
    await chart.locator("svg").waitFor();
    return chart.getAttribute("aria-label");
  }

  /** Losses of the model on show by step, from the numbers behind the chart. */
  async losses() {
    await this.chart("Loss");
    await this.curves.locator("summary").click();
    const rows = this.curves.getByRole("row");
    const texts = await rows.evaluateAll((rows) => rows.slice(1).map((row) => [...row.cells].map((it) => it.innerText)));
    await this.curves.locator("summary").click();
    return texts.map(([step, total]) => [Number(step), Number(total)]);
  }

  /** How many different colours a picture of the page has. */
  async colours(locator) {
    const png = await locator.screenshot();
    return this.page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      const context = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }, `data:image/png;base64,${png.toString("base64")}`);
  }

  /** Does something that has the browser save a file; gives its name and bytes. */
  async download(act) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), act()]);
    return saved(download);
  }

  /** Saves a panel as a kind of file; gives its name and bytes. */
  async saved(panel, kind) {
    await panel.getByRole("button", { name: "Save", exact: true }).click();
    const entry = panel.getByRole("button", { name: kind, exact: true });
    const file = await this.download(() => entry.click());
    await entry.waitFor({ state: "hidden" });
    return file;
  }

  /** Saves all trained models; gives the files by name. */
  async exportAll(count) {
    const files = new Map();
    const done = new Promise((resolve, reject) => {
      this.page.on("download", async (download) => {
        try {
          const { name, bytes } = await saved(download);
          files.set(name, bytes);
          if (files.size === count) resolve(files);
        } catch (error) {
          reject(error);
        }
      });
    });
    await this.unfoldTransport();
    await this.button("Export").click();
    await this.button("All of them").click();
    return done;
  }

  /** Unfolds what the transport folds away where there is little room. */
  async unfoldTransport() {
    const more = this.page.getByRole("button", { name: "More", exact: true, expanded: false });
    if (await more.isVisible()) await more.click();
  }

  /** Chooses model files, `[name, bytes]` each, for import. */
  async import(files) {
    await this.unfoldTransport();
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), this.button("Import").click()]);
    const type = "application/octet-stream";
    await chooser.setFiles(files.map(([name, buffer]) => ({ name, mimeType: type, buffer })));
  }
}

/** Name and bytes of a file that the browser saves. */
async function saved(download) {
  const chunks = await (await download.createReadStream()).toArray();
  return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) };
}

/** Runs in the browser: where the interrupted run in its database stands, in words; empty if there is none. */
const interrupted = () =>
  new Promise((resolve) => {
    const open = indexedDB.open("upgrade-lab");
    open.onerror = () => resolve("");
    open.onsuccess = () => {
      try {
        const kept = open.result.transaction("interrupted").objectStore("interrupted").get(0);
        kept.onsuccess = () => resolve(kept.result?.[0] ?? "");
        kept.onerror = () => resolve("");
      } catch {
        // The page has not made its drawers yet.
        resolve("");
      }
      // As soon as it has answered: the page makes no drawers while it is open.
      open.result.close();
    };
  });
