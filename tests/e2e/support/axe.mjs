// The page by the rules of axe: names, roles, contrast, headings, landmarks, lists, tables and the size of targets.

import assert from "node:assert/strict";

import axe from "axe-core";

const ALL = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
/** What depends on colours alone: under a dark scheme all else is as it was under the light one. */
const COLOURS = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/** Nothing is wrong with the page as it is now. Where a card lies over it, targets below are not looked at. */
export async function audit({ page }, where, { covered = false } = {}) {
  const dark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  // As an expression, which the page's policy leaves alone, unlike a script element.
  if (await page.evaluate(() => !("axe" in window))) await page.evaluate(`${axe.source};undefined`);
  assert.deepEqual(await page.evaluate(violations, [dark ? COLOURS : ALL, covered]), [], where);
}

/** Runs in the browser. */
async function violations([runOnly, covered]) {
  const rules = covered && runOnly.type === "tag" ? { "target-size": { enabled: false } } : {};
  const { violations } = await window.axe.run(document, { runOnly, rules, resultTypes: ["violations"] });
  // A label around a field is part of its target, which axe does not see.
  const isLabelled = (id, { target }) => id === "target-size" && document.querySelector(target.join(" "))?.closest("label");
  const found = ({ id, nodes }) =>
    nodes.filter((node) => !isLabelled(id, node)).map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`);
  return violations.flatMap(found);
}
