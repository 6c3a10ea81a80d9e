// The page by the rules of axe: names, roles, contrast, headings, landmarks, lists, tables and the size of targets.

import assert from "node:assert/strict";

import axe from "axe-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Nothing is wrong with the page as it is now. */
export async function audit({ page }, where) {
  // As an expression, which the page's policy leaves alone, unlike a script element.
  await page.evaluate(`${axe.source};undefined`);
  assert.deepEqual(await page.evaluate(violations, RULES), [], where);
}

/** Runs in the browser. */
async function violations(rules) {
  const { violations } = await window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  const found = ({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`);
  return violations.flatMap(found);
}
