// The first screen: what the page is for and how to start, what the pictures are of, and a chain of four, names and matrix whole.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

const SIZES = [{ width: 1280, height: 800 }, { width: 400, height: 800 }];

/** Runs in the browser: why an element is not all in sight, in words; empty if it is. */
function hiddenBy(it) {
  const { left, right, top, bottom } = it.getBoundingClientRect();
  if (right - left < 1 || bottom - top < 1) return "it has no size";
  if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return `it is at ${[left, top, right, bottom].map(Math.round)}`;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const over = [[x, y], [left + 2, y], [right - 2, y], [x, top + 2], [x, bottom - 2]]
    .map(([x, y]) => document.elementFromPoint(x, y))
    .find((over) => !it.contains(over));
  return over === undefined ? "" : `${over?.localName}.${over?.className} lies over it`;
}

describe("the first screen", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  for (const viewport of SIZES) {
    it(`says what the page is for and how to start at ${viewport.width} px`, async () => {
      const lab = await Lab.fresh(browser, { viewport });
      await lab.open("");
      const purpose = lab.page.getByText("You replace the model behind a search index. Is what it holds still found?", { exact: true });
      assert.equal(await purpose.evaluate(hiddenBy), "", "the purpose");
      assert.equal(await lab.button("Run it yourself").evaluate(hiddenBy), "", "the way to start");
      assert.equal(await lab.page.evaluate(() => scrollY), 0);
      assert.deepEqual(lab.errors, []);
    });

    it(`names the data at the pictures at ${viewport.width} px`, async () => {
      const lab = await Lab.fresh(browser, { viewport });
      await lab.open("");
      await lab.pictured();
      // Where the transport does not lie over it.
      await lab.unroll();
      const named = lab.strips.locator(".query").getByText(/^query, item \d+ of Fashion-MNIST$/);
      assert.equal(await named.evaluate(hiddenBy), "");
      assert.deepEqual(lab.errors, []);
    });
  }

  /** The chain of four on a laptop. */
  async function chain() {
    const lab = await Lab.fresh(browser, { viewport: { width: 1280, height: 800 } });
    await lab.open("v=2&preset=chain");
    await lab.matrixPanel.getByRole("table").waitFor();
    await lab.settled();
    return lab;
  }

  it("has the names of a chain of four whole on a laptop", async () => {
    const lab = await chain();
    const names = await lab.timeline.locator(".stage :is(.network, .data)").evaluateAll((all) =>
      all.map((it) => ({ words: it.textContent, cut: it.scrollWidth > it.clientWidth || it.scrollHeight > it.clientHeight + 1 })),
    );
    assert.equal(names.length, 8);
    assert.ok(names.every((it) => it.words.trim() !== ""), JSON.stringify(names));
    assert.deepEqual(names.filter((it) => it.cut), []);
    assert.deepEqual(lab.errors, []);
  });

  it("has the matrix of a chain of four whole on a laptop", async () => {
    const lab = await chain();
    const table = lab.matrixPanel.getByRole("table");
    assert.equal(await table.locator("tbody tr").count(), 4);
    const scrolled = await lab.matrixPanel.evaluate((panel) => {
      const frame = panel.getBoundingClientRect();
      const outside = ({ left, right, top, bottom }) =>
        left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1;
      const cells = [...panel.querySelectorAll("th, td")];
      // What is cut off of a cell is the text in it that is there to be seen.
      const cut = (cell) => {
        const { left, right } = cell.getBoundingClientRect();
        const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(".hidden")) texts.push(walker.currentNode);
        return texts.some((text) => {
          const range = document.createRange();
          range.selectNodeContents(text);
          return [...range.getClientRects()].some((it) => it.left < left - 1 || it.right > right + 1);
        });
      };
      return cells.filter((cell) => outside(cell.getBoundingClientRect()) || cut(cell)).map((cell) => cell.textContent);
    });
    assert.deepEqual(scrolled, []);
    for (const cell of await table.locator("th, td").all()) {
      assert.equal(await cell.evaluate(hiddenBy), "", await cell.innerText());
    }
    assert.deepEqual(lab.errors, []);
  });
});
