// The main loop: play, look, pause, step, start over.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, PAIRS, QUICK } from "./support/lab.mjs";

describe("a run", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("plays to a finished matrix with a verdict, strips, curves and a map", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();

    const cells = await lab.matrix();
    for (const pair of PAIRS) assert.match(cells[pair] ?? "", /\d+\.\d/, `${pair} of ${Object.keys(cells)}`);
    const verdict = await lab.verdict.innerText();
    assert.match(verdict, /compatible/i);
    assert.match(verdict, /mAP/);

    const rows = lab.strips.getByRole("listitem", { name: /\d+ of 10 right/ });
    assert.ok((await rows.count()) >= 2, "strips for old/old and new/old");
    const images = await lab.strips.locator(".thumbnail").all();
    assert.ok(images.length > 20, `${images.length} images in the strips`);
    for (const image of images.slice(0, 12)) assert.ok((await lab.colours(image)) > 8, "an image is blank");

    for (const tab of ["Retrieval", "Loss", "Forgetting"]) {
      assert.match(await lab.chart(tab), /at step \d+/, tab);
      assert.ok((await lab.curves.locator("svg polyline, svg path").count()) > 0, `${tab} has a line`);
    }
    assert.ok((await lab.colours(lab.map.getByRole("img"))) > 8, "the map is blank");
    assert.deepEqual(lab.errors, []);
  });

  it("brings frozen models together by an adapter, without a tax, and shows what a backfill buys", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.1.method.id=procrustes`);
    await lab.playToTheEnd();
    const cells = await lab.matrix();
    const score = (pair) => cells[pair].match(/\d+\.\d/)[0];
    assert.equal(score("v2/v2"), score("v2*/v2*"), "the self-test is the ceiling");
    assert.notEqual(score("v2/v1"), score("v2*/v1"), "the queries are mapped");
    assert.match(await lab.verdict.innerText(), /maps queries/, "the cost at run time is named");
    const chart = await lab.chart("Backfill");
    for (const curve of ["v2 random", "v2 far from class mean", "v2 both encoders", "v2\\* random"]) {
      assert.match(chart, new RegExp(`${curve} [\\d.]+ on average, [\\d.]+ with 100 % re-embedded`), chart);
    }
    assert.deepEqual(lab.errors, []);
  });

  it("pauses, steps by one batch, steps to the end of the epoch, and replays after a reset", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.page.getByLabel("Speed").fill("1");
    await lab.play();
    await lab.atStep(1);
    await lab.button("Pause").click();
    await lab.status.filter({ hasText: "Paused: training v1" }).waitFor();
    const { step, of } = await lab.step();
    for (const next of [step + 1, step + 2]) {
      await lab.button("Step batch").click();
      await lab.atStep(next);
    }
    await lab.button("Step epoch").click();
    await lab.atStep(of / 2);
    const losses = await lab.losses();
    assert.deepEqual(losses.map(([step]) => step), Array.from({ length: of / 2 }, (_, index) => index + 1));

    await lab.page.getByLabel("Speed").fill("10");
    await lab.playToTheEnd();
    const first = await lab.matrix();
    await lab.button("Reset").click();
    await lab.ready();
    await lab.playToTheEnd();
    assert.deepEqual(await lab.matrix(), first, "the same seed replays the same run");
    assert.deepEqual(lab.errors, []);
  });
});

describe("keys", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("play, pause, step and reset, but not while typing", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    const { keyboard } = lab.page;
    await keyboard.press(".");
    await lab.atStep(1);
    await keyboard.press(".");
    await lab.atStep(2);

    const seed = lab.page.getByLabel("Seed", { exact: true });
    await seed.focus();
    for (const key of [".", " ", "r"]) await keyboard.press(key);
    await seed.blur();
    await keyboard.press(".");
    await lab.atStep(3);

    await lab.page.getByLabel("Speed").fill("1");
    await lab.page.getByLabel("Speed").blur();
    await keyboard.press(" ");
    await lab.button("Pause").waitFor();
    await keyboard.press(" ");
    await lab.button("Play").waitFor();
    await keyboard.press("r");
    await lab.ready();
    await keyboard.press("?");
    await lab.page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
    await keyboard.press("Escape");
    await lab.page.getByRole("dialog", { name: "Shortcuts" }).waitFor({ state: "hidden" });
    assert.deepEqual(lab.errors, []);
  });

  it("mean the same on a checkbox, a tab and a button, which keep Space and arrows; a list keeps its letters, too", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    const { keyboard } = lab.page;
    // The page listens at the same place, and did so first.
    await lab.page.evaluate(() => addEventListener("keydown", (event) => void (globalThis.taken = event.defaultPrevented)));
    /** Presses a key; whether the page made something of it. */
    const taken = async (key) => {
      await keyboard.press(key);
      return lab.page.evaluate(() => globalThis.taken);
    };
    const theme = lab.page.getByRole("button", { name: /^Theme/ });
    const attribute = (name) => async (it) => (await it.getAttribute(name)) === "true";
    const places = [
      [lab.map.getByRole("checkbox", { name: "Join items" }), (it) => it.isChecked()],
      [lab.setup.getByRole("tab", { name: "Run", exact: true }), attribute("aria-selected")],
      [lab.map.getByRole("button", { name: "old", exact: true }), attribute("aria-pressed")],
    ];
    let step = 0;
    for (const [place, on] of places) {
      const name = await place.evaluate((it) => it.outerHTML);
      assert.equal(await on(place), false, name);
      await place.focus();
      assert.equal(await taken("."), true, name);
      await lab.atStep((step += 1));
      const before = await theme.innerText();
      assert.equal(await taken("t"), true, name);
      assert.notEqual(await theme.innerText(), before, name);
      assert.equal(await taken("ArrowRight"), false, name);
      assert.equal(await taken(" "), false, name);
      assert.equal(await on(place), true, `Space is its own: ${name}`);
      assert.ok(await place.evaluate((it) => it === document.activeElement), name);
    }
    assert.equal(await lab.button("Pause").count(), 0, "nothing was started");

    const list = lab.curves.getByLabel("Horizontal axis");
    assert.equal(await list.inputValue(), "steps");
    await list.focus();
    const before = await theme.innerText();
    assert.equal(await taken("e"), false);
    assert.equal(await list.inputValue(), "epochs", "the letter is one of its own");
    for (const key of ["t", "1", "ArrowRight"]) assert.equal(await taken(key), false, key);
    assert.equal(await theme.innerText(), before);
    assert.ok(await lab.strips.isVisible(), "no panel was enlarged");
    assert.equal(await taken("."), true);
    await lab.atStep(step + 1);
    assert.equal(await taken("?"), true);
    await lab.page.getByRole("dialog", { name: "Shortcuts" }).getByText(/In a list letters and digits go to what begins with them/).waitFor();
    assert.deepEqual(lab.errors, []);
  });
});
