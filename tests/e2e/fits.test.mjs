// What a newcomer wants to see is there without scrolling in a box, and what they want to press is large enough and in reach: the verdict
// on a laptop, two runs on a phone, the library at 200 %, and the card of a tour.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

const LAPTOP = { width: 1280, height: 800 };
const PHONES = [{ width: 400, height: 850 }, { width: 360, height: 740 }];
const DOUBLED = { width: 640, height: 400 };

/** Runs in the browser: by how much the content of a box is larger than the box, sideways and downwards. */
const over = (it) => [it.scrollWidth - it.clientWidth, it.scrollHeight - it.clientHeight];

for (const scrollbars of [false, true]) {
  describe(`the verdict with ${scrollbars ? "scrollbars that take room" : "scrollbars over the page"}`, { skip: ONLY_CPU }, () => {
    let browser;
    before(async () => (browser = await launch({ scrollbars })));
    after(() => browser?.close());

    for (const preset of ["extended-class", "adapter"]) {
      it(`of ${preset} is whole on a laptop`, async () => {
        const lab = await Lab.fresh(browser, { viewport: LAPTOP });
        await lab.open(preset === "extended-class" ? "" : `v=2&preset=${preset}`);
        await lab.verdict.locator("dl").waitFor();
        await lab.settled();
        assert.deepEqual(await lab.matrixPanel.evaluate(over), [0, 0]);
        assert.deepEqual(lab.errors, []);
      });
    }
  });
}

