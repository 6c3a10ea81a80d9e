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
