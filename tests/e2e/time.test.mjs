// What a run took is work: pauses, and the waiting between the steps of a slow pace, are none of it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

const HOUR_MS = 3_600_000;
/** As the page writes it: it counts no hours. */
const HOUR_MIN = 60;

/** Minutes of a duration as the page writes it. */
const minutes = (text) => Number(text.match(/(\d+) min/)?.[1] ?? 0);

/** What steps are said to take: the first one of each model, and the others by the model, in milliseconds. */
const [FIRST_MS, STEP_MS] = [8000, { v1: 500, "v2*": 1000, v2: 2000 }];
/** How much longer models take than their steps, for what is measured along the way. */
const BESIDE = 1.2;
/** As near as one estimate is to lie to the one before it: by this factor, or by so many seconds beyond those that passed. */
const [FACTOR, NEAR_S] = [3, 10];

/** Runs in the worker: whatever steps take, they are said to take this. */
function timed(first, step, beside) {
  const post = self.postMessage.bind(self);
  self.postMessage = (message, ...rest) => {
    const told = JSON.parse(message.text);
    for (const { loss_measured: loss, model_trained: trained } of told.events?.events ?? []) {
      if (loss) loss.ms_per_step = loss.step === 1 ? first : step[loss.model];
      if (trained) trained.seconds = (first + (trained.steps - 1) * step[trained.model] * beside) / 1000;
    }
    post({ ...message, text: JSON.stringify(told) }, ...rest);
  };
}

describe("the time of a run", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** A page in slow motion after some steps, of which the clock can be put forward. */
  async function begun() {
    const lab = await Lab.fresh(browser);
    await lab.page.clock.install();
    await lab.open();
    await lab.page.getByLabel("Speed").fill("1");
    await lab.play();
    await lab.atStep(2);
    return lab;
  }

  /** Lets an hour go by between two steps: on the page, and in the worker, which has a clock of its own. */
  async function hour(lab) {
    const [worker] = lab.page.workers();
    const went = await worker.evaluate((ms) => {
      const before = performance.now();
      const now = performance.now.bind(performance);
      performance.now = () => now() + ms;
      return performance.now() - before;
    }, HOUR_MS);
    assert.ok(went >= HOUR_MS, "the worker's clock was put forward");
    await lab.page.clock.fastForward(HOUR_MS);
  }

  /** Nothing that the page says of a finished run has the hour in it. */
  async function tookNoHour(lab) {
    const took = await lab.transport.getByText(/^took \d/).innerText();
    assert.ok(minutes(took) < HOUR_MIN, took);
    const trained = await lab.page.getByRole("region", { name: "Operation of the index" }).getByText(/^Train v1/).locator("..").innerText();
    assert.match(trained, /\d+ s|\d+ min/, "it says how long v1 took");
    assert.ok(minutes(trained) < HOUR_MIN, trained);
    await lab.button("Runs").click();
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    const row = runs.getByRole("region", { name: "Kept runs" }).locator("tbody tr").first();
    const time = await row.evaluate((row) => {
      const heads = [...row.closest("table").tHead.rows[0].cells].map((it) => it.innerText.trim());
      return row.cells[heads.indexOf("Time")].innerText;
    });
    assert.match(time, /\d+(\.\d)? (ms|s|min)/);
    assert.ok(minutes(time) < HOUR_MIN, time);
    assert.deepEqual(lab.errors, []);
  }

  it("does not count a pause, nor is more said to be left after it", async () => {
    const lab = await begun();
    await lab.button("Pause").click();
    await lab.status.filter({ hasText: "Paused: training v1" }).waitFor();
    // Then the worker rests.
    await lab.kept(/^v1, step [1-9]/);
    await hour(lab);
    const { step } = await lab.step();
    await lab.button("Step batch").click();
    await lab.atStep(step + 1);
    const left = await lab.transport.getByText(/ left$/).innerText();
    assert.ok(minutes(left) < HOUR_MIN, left);

    // Between two models as within one.
    await lab.page.keyboard.press("m");
    await lab.transport.getByText(/^step \d+ of/).waitFor({ state: "detached" });
    await hour(lab);
    await lab.page.getByLabel("Speed").fill("10");
    await lab.playToTheEnd();
    await tookNoHour(lab);
  });

  it("that is left is told without leaps, within a model and from one to the next", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route("**/worker_loader.js", async (route) => {
      const response = await route.fetch();
      const [first, step, beside] = [FIRST_MS, STEP_MS, BESIDE].map((it) => JSON.stringify(it));
      await route.fulfill({ response, body: `(${timed})(${first}, ${step}, ${beside});\n${await response.text()}` });
    });
    await lab.open();
    // So slow that each step is drawn.
    await lab.page.getByLabel("Speed").fill("5");
    const told = await lab.page.evaluateHandle(() => {
      const told = [];
      const place = document.querySelector(".transport .progress");
      let due = false;
      const look = () => {
        due = false;
        const [status, time, detail] = ["[data-testid=status]", ".time", ".detail"].map((part) => place.querySelector(part).textContent);
        told.push({ status, time, detail });
      };
      // In a turn of its own all three are written.
      const changed = () => {
        if (!due) setTimeout(look);
        due = true;
      };
      new MutationObserver(changed).observe(place, { childList: true, characterData: true, subtree: true });
      return told;
    });
    await lab.playToTheEnd();

    const readings = (await told.jsonValue()).filter(({ time }) => time.endsWith(" left"));
    const models = Object.keys(STEP_MS);
    const read = readings.map(({ status, time, detail }) => {
      const part = (unit) => Number(time.match(new RegExp(`(\\d+) ${unit}\\b`))?.[1] ?? 0);
      const [, step, of] = detail.match(/^step (\d+) of (\d+)/)?.map(Number) ?? [];
      return { time, left: 60 * part("min") + part("s"), model: status.match(/^Training (\S+)$/)?.[1], step, of };
    });
    const steps = Object.fromEntries(models.map((model) => [model, read.find((it) => it.model === model && it.of)?.of]));
    assert.deepEqual([...new Set(read.map((it) => it.model))].filter(Boolean), models, "all of them are waited for");
    /** Seconds that a model has taken after so many steps. */
    const took = (model, steps) => (steps > 0 ? (BESIDE * (FIRST_MS + (steps - 1) * STEP_MS[model])) / 1000 : 0);
    /** Seconds that had gone by at a reading; after the last model they are measured alone. */
    const passed = ({ model, step }) => {
      const before = models.slice(0, model ? models.indexOf(model) : undefined).reduce((sum, it) => sum + took(it, steps[it]), 0);
      return before + (model ? took(model, step ?? steps[model]) : 0);
    };
    assert.ok(read.length > 12, `${read.length} readings`);
    for (const [at, now] of read.entries()) {
      if (at === 0) continue;
      const before = read[at - 1];
      const meanwhile = Math.max(passed(now) - passed(before), 0);
      const words = `${before.time}, and ${meanwhile} s later ${now.time}: ${JSON.stringify(now)}`;
      assert.ok(now.left <= Math.max(FACTOR * before.left, before.left + NEAR_S), words);
      assert.ok(now.left >= Math.min(before.left / FACTOR, before.left - meanwhile - NEAR_S), words);
    }
    assert.deepEqual(lab.errors, []);
  });

  it("does not count the waiting between slow steps", async () => {
    const lab = await begun();
    await hour(lab);
    const { step } = await lab.step();
    await lab.atStep(step + 2);
    await lab.page.getByLabel("Speed").fill("10");
    await lab.finished();
    await tookNoHour(lab);
  });
});
