// The article below the instruments, and the words that are explained where they stand.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { audit } from "./support/axe.mjs";
import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

/**
 * What each part sets the page to: the recorded run, the region that is outlined, the stage; and where it has one, the panel with all the
 * room, the moment, the queries, the curves and the share of the index that is embedded again.
 */
const PARTS = [
  { id: "gallery", run: "extended-class", region: "strips", stage: 2, large: "strips", queries: "all" },
  { id: "breaks", run: "extended-class", region: "matrix", stage: 2, large: "matrix" },
  { id: "criterion", run: "extended-class", region: "matrix", stage: 2, queries: "all" },
  { id: "ways", run: "adapter", region: "matrix", stage: 2 },
  { id: "bt2", run: "extended-class", region: "curves", stage: 2, moment: "v2, step 200", curves: "Retrieval" },
  { id: "classes", run: "extended-class", region: "map", stage: 2 },
  { id: "flips", run: "extended-class", region: "strips", stage: 2, large: "strips", queries: "newly broken" },
  { id: "backfill", run: "extended-class", region: "curves", stage: 2, large: "curves", curves: "Backfill", index: "50" },
  { id: "chain", run: "chain", region: "matrix", stage: 4, large: "matrix" },
  { id: "decision", run: "extended-class", region: "operations", stage: 2, queries: "all", curves: "Retrieval", index: "0" },
  { id: "stream", run: "stream", region: "tables", stage: 5 },
  { id: "merge", run: "merge", region: "tables", stage: 4 },
  { id: "adapt", run: "drift", region: "tables", stage: 7 },
  { id: "unlearn", run: "poisoned", region: "tables", stage: 4 },
  { id: "sequence", run: "parity", region: "tables", stage: 4 },
  { id: "generate", run: "reflow", region: "exhibits", stage: 4 },
];

