// The page fits: nothing is cut off or overlaps, and on a small screen the main loop needs no scrolling.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";
import { misfits, overprinted } from "./support/layout.mjs";

const SIZES = { narrow: { width: 400, height: 800 }, laptop: { width: 1280, height: 800 } };

describe("the layout", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** Keeps a picture where the environment asks for one. */
  async function picture(lab, name) {
    const folder = process.env.SCREENSHOT_DIR;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await lab.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }

  async function fits(lab, size) {
    // Below the instruments and the transport there is the article alone.
    const [wide, tall] = await lab.page.evaluate(() => {
      const { scrollWidth, clientWidth, clientHeight } = document.documentElement;
      const ends = [".setup", ".instruments", ".transport"].map((name) => document.querySelector(name).getBoundingClientRect().bottom);
      return [scrollWidth - clientWidth, Math.max(...ends) - clientHeight];
    });
    assert.ok(wide <= 0, `${wide} px too wide`);
    if (size === "laptop") assert.ok(tall <= 0, `${tall} px too tall`);
  }

  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      // Nothing takes other room in other colours: a run goes on in the dark only for its pictures.
      const whole = colorScheme === "light" || process.env.SCREENSHOT_DIR !== undefined;
      it(`fits a ${size} ${colorScheme} screen${whole ? " before, during and after a run" : ""}`, async () => {
        const lab = await Lab.fresh(browser, { viewport, colorScheme });
        await lab.open();
        const background = await lab.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const light = Number(background.match(/\d+/)[0]) > 127;
        assert.equal(light, colorScheme === "light", background);
        await fits(lab, size);
        await picture(lab, `${size}-${colorScheme}-1-before`);
        if (!whole) return;
        await lab.button("Step epoch").click();
        await lab.transport.getByText(/^step [1-9]\d* of/).waitFor();
        await fits(lab, size);
        await picture(lab, `${size}-${colorScheme}-2-during`);
        await lab.playToTheEnd();
        await fits(lab, size);
        await picture(lab, `${size}-${colorScheme}-3-after`);
      });
    }
    it(`has every part in its place on a ${size} screen, on every tab`, async () => {
      const lab = await Lab.fresh(browser, { viewport, colorScheme: "light", reducedMotion: "reduce" });
      await lab.open("");
      await lab.pictured();
      const check = async (where) => {
        await lab.unroll();
        assert.deepEqual(await misfits(lab.page), [], where);
      };
      await check("first paint");
      await lab.unfold();
      for (const panel of [lab.setup, lab.strips, lab.curves]) {
        for (const tab of await panel.getByRole("tab").all()) {
          await tab.click();
          await check(await tab.innerText());
        }
      }
      for (const key of ["1", "2", "3", "4"]) {
        await lab.page.keyboard.press(key);
        await check(`enlarged by ${key}`);
      }
      assert.deepEqual(lab.errors, []);
    });
    it(`writes no text over another in any chart on a ${size} screen`, async () => {
      const options = { viewport, colorScheme: "light", reducedMotion: "reduce" };
      const clear = async (lab, where) => {
        await lab.settled();
        const { drawings, over } = await overprinted(lab.page);
        assert.ok(drawings > 0, `${where} is drawn`);
        assert.deepEqual(over, [], where);
      };
      const lab = await Lab.fresh(browser, options);
      await lab.open("");
      for (const tab of ["Retrieval", "Loss", "Forgetting"]) {
        await lab.chart(tab);
        for (const axis of ["steps", "epochs", "seconds"]) {
          await lab.curves.getByLabel("Horizontal axis").selectOption(axis);
          await clear(lab, `${tab} by ${axis}`);
        }
      }
      await lab.chart("Backfill");
      await clear(lab, "Backfill");
      await lab.strips.getByRole("tab", { name: "Scores", exact: true }).click();
      await lab.strips.locator(".histograms svg text").first().waitFor({ state: "attached" });
      await clear(lab, "Scores");
      await lab.page.keyboard.press("3");
      await clear(lab, "Backfill, enlarged");

      const exhibits = await Lab.fresh(browser, options);
      await exhibits.open("v=2&preset=reflow");
      const drawing = exhibits.page.getByRole("region", { name: "Exhibits", exact: true }).getByRole("img");
      await drawing.locator("svg path.points").first().waitFor({ state: "attached" });
      await clear(exhibits, "Exhibits");
      for (const { errors } of [lab, exhibits]) assert.deepEqual(errors, []);
    });
    for (const preset of ["drift", "merge", "parity", "poisoned", "reflow", "stream"]) {
      it(`has every part of ${preset} in its place on a ${size} screen`, async () => {
        const lab = await Lab.fresh(browser, { viewport, colorScheme: "light", reducedMotion: "reduce" });
        await lab.open(`v=2&preset=${preset}`);
        await fits(lab, size);
        await lab.unroll();
        assert.deepEqual(await misfits(lab.page), []);
        await picture(lab, `${size}-${preset}`);
      });
    }
    it(`fits a ${size} screen with the four stages of a chain`, async () => {
      const lab = await Lab.fresh(browser, { viewport });
      await lab.open("v=2&preset=chain");
      await fits(lab, size);
      await picture(lab, `${size}-chain`);
    });
  }

  it("leaves four fifths of the height at 200 %", async () => {
    const lab = await Lab.fresh(browser, { viewport: { width: 640, height: 400 } });
    await lab.open("");
    await fits(lab, "narrow");
    const { height } = await lab.transport.boundingBox();
    assert.ok(height <= 80, `the transport is ${height} px high`);
    // All of it is there on request.
    await lab.button("More").click();
    await lab.page.getByLabel("Speed").waitFor();
    await lab.button("Export").waitFor();
  });

  it("shows messages above the transport on a small phone", async () => {
    const lab = await Lab.fresh(browser, { viewport: { width: 360, height: 740 } });
    await lab.open("v=99&preset=extended-class");
    const message = lab.page.getByRole("region", { name: "Messages" }).getByText(/version/);
    await message.waitFor();
    const [text, transport] = [await message.boundingBox(), await lab.transport.boundingBox()];
    assert.ok(text.y >= 0 && text.y + text.height <= transport.y, JSON.stringify({ text, transport }));
    assert.ok(text.x >= 0 && text.x + text.width <= 360);
  });

  it("hardly moves while it loads", async () => {
    for (const viewport of Object.values(SIZES)) {
      const lab = await Lab.fresh(browser, { viewport });
      await lab.open("");
      await lab.pictured();
      const moved = await lab.page.evaluate(
        () =>
          new Promise((done) => {
            let sum = 0;
            const add = (list) => (sum += list.getEntries().reduce((sum, it) => sum + it.value, 0));
            new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
            // Observers are told in their order, and of this there is something to tell in any case.
            performance.mark("asked");
            new PerformanceObserver(() => done(sum)).observe({ type: "mark", buffered: true });
          }),
      );
      assert.ok(moved <= 0.05, `${moved} at ${viewport.width} px`);
    }
  });

  it("outlines what is chosen where the system chooses all colours", async () => {
    const lab = await Lab.fresh(browser, { forcedColors: "active" });
    await lab.open("");
    const style = (locator, property) => locator.evaluate((it, name) => getComputedStyle(it)[name], property);
    assert.equal(await style(lab.strips.getByRole("tab", { selected: true }), "outlineStyle"), "solid");
    assert.notEqual(await style(lab.page.locator(".operations .items"), "backgroundImage"), "none");
  });
});
