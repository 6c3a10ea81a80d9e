// The article below the instruments, and the words that are explained where they stand.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { audit } from "./support/axe.mjs";
import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

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

    // By touch; the next word takes its place, anywhere else ends it.
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
});