describe("the article", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("is read by the keyboard alone, and sets the page to what it says", async () => {
    const lab = await Lab.fresh(browser, { reducedMotion: "reduce" });
    const { page } = lab;
    await lab.open("");
    const first = lab.article.getByRole("heading", { level: 3 }).first();
    assert.equal(await first.count(), 0, "nothing of it is there before a reader comes near");
    await page.keyboard.press("a");
    await first.waitFor();
    await page.waitForFunction(() => document.activeElement.id === "article-title");

    // From the title on by Tab: the way to the parts, then what is in each.
    const part = lab.article.getByRole("region", { name: /^7\. / });
    await part.scrollIntoViewIfNeeded();
    await part.getByText(/negative flips/).waitFor();
    await part.locator("p b").filter({ hasText: /^\d+ %$/ }).first().waitFor();
    await part.getByRole("button", { name: /^Show this/ }).press("Enter");
    const card = page.getByRole("region", { name: "From the article" });
    await card.waitFor();
    await page.waitForFunction(() => document.activeElement.matches(".tour"));
    await page.waitForURL(/preset=extended-class.*view\.large=strips/);
    await page.waitForFunction(() => scrollY === 0, undefined, { polling: "raf" });
    await lab.strips.getByRole("button", { name: /^newly broken \d+$/, pressed: true }).waitFor();

    // Another run, at a moment, with the way back to the part.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Back to the article");
    await page.keyboard.press("Enter");
    await card.waitFor({ state: "hidden" });
    await page.waitForFunction(() => document.activeElement.id === "article-flips");
    const merge = lab.article.getByRole("button", { name: /^Show this in the recorded run merge/ });
    await merge.press("Enter");
    await page.waitForURL(/preset=merge/);
    await lab.onShow.getByText(/^Two models, one wanted/).waitFor();
    await card.getByRole("heading", { name: "One model of several" }).waitFor();
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });
    assert.deepEqual(lab.errors, []);
  });

  it("goes back to a moment of a run", async () => {
    const lab = await Lab.fresh(browser, { reducedMotion: "reduce" });
    await lab.open("");
    await lab.page.keyboard.press("a");
    await lab.article.getByRole("button", { name: /^Show this/ }).nth(4).click();
    await lab.page.waitForURL(/view\.at=\d+/);
    await lab.transport.getByText(/^Back at v2, step 200/).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("sets the page to what each of its parts speaks of, and leads back to it", async () => {
    const lab = await Lab.fresh(browser, { reducedMotion: "reduce" });
    const { page } = lab;
    const card = page.getByRole("region", { name: "From the article" });
    await lab.open("");
    await page.keyboard.press("a");
    await lab.article.getByRole("heading", { level: 3 }).first().waitFor();
    const titles = await lab.article.getByRole("heading", { level: 3 }).allInnerTexts();
    assert.equal(titles.length, PARTS.length);
    for (const [at, { id, run, region, stage, large, moment, queries, curves, index }] of PARTS.entries()) {
      const part = lab.article.getByRole("region", { name: titles[at], exact: true });
      await part.getByRole("button", { name: `Show this in the recorded run ${run}`, exact: true }).press("Enter");
      await card.getByRole("heading", { name: titles[at].replace(/^\d+\. /, ""), exact: true }).waitFor();
      // The address, the form and what is on show are of its run.
      const set = (hash, name) => new URLSearchParams(hash.slice(1)).get(name);
      const wanted = ({ hash }) =>
        set(hash, "preset") === run && set(hash, "view.large") === (large ?? null) && /^\d+$/.test(set(hash, "view.at")) === !!moment;
      await page.waitForURL(wanted);
      assert.equal(await lab.setup.getByLabel("Scenario", { exact: true }).inputValue(), run, id);
      await lab.onShow.getByText("Recorded run", { exact: true }).waitFor();
      assert.equal(await lab.onShow.getByText(/^not the form’s: /).count(), 0, id);
      await lab.setup.getByRole("tab", { name: `v${stage}`, exact: true, selected: true }).waitFor();
      // What it speaks of is there and outlined.
      await page.waitForFunction((region) => {
        const place = document.querySelector(`.${region}`);
        return document.body.dataset.tour === region && place?.checkVisibility() && getComputedStyle(place).outlineStyle === "solid";
      }, region);
      if (moment) await lab.transport.getByText(new RegExp(`^Back at ${moment}`)).waitFor();
      else assert.equal(await lab.transport.getByText(/^Back at/).count(), 0, id);
      if (queries) await lab.strips.getByRole("button", { name: new RegExp(`^${queries} \\d+$`), pressed: true }).waitFor();
      if (curves) await lab.curves.getByRole("tab", { name: curves, exact: true, selected: true }).waitFor();
      if (index) await page.waitForFunction((index) => document.querySelector("#backfill")?.value === index, index);

      await card.getByRole("button", { name: "Back to the article" }).press("Enter");
      await card.waitFor({ state: "hidden" });
      await page.waitForFunction((id) => document.activeElement.id === `article-${id}` && !document.body.dataset.tour, id);
    }
    assert.deepEqual(lab.errors, []);
  });

  for (const [look, options] of Object.entries({ light: { colorScheme: "light" }, dark: { colorScheme: "dark" } })) {
    it(`has every figure, fits 400 px and passes axe in ${look} colours`, async () => {
      const lab = await Lab.fresh(browser, { viewport: { width: 400, height: 800 }, reducedMotion: "reduce", ...options });
      await lab.visit("");
      await lab.page.keyboard.press("a");
      await lab.article.getByRole("heading", { level: 3 }).first().waitFor();
      const parts = await lab.article.getByRole("region").filter({ has: lab.page.getByRole("heading", { level: 3 }) }).all();
      assert.equal(parts.length, 16);
      for (const part of parts) {
        await part.scrollIntoViewIfNeeded();
        await part.locator(".drawn > *").first().waitFor();
        await part.locator("p b").filter({ hasText: "\u2026" }).first().waitFor({ state: "hidden" });
      }
      assert.deepEqual(await lab.article.getByRole("alert").allInnerTexts(), []);
      assert.ok(await lab.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
      await audit(lab, look);
      assert.deepEqual(lab.errors, []);
    });
  }

  it("is told by the menu of what explains the page, beside its tours", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    await lab.button("Learn").press("Enter");
    const menu = lab.page.getByRole("list", { name: "Tours and the article" });
    await menu.getByRole("button", { name: "Tour: What an upgrade breaks" }).waitFor();
    await menu.getByRole("button", { name: /^Article/ }).click();
    await menu.waitFor({ state: "hidden" });
    await lab.article.getByRole("heading", { level: 3 }).first().waitFor();
    assert.deepEqual(lab.errors, []);
  });
});

