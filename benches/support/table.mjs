// Rows of results and how they are printed.

/** Three significant digits at most. */
export function number(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A row that is judged: at most `bar`, or at least with `atLeast`. */
export function judged(what, value, unit, bar, { atLeast = false, note = "" } = {}) {
  const holds = atLeast ? value >= bar : value <= bar;
  const limit = `${atLeast ? ">=" : "<="} ${bar}${unit && ` ${unit}`}`;
  return [what, `${number(value)}${unit && ` ${unit}`}`, limit, holds ? "holds" : "**missed**", note];
}

/** A Markdown table. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
