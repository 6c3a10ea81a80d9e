// Whether memory stays flat over ten thousand steps: the resident set of the browser's renderer processes.

import { readFile } from "node:fs/promises";

import { launch } from "../tests/e2e/support/browser.mjs";
import { playInWorker, stepsInWorker } from "../tests/e2e/support/worker.mjs";
import { judged } from "./support/table.mjs";

const FIRST = 500;
const LAST = 10_000;
/** Growth that caches of browser and allocator may make, in MB. */
const FLAT_MB = 16;

export async function memory() {
  const golden = new URL("../crates/lab/tests/golden/scenario.json", import.meta.url);
  const scenario = JSON.parse(await readFile(golden));
  scenario.stages[0].schedule.epochs = 1000;
  scenario.stages[0].schedule.batch = 16;
  scenario.data.train_per_class = 400;
  scenario.evaluation = { ...scenario.evaluation, loss_every: 100, every: 100_000 };
  const browser = await launch({ webgl: true });
  try {
    const page = await browser.newPage();
    const session = await browser.newBrowserCDPSession();
    await playInWorker(page, { file: "worker_loader.js", scenario });
    const early = await residentAt(FIRST, page, session);
    const late = await residentAt(LAST, page, session);
    const note = `${early.toFixed(0)} MB at step ${FIRST}, ${late.toFixed(0)} MB at step ${LAST}`;
    return { bars: [judged("Growth of memory over 10,000 steps", late - early, "MB", FLAT_MB, { note })] };
  } finally {
    await browser.close();
  }
}

async function residentAt(step, page, session) {
  while ((await stepsInWorker(page)) < step) await new Promise((resolve) => setTimeout(resolve, 100));
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const sizes = renderers.map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, "utf8");
    return Number(status.match(/VmRSS:\s+(\d+) kB/)[1]) / 1e3;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
