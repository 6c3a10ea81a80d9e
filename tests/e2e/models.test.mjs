// Trained models go home as files and come back.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

describe("models", { skip: ONLY_CPU }, () => {
  let browser, weights, matrix;

  before(async () => {
    browser = await launch();
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    matrix = await lab.matrix();
    const files = await lab.exportAll(6);
    weights = [...files].filter(([name]) => name.endsWith(".safetensors"));
    for (const [name, bytes] of files) {
      if (name.endsWith(".card.json")) assert.equal(JSON.parse(bytes).format, 2, name);
    }
    await lab.page.context().close();
  });
  after(() => browser?.close());

  it("come back with the same matrix", async () => {
    assert.equal(weights.length, 3);
    const lab = await Lab.fresh(browser);
    await lab.open("v=2&preset=extended-data");
    await lab.import(weights);
    await lab.finished();
    assert.deepEqual(await lab.matrix(), matrix);
    assert.match(lab.page.url(), /preset=extended-class/, "the scenario of the files is in the address");
    assert.deepEqual(lab.errors, []);
  });

  it("that came back are named on show, and another seed in the form is said not to be theirs", async () => {
    const lab = await Lab.fresh(browser);
    const mend = lab.onShow.getByRole("button", { name: "Run these settings", exact: true });
    const named = () => lab.onShow.getByText("Extended class, BT², seed 1", { exact: true }).waitFor();
    const seed = lab.setup.getByLabel("Seed", { exact: true });
    await lab.open("v=2&preset=extended-data&seed=3");
    await lab.import(weights);
    await lab.finished();
    await lab.onShow.getByText("Your run", { exact: true }).waitFor();
    await named();
    assert.equal(await seed.inputValue(), "1");
    assert.equal(await lab.onShow.getByText(/^not the form’s: /).count(), 0);
    assert.equal(await mend.count(), 0);

    await seed.fill("7");
    await seed.blur();
    await lab.onShow.getByText("not the form’s: Seed 7", { exact: true }).waitFor();
    await named();
    await lab.onShow.getByText("Your run", { exact: true }).waitFor();
    assert.deepEqual(await lab.matrix(), matrix);
    assert.ok(await mend.isEnabled());
    await seed.fill("1");
    await seed.blur();
    await mend.waitFor({ state: "hidden" });
    assert.equal(await lab.onShow.getByText(/^not the form’s: /).count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  it("without the one that they were trained to go with are refused with what to bring", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.import(weights.filter(([name]) => name.includes("-v2.")));
    await lab.alerts.filter({ hasText: /v2 was trained to go with v1, of which there is no file; choose .* together/ }).waitFor();
    assert.equal(await lab.dialog.count(), 0, "nothing has died");
    assert.equal(await lab.status.innerText(), "Ready");
    assert.deepEqual(lab.errors, []);
  });

  it("that were altered are refused, and the run stays", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    const before = await lab.matrix();
    const [name, bytes] = weights[0];
    const altered = Buffer.from(bytes);
    altered[altered.length - 5] ^= 0xff;
    await lab.import([[name, altered]]);
    await lab.alerts.filter({ hasText: "weights were altered" }).waitFor();
    await lab.import([[name, bytes.subarray(0, bytes.length / 2)]]);
    await lab.alerts.filter({ hasText: "no SafeTensors file" }).waitFor();
    assert.deepEqual(await lab.matrix(), before);
    assert.equal(await lab.status.innerText(), "Finished");
    assert.deepEqual(lab.errors, []);
  });
});
