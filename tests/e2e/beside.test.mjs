// What stands beside results whose recording, worker or settings are not those of the form; and runs that were opened, with their images,
// their link and the run that waits meanwhile.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

/** Fewer shades than any picture of clothes has; a black one has one. */
const SHADES = 8;

/** Runs in the browser: what each thumbnail shows, as a picture of its own and the number of its shades. */
async function pictures(thumbnails) {
  const side = 28;
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const sheets = new Map();
  const found = [];
  for (const thumbnail of thumbnails) {
    const [, url] = getComputedStyle(thumbnail).backgroundImage.match(/url\("(.*)"\)/) ?? [];
    if (url && !sheets.has(url)) {
      const sheet = Object.assign(new Image(), { src: url });
      await sheet.decode();
      sheets.set(url, sheet);
    }
    const sheet = sheets.get(url);
    pen.clearRect(0, 0, side, side);
    if (sheet) {
      const [x, y] = thumbnail.style.backgroundPosition.split(" ").map((share) => Number.parseFloat(share) / 100);
      const start = (share, length) => -Math.round((share * (length - side)) / side) * side;
      pen.drawImage(sheet, start(x, sheet.width), start(y, sheet.height));
    }
    const { data } = pen.getImageData(0, 0, side, side);
    found.push({ url: canvas.toDataURL(), shades: new Set(new Uint32Array(data.buffer)).size });
  }
  return found;
}

/** The form's fields and what the line above the panels has, of any page. */
const seed = (lab) => lab.setup.getByLabel("Seed", { exact: true });
const shown = (lab, name) => lab.onShow.getByText(name, { exact: true }).waitFor();
const mend = (lab) => lab.onShow.getByRole("button", { name: "Run these settings", exact: true });

/** The strips as they are on show: which query, and what its images and those of its finds show, none of them blank. */
async function strips(lab) {
  await lab.strips.getByRole("listitem", { name: /\d+ of 10 right/ }).first().waitFor();
  await lab.pictured();
  const images = await lab.strips.locator(".thumbnail").evaluateAll(pictures);
  assert.ok(images.length > 20, `${images.length} images`);
  for (const [at, { shades }] of images.entries()) assert.ok(shades > SHADES, `image ${at} has ${shades} shades`);
  return { query: await lab.strips.locator(".query .item").innerText(), images: images.map((it) => it.url) };
}

describe("results", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("stay, and are said not to be the form's, where the recording of another scenario cannot be fetched", async () => {
    const lab = await Lab.fresh(browser);
    const scenario = lab.setup.getByLabel("Scenario", { exact: true });
    await lab.open("");
    await shown(lab, "Extended class, BT², seed 1");
    const recorded = await lab.matrix();
    assert.equal(await mend(lab).count(), 0);

    await lab.page.route("**/runs/*.jsonl.gz", (route) => route.fulfill({ status: 404 }));
    const [missing] = await Promise.all([
      lab.page.waitForResponse(/\/runs\/extended-data\.jsonl\.gz/),
      scenario.selectOption("extended-data"),
    ]);
    assert.equal(missing.status(), 404);
    await lab.onShow.getByText(/^not the form’s: Extended data, BT², seed 1; \d+ settings differ$/).waitFor();
    await lab.onShow.getByText("Recorded run", { exact: true }).waitFor();
    await shown(lab, "Extended class, BT², seed 1");
    assert.deepEqual(await lab.matrix(), recorded);
    assert.ok(await mend(lab).isEnabled());

    // Back at what is on show there is nothing to say; and once the file is there, it comes.
    await lab.page.unrouteAll();
    await scenario.selectOption("extended-class");
    await mend(lab).waitFor({ state: "hidden" });
    await scenario.selectOption("extended-data");
    await shown(lab, "Extended data, BT², seed 1");
    await mend(lab).waitFor({ state: "hidden" });
    assert.notDeepEqual(await lab.matrix(), recorded);
    assert.deepEqual(lab.errors.filter((error) => !error.includes("404")), []);
  });

  it("of a worker that died stay with their images, and another seed is said to be another", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    await lab.keptNone();
    const [cells, images] = [await lab.matrix(), await strips(lab)];

    const [worker] = lab.page.workers();
    await worker.evaluate(() => void setTimeout(() => { throw new Error("struck by lightning"); }));
    await lab.page.getByText(/The results of your finished run stay/).waitFor();
    await shown(lab, "Extended class, BT², seed 1");
    assert.equal(await mend(lab).count(), 0, "the form is still that of the run");
    assert.deepEqual(await lab.matrix(), cells);
    assert.deepEqual(await strips(lab), images);

    await seed(lab).fill("7");
    await seed(lab).blur();
    await lab.onShow.getByText("not the form’s: Seed 7", { exact: true }).waitFor();
    assert.deepEqual(await lab.matrix(), cells);
    assert.deepEqual(await strips(lab), images);
    await mend(lab).click();
    await shown(lab, "Extended class, BT², seed 7");
    await lab.finished();
    assert.equal(await mend(lab).count(), 0);
    assert.notDeepEqual(await lab.matrix(), cells);
    assert.deepEqual(lab.errors.filter((error) => !error.includes("struck by lightning")), []);
  });
});