describe("a word", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("says what it means by keyboard, mouse and touch, within the window", async () => {
    const lab = await Lab.fresh(browser, { viewport: { width: 400, height: 800 }, hasTouch: true });
    const { page, explanation } = lab;
    await lab.visit("");
    const tax = lab.verdict.getByRole("button", { name: "Tax" });
    await tax.press("Enter");
    await explanation.getByText("Tax", { exact: true }).waitFor();
    assert.equal(await tax.getAttribute("aria-expanded"), "true");
    await audit(lab, "a word explained", { covered: true });
    await page.keyboard.press("Escape");
    await explanation.waitFor({ state: "hidden" });
    assert.ok(await tax.evaluate((it) => it === document.activeElement), "the focus stays");

    // By touch; the next word takes its place, anywhere else ends it. High in the window a card stands below its word, and not over the next one.
    await lab.verdict.getByRole("button", { name: "PFR" }).evaluate((it) => scrollBy(0, it.getBoundingClientRect().top - 120));
    for (const name of ["CKA new, ind.", "PFR"]) {
      const word = lab.verdict.getByRole("button", { name });
      await word.tap();
      await explanation.waitFor();
      const { x, y, width, height } = await explanation.boundingBox();
      const told = `${name} at ${x}, ${y}, ${width} x ${height}`;
      assert.ok(x >= 0 && x + width <= 400 && y >= 0 && y + height <= 800, told);
      assert.ok(!(await lab.verdict.getByRole("button", { name: "Tax" }).getAttribute("aria-expanded")).includes("true"), told);
    }
    await explanation.getByText("PFR, positive flip rate").waitFor();
    await lab.matrixPanel.getByRole("heading").tap();
    await explanation.waitFor({ state: "hidden" });

    // For as long as a mouse is on it or on what is said.
    const wide = await Lab.fresh(browser);
    await wide.visit("");
    await wide.matrixPanel.getByRole("button", { name: "ind./old" }).hover();
    await wide.explanation.getByText(/swap that nobody planned/).hover();
    await wide.explanation.getByText("ind./old, M(*,o)").waitFor();
    await wide.page.mouse.move(2, 2);
    await wide.explanation.waitFor({ state: "hidden" });
    for (const { errors } of [lab, wide]) assert.deepEqual(errors, []);
  });

  it("is explained wherever it stands, by touch and by keyboard", async () => {
    const lab = await Lab.fresh(browser, { hasTouch: true });
    const { page, explanation, verdict } = lab;
    const { keyboard } = page;
    const told = async (title) => {
      await explanation.getByText(title, { exact: true }).waitFor();
      await keyboard.press("Escape");
      await explanation.waitFor({ state: "hidden" });
    };
    const opens = async (place, id, title) => {
      const word = place.locator(`button[data-term="${id}"]`).first();
      await word.tap();
      await told(title);
      await word.press("Enter");
      await told(title);
    };
    const waits = await Lab.fresh(browser);
    await waits.open();
    await waits.verdict.locator('[data-term="cross-test"]').press("Enter");
    await waits.explanation.getByText("new/old, M(n,o)", { exact: true }).waitFor();
    assert.match(await waits.verdict.innerText(), /: M\(n,o\) > M\(o,o\)\./);

    await lab.open("");
    for (const [place, id, title] of [
      [verdict, "tax", "Tax"],
      [verdict, "cka", "CKA, centred kernel alignment"],
      [verdict, "pfr", "PFR, positive flip rate"],
      [verdict, "nfr", "NFR, negative flip rate"],
      [verdict, "floats", "Stored floats"],
      [verdict.locator(".words"), "map", "mAP, mean average precision"],
      [verdict.locator(".words"), "top-1", "Top-1, CMC"],
      [lab.matrixPanel, "unplanned-swap", "ind./old, M(*,o)"],
      [lab.matrixPanel, "independent", "v2*, the independent model"],
      [page.locator(".operations"), "gallery", "Gallery"],
      [page.locator(".operations"), "map", "mAP, mean average precision"],
      [lab.setup, "old-dims", "d_o, dims of the old embedding"],
    ]) {
      await opens(place, id, title);
    }
    for (const tab of ["Classes", "Blocks"]) {
      await lab.strips.getByRole("tab", { name: tab }).tap();
      await opens(lab.strips.locator("caption"), "map", "mAP, mean average precision");
    }

    // Words within a button and beside a box: a touch of the word, and the keyboard on the way to what it is in.
    const stages = lab.timeline.getByRole("button");
    await lab.timeline.locator('[data-term="independent"]').tap();
    await told("v2*, the independent model");
    await stages.first().focus();
    await keyboard.press("Tab");
    await told("v2*, the independent model");
    assert.ok(await stages.nth(1).evaluate((it) => it === document.activeElement), "the focus stays");
    const box = (name) => lab.map.getByRole("checkbox", { name });
    await lab.map.locator('[data-term="prototype"]').tap();
    await told("Prototypes");
    assert.equal(await box("Prototypes").isChecked(), false, "it is the name of its box all the same");
    await box("Join items").focus();
    await keyboard.press("Tab");
    await told("Prototypes");
    for (const { errors } of [lab, waits]) assert.deepEqual(errors, []);
  });
});