describe("what there is to press and to read", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("stays where it is on the way back through a run", async () => {
    const lab = await Lab.fresh(browser, { viewport: LAPTOP });
    await lab.open("");
    await lab.pictured();
    const places = () => lab.page.evaluate(() => [".instruments", ".matrix", ".dock"].map((name) => document.querySelector(name).getBoundingClientRect().top));
    const atTheEnd = await places();
    await lab.page.getByLabel("Moment of the run").press("ArrowLeft");
    const newest = lab.button("Newest");
    await newest.waitFor();
    await lab.settled();
    assert.deepEqual(await places(), atTheEnd);
    assert.ok((await newest.boundingBox()).height >= 24);
    await newest.click();
    await newest.waitFor({ state: "hidden" });
    assert.deepEqual(lab.errors, []);
  });

  it("is as high as a target has to be where it unfolds", async () => {
    const lab = await Lab.fresh(browser, { viewport: LAPTOP });
    await lab.open("");
    for (const summary of [lab.curves.locator("summary"), lab.setup.locator(".claims > summary").first()]) {
      assert.ok((await summary.boundingBox()).height >= 24, await summary.innerText());
    }
  });

  it("leaves no hole after a short term", async () => {
    const lab = await Lab.fresh(browser, { viewport: LAPTOP });
    await lab.open("");
    const tax = lab.verdict.locator("dl div", { hasText: /^Tax/ });
    const gap = await tax.evaluate((it) => {
      const range = document.createRange();
      range.selectNodeContents(it.querySelector("dt"));
      const name = range.getClientRects();
      return it.querySelector("dd").getBoundingClientRect().left - Math.max(...[...name].filter((it) => it.width > 0).map((it) => it.left)) - name[name.length - 1].width;
    });
    assert.ok(gap <= 6, `${gap} px`);
    assert.ok((await tax.getByRole("button").boundingBox()).width >= 24);
  });

  it("has two runs side by side on a phone, and what can be done with them", async () => {
    const lab = await Lab.fresh(browser, { viewport: LAPTOP });
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    const rows = runs.getByRole("region", { name: "Kept runs" }).locator("tbody tr");
    await lab.open(`${QUICK}&stages.1.method.id=bct`);
    await lab.playToTheEnd();
    await lab.setup.getByLabel("Method", { exact: true }).selectOption("bt2");
    await lab.button("Reset").click();
    await lab.ready();
    await lab.playToTheEnd();
    await lab.button("Runs").click();
    for (const place of [0, 1]) await rows.nth(place).getByRole("checkbox").check();
    for (const viewport of [...PHONES, DOUBLED]) {
      await lab.page.setViewportSize(viewport);
      await lab.settled();
      assert.ok((await runs.evaluate(over))[0] <= 0, `the dialog scrolls sideways at ${viewport.width} px`);
      for (const name of ["Kept runs", "Settings that differ", "Scores side by side"]) {
        const [wide] = await runs.getByRole("region", { name }).evaluate(over);
        assert.ok(wide <= 0, `${name} is ${wide} px too wide at ${viewport.width} px`);
      }
      const edge = await runs.boundingBox();
      for (const name of ["Open", "Run again", "Pin", "Remove"]) {
        const { x, width } = await rows.nth(0).getByRole("button", { name, exact: true }).boundingBox();
        assert.ok(x >= edge.x && x + width <= edge.x + edge.width, `${name} at ${viewport.width} px`);
      }
      // In reach without scrolling, and apart.
      const several = await runs.getByRole("button", { name: "Start several" }).boundingBox();
      const close = await runs.getByRole("button", { name: "Close" }).boundingBox();
      assert.ok(close.y + close.height <= edge.y + edge.height, `Close ends at ${close.y + close.height}`);
      assert.ok(close.x - several.x - several.width >= 4);
    }
    await runs.getByRole("button", { name: "Close" }).click();
    await runs.waitFor({ state: "hidden" });
    assert.deepEqual(lab.errors, []);
  });

  for (const viewport of [...PHONES, DOUBLED]) {
    it(`has the library's problems and systems at ${viewport.width} px`, async () => {
      const lab = await Lab.fresh(browser, { viewport });
      await lab.open("");
      await lab.button("Library").first().click();
      const library = lab.page.getByRole("dialog", { name: "Library" });
      const option = library.getByRole("option").nth(9);
      await option.waitFor();
      assert.ok((await library.evaluate(over))[0] <= 0);
      const problems = library.getByRole("group", { name: "Problems" });
      assert.deepEqual(await problems.evaluate(over), [0, 0]);
      // The chosen one is whole between field and foot, wherever the keys go.
      for (let at = 0; at < 9; at += 1) await lab.page.keyboard.press("ArrowDown");
      const field = await library.getByRole("combobox").boundingBox();
      const close = await library.getByRole("button", { name: "Close" }).boundingBox();
      const { y, height } = await option.boundingBox();
      assert.ok(y >= field.y + field.height && y + height <= close.y, JSON.stringify({ field, y, height, close }));
      assert.equal(await option.getAttribute("aria-selected"), "true");
    });
  }

  it("has the way on through a tour in sight in a low window", async () => {
    const lab = await Lab.fresh(browser, { viewport: DOUBLED });
    await lab.open("v=2&preset=extended-class&view.tour=breaks.2");
    const card = lab.page.getByRole("region", { name: "Tour", exact: true });
    const next = card.getByRole("button", { name: /^(Next|Skip)$/ });
    await next.waitFor();
    const [box, button, transport] = [await card.boundingBox(), await next.boundingBox(), await lab.transport.boundingBox()];
    assert.ok(box.height <= DOUBLED.height / 2, `${box.height} px`);
    assert.ok(button.y + button.height <= Math.min(box.y + box.height, transport.y));
  });

  it("has its colours where the system chooses all others", async () => {
    const lab = await Lab.fresh(browser, { forcedColors: "active" });
    await lab.open("");
    const lines = lab.curves.locator(".legend .line");
    await lines.first().waitFor();
    const colours = await lines.evaluateAll((all) => all.map((it) => getComputedStyle(it).borderTopColor));
    assert.ok(new Set(colours).size > 2, colours.join());
    const bar = await lab.transport.locator("progress").evaluate((it) => getComputedStyle(it).borderTopStyle);
    assert.equal(bar, "solid");
  });
});