describe("an opened run", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("of a sweep has the images of its own seed, and its link is the one that is copied", async () => {
    const lab = await Lab.fresh(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    await lab.open(`${QUICK}&stages.1.method.id=bct`);
    await lab.page.keyboard.press("w");
    const sweep = lab.page.getByRole("dialog", { name: "Sweep" });
    await sweep.getByLabel("Seeds").fill("2");
    await sweep.getByText(/^2 runs of the scenario in the form from seed 1 on/).waitFor();
    await sweep.getByRole("button", { name: "Start", exact: true }).click();
    await sweep.getByText("2 of 2 finished.", { exact: true }).waitFor({ timeout: 180_000 });
    await sweep.getByRole("button", { name: "Compare in Runs" }).click();
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    const box = lab.page.getByRole("checkbox", { name: "Compare BCT, seed 2", exact: true });
    await runs.getByRole("row").filter({ has: box }).getByRole("button", { name: "Open", exact: true }).click();
    await runs.waitFor({ state: "hidden" });
    await shown(lab, "Opened: BCT, seed 2");
    assert.equal(await seed(lab).inputValue(), "2");
    const opened = await strips(lab);

    await lab.button("Copy link").click();
    await lab.notices.filter({ hasText: "The link to this scenario was copied." }).waitFor();
    const link = await lab.page.evaluate(() => navigator.clipboard.readText());
    const other = await Lab.fresh(browser);
    await other.open(link);
    assert.equal(await seed(other).inputValue(), "2");
    assert.equal(await other.setup.getByLabel("Method", { exact: true }).locator("option:checked").innerText(), "BCT");

    // The run of these settings has the same, which are in its worker.
    await lab.button("Run it yourself").click();
    await shown(lab, "Your run");
    await shown(lab, "Extended class, BCT, seed 2");
    await lab.finished();
    assert.deepEqual(await strips(lab), opened);
    for (const { errors } of [lab, other]) assert.deepEqual(errors, []);
  });

  it("of another learning rate does not change that of the run that waits", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    await lab.setup.getByRole("tab", { name: "v1", exact: true }).click();
    const rate = lab.setup.getByRole("spinbutton", { name: "Learning rate" });
    const before = await rate.inputValue();
    await rate.fill("0.05");
    await rate.blur();
    await lab.page.getByLabel("Speed").fill("1");
    await mend(lab).click();
    await lab.atStep(2);
    await lab.button("Pause").click();
    await lab.status.filter({ hasText: "Paused: training v1" }).waitFor();

    // It differs by nothing but what a run under way can take in.
    await lab.button("Runs").click();
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    await runs.getByRole("button", { name: "Open", exact: true }).click();
    await shown(lab, "Opened: BT², seed 1");
    assert.equal(await rate.inputValue(), before);
    await lab.button("Back to your run").click();
    await shown(lab, "Your run");
    assert.equal(await rate.inputValue(), "0.05");

    // What the worker was told before it comes before what it answers to this.
    const { step } = await lab.step();
    await lab.button("Step batch").click();
    await lab.atStep(step + 1);
    assert.equal(await rate.inputValue(), "0.05");
    await lab.chart("Loss");
    assert.equal(await lab.curves.locator("svg .tick").count(), 0, "nothing was changed on the way");
    assert.equal(await mend(lab).count(), 0);
    assert.deepEqual(lab.errors, []);
  });
});
