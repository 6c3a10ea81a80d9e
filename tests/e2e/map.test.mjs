// The map as an instrument: a lasso, what it selects elsewhere, the moment on show, a part of it, and what is found on it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("map", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("selects by lasso or class, morphs, and follows the moment on show", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    const canvas = lab.map.getByRole("img");
    const selected = lab.strips.getByRole("button", { name: /^selected \d+$/ });
    const count = async () => Number((await selected.innerText()).match(/\d+/)[0]);
    assert.equal(await count(), 0);

    // Around nearly everything, then a class of it.
    const { x, y, width, height } = await canvas.boundingBox();
    await lab.page.mouse.move(x + 4, y + 4);
    await lab.page.mouse.down();
    for (const [right, down] of [[width - 4, 4], [width - 4, height - 4], [4, height - 4]]) {
      await lab.page.mouse.move(x + right, y + down, { steps: 4 });
    }
    await lab.page.mouse.up();
    const words = lab.map.getByRole("status");
    await words.filter({ hasText: /^\d+ items: .* among them: old\/old [\d.]+, new\/old [\d.]+\.$/ }).waitFor();
    const all = await count();
    assert.ok(all > 0);
    await selected.click();
    assert.equal(await selected.getAttribute("aria-pressed"), "true");
    await lab.strips.getByRole("listitem", { name: /^old\/old/ }).waitFor();
    await lab.map.getByLabel("Select class").selectOption({ index: 1 });
    await words.filter({ hasText: /^20 items: 20 / }).waitFor();
    const some = await count();
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    await lab.page.keyboard.press("Escape");
    await words.waitFor({ state: "hidden" });
    assert.equal(await count(), 0);
    assert.equal(await selected.getAttribute("aria-pressed"), "false", "back to all queries");

    const caption = () => canvas.getAttribute("aria-label");
    const step = async () => Number((await caption()).match(/at step (\d+)/)[1]);
    const last = await step();
    // Another query is picked, and joined with what it finds.
    await lab.page.keyboard.press("j");
    await lab.map.getByText(/found in the original space/).waitFor();
    assert.match(await caption(), /under new\/old \(solid\) and old\/old \(dashed\), found in the original space/);
    await lab.map.getByRole("button", { name: "morph" }).and(lab.page.locator("[aria-pressed]")).click();
    await lab.map.getByLabel("From old to new places").fill("0.4");
    assert.match(await caption(), /^40\s?% of the straight way in the plane from v1 to v2 at step/);

    // Back past the last live measurement; the address and the curves keep up.
    await lab.page.locator("main").focus();
    for (let back = 0; back < 20 && (await step()) === last; back += 1) await lab.page.keyboard.press("[");
    assert.ok((await step()) < last, "an earlier moment");
    await lab.page.waitForFunction(() => location.hash.includes("view.at="));
    await lab.page.keyboard.press("\\");
    await lab.page.waitForFunction(() => !location.hash.includes("view.at="));
    assert.equal(await step(), last);

    // A click in the curves goes back, too.
    await lab.chart("Retrieval");
    const chart = await lab.curves.getByRole("img").boundingBox();
    await lab.page.mouse.click(chart.x + chart.width / 2, chart.y + chart.height / 2);
    await lab.transport.getByText(/^Back at v2, step \d+/).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  /** The map's canvas while so much of it is on show. */
  const enlarged = (lab, much = /Enlarged [\d.]+ times/) => lab.map.getByRole("img", { name: much });

  it("is enlarged and moved by wheel, keys and drag, and goes back to the whole", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const [canvas, plane] = [lab.map.getByRole("img"), lab.map.getByRole("application")];
    const picture = () => canvas.evaluate((canvas) => canvas.toDataURL());
    const whole = await picture();
    // All of the plane is used: what is drawn goes from edge to edge of one of its sides, and over half of it.
    const share = await canvas.evaluate((canvas) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const inked = [...Array(width * height).keys()].filter((at) => data[4 * at + 3] > 0);
      const span = (places) => places.reduce(([least, most], it) => [Math.min(least, it), Math.max(most, it)], [Infinity, 0]);
      const [[left, right], [top, bottom]] = [span(inked.map((at) => at % width)), span(inked.map((at) => Math.floor(at / width)))];
      return ((right - left) * (bottom - top)) / (width * height);
    });
    assert.ok(share > 0.4, `${share} of the plane`);

    const { x, y, width, height } = await canvas.boundingBox();
    await plane.focus();
    await lab.page.mouse.move(x + width / 2, y + height / 2);
    await lab.page.mouse.wheel(0, -400);
    await enlarged(lab).waitFor();
    await lab.page.keyboard.press("0");
    await enlarged(lab, /^(?!.*Enlarged)/).waitFor();
    await lab.page.mouse.move(0, 0);
    await lab.settled();
    assert.equal(await picture(), whole);
    for (const key of ["+", "+"]) await lab.page.keyboard.press(key);
    await enlarged(lab, /Enlarged 2\.25 times/).waitFor();
    await lab.settled();
    const before = await picture();
    const status = await lab.status.innerText();
    await lab.page.keyboard.press("ArrowRight");
    await lab.settled();
    const moved = await picture();
    assert.notEqual(moved, before);
    assert.equal(await lab.status.innerText(), status, "the arrow is the map's while it has the focus");

    // Shift and drag moves and selects nothing.
    await lab.page.keyboard.down("Shift");
    await lab.page.mouse.move(x + 30, y + 30);
    await lab.page.mouse.down();
    await lab.page.mouse.move(x + 80, y + 60, { steps: 4 });
    await lab.page.mouse.move(x + 30, y + 70, { steps: 4 });
    await lab.page.mouse.up();
    await lab.page.keyboard.up("Shift");
    await lab.settled();
    assert.notEqual(await picture(), moved);
    assert.equal(await lab.strips.getByRole("button", { name: "selected 0", exact: true }).count(), 1);
    await lab.map.getByRole("button", { name: "Show the whole map" }).click();
    await lab.page.mouse.move(0, 0);
    await lab.settled();
    assert.equal(await picture(), whole);
    assert.deepEqual(lab.errors, []);
  });

  it("has its points over more than a third of the panel's width, and over most of its height, beside all others", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    await lab.map.getByRole("checkbox", { name: "Prototypes" }).uncheck();
    await lab.settled();
    const canvas = lab.map.getByRole("img");
    // Marks have the colours of classes; names and what is around a query are grey.
    const drawn = await canvas.evaluate((canvas) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const places = [];
      for (let at = 0; at < width * height; at++) {
        const [red, green, blue, alpha] = data.subarray(4 * at, 4 * at + 4);
        if (alpha > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 50) places.push(at);
      }
      const span = (of) => places.reduce(([least, most], at) => [Math.min(least, of(at)), Math.max(most, of(at))], [Infinity, 0]);
      const [[left, right], [top, bottom]] = [span((at) => at % width), span((at) => Math.floor(at / width))];
      return { wide: (right - left) / width, high: (bottom - top) / height };
    });
    const [plane, panel] = [await canvas.boundingBox(), await lab.map.boundingBox()];
    const [wide, high] = [(drawn.wide * plane.width) / panel.width, (drawn.high * plane.height) / panel.height];
    assert.ok(wide > 1 / 3 && high > 0.6, `${wide} of its width, ${high} of its height`);
    assert.deepEqual(lab.errors, []);
  });

  it("finds items by class and number", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const field = lab.map.getByRole("searchbox");
    const said = lab.map.locator(".find .caption");
    const find = async (text, answer) => {
      await field.fill(text);
      await field.press("Enter");
      await said.filter({ hasText: answer }).waitFor();
    };
    await find("bag", /^Bag, item \d+: 1 of \d+$/);
    const first = (await said.filter({ hasText: /^Bag/ }).innerText()).match(/item (\d+)/)[1];
    await lab.strips.getByText(`query, item ${first}`, { exact: true }).waitFor();
    await enlarged(lab, /Enlarged 3 times/).waitFor();
    await find("bag", /^Bag, item \d+: 2 of \d+$/);
    await find(`Bag ${first}`, new RegExp(`^Bag, item ${first}: 1 of 1$`));
    await find("no such thing", /^Nothing on the map has this name or number: it shows \d+ of 2000 items\.$/);
    assert.deepEqual(lab.errors, []);
  });

  it("is enlarged by two fingers, and leaves the wheel to a page that scrolls", async () => {
    const lab = await Lab.fresh(browser, { viewport: { width: 400, height: 800 }, hasTouch: true });
    await lab.open("");
    // In the middle of the window, where the transport does not lie over it.
    const box = async () => {
      await lab.map.evaluate((map) => map.scrollIntoView({ block: "center" }));
      const { x, y, width, height } = await lab.map.getByRole("img").boundingBox();
      return { x: x + width / 2, y: y + height / 2 };
    };
    const middle = await box();
    await lab.page.mouse.move(middle.x, middle.y);
    const scrolled = () => lab.page.evaluate(() => scrollY);
    const before = await scrolled();
    await lab.page.mouse.wheel(0, -200);
    await lab.page.waitForFunction((before) => scrollY < before, before);
    assert.equal(await enlarged(lab).count(), 0);

    const at = await box();
    const client = await lab.page.context().newCDPSession(lab.page);
    const touch = (type, apart) =>
      client.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: apart ? [-apart, apart].map((by, id) => ({ x: at.x + by, y: at.y + by / 2, id })) : [],
      });
    await touch("touchStart", 20);
    for (const apart of [24, 30, 40, 50]) await touch("touchMove", apart);
    await touch("touchEnd");
    await enlarged(lab).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("shows the prototypes of both heads where they can be compared with what is stored, and hides them", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.0.method.id=simplex&stages.1.method.id=simplex`);
    await lab.playToTheEnd();
    const canvas = lab.map.getByRole("img");
    const legend = /Prototypes: \u25c7 v1, fixed; \u25c6 v2, fixed\./;
    assert.match(await canvas.getAttribute("aria-label"), legend);
    const picture = () => canvas.evaluate((canvas) => canvas.toDataURL());
    const before = await picture();
    const box = lab.map.getByRole("checkbox", { name: "Prototypes" });
    await box.uncheck();
    assert.doesNotMatch(await canvas.getAttribute("aria-label"), legend);
    assert.notEqual(await picture(), before);
    await box.check();
    assert.match(await canvas.getAttribute("aria-label"), legend);
    assert.deepEqual(lab.errors, []);
  });
});
