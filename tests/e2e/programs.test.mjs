// What a run does not need is not loaded: the worker with every family of methods comes where a run has one of them.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";
import { trainInWorker } from "./support/worker.mjs";

/** Two branches of a model and what is merged of them, over within seconds. */
const MERGE = [
  "v=2&preset=merge",
  "data.train_per_class=40&data.test_per_class=20",
  ...[0, 1, 2, 3].map((stage) => `stages.${stage}.schedule.epochs=1&stages.${stage}.schedule.batch=32`),
].join("&");
const SMALL = "worker_bg.wasm";
const WIDE = "worker_wide_bg.wasm";

describe("worker programs", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** A page with the names of the programs of workers that it loads, in order. */
  async function watched(hash) {
    const lab = await Lab.fresh(browser);
    lab.programs = [];
    lab.page.context().on("request", (request) => {
      const [name] = new URL(request.url()).pathname.match(/worker\w*\.wasm$/) ?? [];
      if (name) lab.programs.push(name);
    });
    await lab.open(hash);
    return lab;
  }

  it("follow the scenario, and what is played in the other one is what was asked for", async () => {
    const lab = await watched(QUICK);
    assert.deepEqual(lab.programs, [SMALL]);
    await lab.page.goto(`${BASE_URL}#${MERGE}`);
    await lab.playToTheEnd();
    assert.deepEqual(lab.programs, [SMALL, WIDE]);
    const found = await lab.matrix();
    for (const pair of ["v4/v2", "v4/v3", "v4/v4"]) assert.match(found[pair] ?? "", /\d+\.\d/, pair);

    // The larger one has the methods of compatibility, too.
    await lab.page.goto(`${BASE_URL}#${QUICK}`);
    await lab.button("Reset").click();
    await lab.ready();
    await lab.playToTheEnd();
    assert.deepEqual(lab.programs, [SMALL, WIDE]);
    const again = await watched(QUICK);
    await again.playToTheEnd();
    assert.deepEqual(await again.matrix(), await lab.matrix(), "the same numbers in either");

    const direct = await watched(MERGE);
    assert.deepEqual(direct.programs, [WIDE]);
    await direct.playToTheEnd();
    assert.deepEqual(await direct.matrix(), found);
    for (const { errors } of [lab, again, direct]) assert.deepEqual(errors, []);
  });

  it("are chosen by the models that are brought back", async () => {
    const lab = await watched(MERGE);
    await lab.playToTheEnd();
    const matrix = await lab.matrix();
    const files = await lab.exportAll(10);
    const weights = [...files].filter(([name]) => name.endsWith(".safetensors"));
    assert.equal(weights.length, 5);
    const other = await watched(QUICK);
    await other.import(weights);
    await other.finished();
    assert.deepEqual(other.programs, [SMALL, WIDE]);
    assert.deepEqual(await other.matrix(), matrix);
    assert.match(other.page.url(), /preset=merge/, "the scenario of the files is in the address");
    assert.deepEqual(other.errors, []);
  });

  it("without a method refuse it and put no other in its place", async () => {
    const { page } = await Lab.fresh(browser);
    const stages = [{}, { method: { id: "ewc" } }];
    const run = { file: "worker_loader.js", engine: "cpu", scenario: { format: 1, stages }, model: "v1", steps: 1 };
    await assert.rejects(trainInWorker(page, run), /There is no method 'ewc' in this program/);
  });
});
