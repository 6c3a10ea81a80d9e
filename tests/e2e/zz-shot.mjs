import { launch } from "/work/main/tests/e2e/support/browser.mjs";
const [presets, width, theme, out] = [process.argv[2].split(","), +process.argv[3], process.argv[4] ?? "light", process.argv[5] ?? ""];
const b = await launch({});
for (const preset of presets) {
  const c = await b.newContext({ viewport: { width, height: 800 }, colorScheme: theme });
  const p = await c.newPage();
  p.on("pageerror", e => console.log("ERR", e.message));
  await p.goto("http://127.0.0.1:9001/#v=1&preset=" + preset);
  await p.waitForFunction(() => document.querySelector("[data-testid=status]")?.textContent?.length > 0);
  await p.waitForTimeout(3500);
  await p.screenshot({ path: `/root/shot-${preset}-${width}${theme === "dark" ? "-dark" : ""}${out}.png`, fullPage: width < 600 });
  await c.close();
}
await b.close();
