// A reader's own images become a dataset that the browser keeps.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

const [SIDE, CLASSES, EACH] = [8, ["bars", "border", "checks", "dots"], 30];

/** A table of small images: a pattern of its own for each class, and a speck that wanders. */
function table() {
  const patterns = {
    bars: (x) => x % 2 === 0,
    border: (x, y) => x % (SIDE - 1) === 0 || y % (SIDE - 1) === 0,
    checks: (x, y) => (x + y) % 2 === 0,
    dots: (x, y) => x % 3 === 1 && y % 3 === 1,
  };
  const cells = [...Array(SIDE * SIDE).keys()];
  const row = (name, at) =>
    [name, ...cells.map((cell) => (cell === (7 * at) % cells.length ? 128 : patterns[name](cell % SIDE, cell >> 3) ? 230 : 20))].join(",");
  const rows = CLASSES.flatMap((name) => [...Array(EACH).keys()].map((at) => row(name, at)));
  return [["label", ...cells.map((cell) => `pixel${cell}`)].join(","), ...rows].join("\n");
}

describe("own images", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const dataset = (lab) => lab.setup.getByLabel("Dataset");

  it("are trained on, outlive a reload, and are forgotten on request", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.setup.getByRole("tab", { name: "Run" }).click();
    await lab.import([["patterns.csv", Buffer.from(table())]]);
    await lab.notices.filter({ hasText: "4 classes, with up to 25 training and 5 test images of each." }).waitFor();
    await lab.page.waitForURL(/[#&]data\.dataset=own-[0-9a-f]{8}(&|$)/);
    assert.equal(await dataset(lab).locator("option:checked").innerText(), "patterns");
    await lab.playToTheEnd();
    const cells = await lab.matrix();
    assert.ok(Number(cells["v2/v2"].match(/\d+\.\d/)[0]) > 50, cells["v2/v2"]);
    await lab.pictured();
    assert.equal(await lab.setup.getByText("Settings changed").count(), 0, "the run is the one in the form");

    await lab.page.reload();
    await lab.ready();
    assert.match(lab.page.url(), /[#&]data\.dataset=own-/);
    assert.equal(await lab.notices.filter({ hasText: "not in this browser" }).count(), 0);
    await lab.setup.getByRole("tab", { name: "Run" }).click();
    assert.match(await dataset(lab).locator("option:checked").innerText(), /^patterns$/);
    await lab.setup.getByRole("button", { name: "Forget these" }).click();
    await lab.notices.filter({ hasText: "Your files were forgotten." }).waitFor();
    assert.equal(await dataset(lab).locator("option").count(), 1);
    assert.deepEqual(lab.errors, []);
  });

  it("that make no sense are refused with the reason, and nothing is lost", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    const url = lab.page.url();
    await lab.import([["broken.csv", Buffer.from(table().replace(/,230,/, ",many,"))]]);
    await lab.alerts.filter({ hasText: /Nothing was imported: .*broken\.csv.*many/ }).waitFor();
    await lab.import([["broken.zip", Buffer.from("PK no zip")]]);
    await lab.alerts.filter({ hasText: /Nothing was imported: .*broken\.zip/ }).waitFor();
    assert.equal(lab.page.url(), url);
    assert.deepEqual(lab.errors, []);
  });
});
