// The engines: which one runs and why, and that both compute what the native engine does.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU, ONLY_WEBGPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";
import { isBuilt, probeInWorker, trainInWorker } from "./support/worker.mjs";

const GPU_WORKER = "worker_gpu_loader.js";
/** The file beside the page that says how far that one is. */
const GPU_STATE = "**/webgpu.txt";
/** Relative difference that rounding in another order may make within the first steps. */
const TOLERANCE = 1e-3;

const golden = async (file) => JSON.parse(await readFile(new URL(`../../crates/lab/tests/golden/${file}`, import.meta.url)));

/** The losses follow the native ones step by step. */
function agree(found, expected, model) {
  assert.ok(found.length >= expected.length, `${found.length} steps of ${model}`);
  expected.forEach((total, index) => {
    const off = Math.abs(found[index] - total) / Math.abs(total);
    assert.ok(off < TOLERANCE, `${model}, step ${index + 1}: ${found[index]} instead of ${total}`);
  });
}

/** Few images and small batches, every loss read: what a software adapter can do. */
const TINY = "v=2&data.train_per_class=20&data.test_per_class=10&stages.0.schedule.batch=8&evaluation.loss_every=1";

/** Chooses an engine by its name in the form. */
async function choose(lab, label) {
  await lab.setup.getByRole("tab", { name: "Run", exact: true }).click();
  await lab.setup.getByLabel("Engine").selectOption({ label });
}

/** Waits until the WebGPU engine has its name. */
async function onWebgpu(lab) {
  await lab.engine.locator("strong", { hasText: /^WebGPU/ }).or(lab.dialog).first().waitFor({ timeout: 120_000 });
}

describe("the CPU engine", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("takes over where WebGPU has no adapter, says why, and finishes", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    assert.match(await lab.engine.innerText(), /^CPU[^]*WebGPU has no adapter here\./);
    await lab.playToTheEnd();
    assert.match(await lab.engine.innerText(), /^CPU/);
  });

  it("shows its speed, and why there is nothing to compare it with", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.setup.getByRole("tab", { name: "Run", exact: true }).click();
    await lab.setup.getByRole("button", { name: "Compare speed" }).click();
    await lab.setup.getByText(/^CPU.*: [\d.]+ ms per step$/).waitFor();
    await lab.setup.getByText("WebGPU has no adapter here.", { exact: true }).first().waitFor();
    await lab.setup.getByText(/licence MIT/).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("runs, and says so, where the page was built without the other", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route(GPU_STATE, (route) => route.fulfill({ body: "absent\n" }));
    await lab.open();
    await choose(lab, "WebGPU");
    const words = "This copy of the page was built without the WebGPU engine.";
    await lab.engine.getByText(words).waitFor();
    await lab.setup.getByText(words).waitFor();
    await lab.ready();
    await lab.button("Step batch").click();
    await lab.atStep(1);
    assert.match(await lab.engine.innerText(), /^CPU/);
    assert.deepEqual(lab.errors, []);
  });

  it("takes the steps that the native engine takes", async () => {
    const { page } = await Lab.fresh(browser);
    const expected = await golden("cpu_20_steps.json");
    const scenario = await golden("scenario.json");
    const run = { file: "worker_loader.js", engine: "cpu", scenario, model: "v2", steps: expected.v2.length };
    const { engine, losses } = await trainInWorker(page, run);
    assert.equal(engine.kind, "cpu");
    for (const [model, totals] of Object.entries(expected)) agree(losses[model], totals, model);
  });
});

describe("the WebGPU engine", { skip: ONLY_WEBGPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("is part of the build", async () => {
    const { page } = await Lab.fresh(browser);
    assert.ok(await isBuilt(page, GPU_WORKER), `there is no ${GPU_WORKER}: the page was built with --cpu-only`);
  });

  it("trains when it is chosen by hand", async () => {
    const lab = await Lab.fresh(browser);
    assert.ok(await isBuilt(lab.page, GPU_WORKER), `there is no ${GPU_WORKER}: the page was built with --cpu-only`);
    await lab.open(TINY);
    await choose(lab, "WebGPU");
    await onWebgpu(lab);
    await lab.status.filter({ hasText: /^Ready$/ }).waitFor();
    for (const step of [1, 2, 3]) {
      await lab.button("Step batch").click();
      await lab.atStep(step, 120_000);
    }
    const losses = await lab.losses();
    assert.deepEqual(losses.map(([step]) => step), [1, 2, 3]);
    for (const [step, loss] of losses) assert.ok(loss > 0 && loss < 20, `loss ${loss} at step ${step}`);
    assert.deepEqual(lab.errors, []);
  });

  it("is taken up when it has been compiled: at once before a run, after a run that is under way", async () => {
    const lab = await Lab.fresh(browser);
    let said = "compiling";
    // As `cargo xtask serve` answers while it compiles.
    await lab.page.route(GPU_STATE, (route) => route.fulfill({ status: said === "ready" ? 200 : 203, body: said }));
    await lab.open(TINY);
    await lab.page.evaluate(() => (globalThis.opened = true));
    await choose(lab, "WebGPU");
    const compiling = "The WebGPU engine is being compiled; the page takes it up when it is there.";
    await lab.engine.getByText(compiling).waitFor();
    await lab.setup.getByText(compiling).waitFor();
    await lab.ready();
    assert.match(await lab.engine.innerText(), /^CPU/);
    said = "ready";
    await lab.notices.filter({ hasText: "the next run can use it" }).waitFor();
    await onWebgpu(lab);
    await lab.ready();

    said = "compiling";
    await choose(lab, "Automatic");
    await choose(lab, "WebGPU");
    await lab.engine.getByText(compiling).waitFor();
    await lab.ready();
    await lab.button("Step batch").click();
    await lab.atStep(1);
    said = "ready";
    await lab.engine.getByText("the next run can use it").waitFor();
    await lab.button("Step batch").click();
    await lab.atStep(2);
    assert.match(await lab.engine.innerText(), /^CPU/, "the run goes on where it began");
    await lab.button("Reset").click();
    await onWebgpu(lab);
    assert.ok(await lab.page.evaluate(() => globalThis.opened), "nothing was loaded anew");
    assert.deepEqual(lab.errors, []);
  });

  it("is what an interrupted run waits for that began on it", async () => {
    const lab = await Lab.fresh(browser);
    const offer = lab.notices.filter({ hasText: /^A run was interrupted at v1, step [1-9]/ });
    const resume = async () => {
      await lab.page.reload();
      await lab.ready();
      await offer.getByRole("button", { name: "Resume" }).click();
    };
    await lab.open(TINY);
    await choose(lab, "WebGPU");
    await onWebgpu(lab);
    await lab.status.filter({ hasText: /^Ready$/ }).waitFor();
    await lab.button("Step batch").click();
    await lab.kept(/^v1, step [1-9]/);

    await lab.page.route(GPU_STATE, (route) => route.fulfill({ body: "absent\n" }));
    await resume();
    await lab.dialog.waitFor();
    assert.match(await lab.dialog.innerText(), /begun with the WebGPU engine[^]*Resume it when WebGPU is there again\./);

    await lab.page.unrouteAll();
    await resume();
    await onWebgpu(lab);
    await lab.transport.getByText(/^step ([2-9]|\d\d)/).waitFor({ timeout: 120_000 });
    assert.deepEqual(lab.errors, []);
    await lab.page.context().close();
  });

  it("is named by its adapter and loses the automatic choice where it is the slower one", async () => {
    const { page } = await Lab.fresh(browser);
    const probe = (engine) => probeInWorker(page, { file: GPU_WORKER, engine, workload: "mlp_step" });
    const webgpu = await probe("webgpu");
    assert.equal(webgpu.engine.kind, "webgpu", webgpu.engine.reason);
    assert.match(webgpu.engine.name, /^WebGPU, .+/);
    const auto = await probe("auto");
    assert.match(auto.engine.reason, /^[\d.]+ ms per step here, (WebGPU|the CPU) takes [\d.]+\.$/);
    const [, taken, left] = auto.engine.reason.match(/^([\d.]+) .* takes ([\d.]+)\.$/);
    assert.ok(Number(taken) <= Number(left), auto.engine.reason);
  });

  it("takes the steps that the native CPU engine takes", async () => {
    const { page } = await Lab.fresh(browser);
    const { v1 } = await golden("cpu_20_steps.json");
    const scenario = await golden("scenario.json");
    const run = { file: GPU_WORKER, engine: "webgpu", scenario, model: "v1", steps: v1.length };
    const { engine, losses } = await trainInWorker(page, run);
    assert.equal(engine.kind, "webgpu", engine.reason);
    agree(losses.v1, v1, "v1");
  });
});
