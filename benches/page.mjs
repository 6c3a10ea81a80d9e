// The page itself: size, first paint, the default scenario from play to the finished matrix, the longest task meanwhile.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { launch } from "../tests/e2e/support/browser.mjs";
import { Lab } from "../tests/e2e/support/lab.mjs";
import { probeInWorker } from "../tests/e2e/support/worker.mjs";
import { judged, number } from "./support/table.mjs";

const DIST = process.env.DIST ?? new URL("../dist", import.meta.url).pathname;
/** Programs with their bars in bytes, gzip -9. */
const SIZES = [[/^app-.*\.wasm$/, "page", 500e3], [/^worker_bg\.wasm$/, "worker, CPU", 1e6], [/^worker_gpu_bg\.wasm$/, "worker, WebGPU", 4e6]];
const PAINTS = 5;
/** Runs of the default scenario: how long a task waits for a core differs from one to the next. */
const RUNS = 3;

export async function page() {
  const browser = await launch({ webgl: true });
  try {
    return { bars: [...(await sizes()), ...(await evaluation(browser)), ...(await paint(browser)), ...(await run(browser))] };
  } finally {
    await browser.close();
  }
}

async function sizes() {
  const files = await readdir(DIST);
  const found = SIZES.map(async ([pattern, name, bar]) => {
    const file = files.find((file) => pattern.test(file));
    if (!file) return [`Size of the ${name}, gzip -9`, "not built", `<= ${bar / 1e3} kB`, "**missed**", ""];
    const row = judged(`Size of the ${name}, gzip -9`, (await packed(file)) / 1e3, "kB", bar / 1e3);
    const notes = { page: pieces, "worker, CPU": wide };
    return name in notes ? [...row.slice(0, -1), await notes[name](files)] : row;
  });
  return Promise.all(found);
}

async function packed(file) {
  return gzipSync(await readFile(join(DIST, file)), { level: 9 }).length;
}

/** The worker of runs with other methods than those of compatibility. */
async function wide(files) {
  const file = files.find((file) => file === "worker_wide_bg.wasm");
  return file ? `for runs of compatibility; ${number((await packed(file)) / 1e3)} kB with every family of methods` : "";
}

/** What is not needed for the first paint. */
async function pieces(files) {
  const late = files.filter((file) => /^late-.*\.wasm$/.test(file));
  const all = await Promise.all(late.map(packed));
  return `the first paint; ${number(all.reduce((sum, bytes) => sum + bytes, 0) / 1e3)} kB more in ${late.length} files that load after it or when a part is first shown`;
}

async function evaluation(browser) {
  const page = await browser.newPage();
  const time = async (workload) => (await probeInWorker(page, { file: "worker_loader.js", engine: "cpu", workload, budgetMs: 1500 })).ms;
  const [ranked, fitted] = [await time("evaluation"), await time("adapter_fit")];
  await page.close();
  return [
    judged("Full evaluation, 2000 x 2000, 64 dims", ranked, "ms", 1500),
    judged("Affine adapter, 10,000 pairs of 128 dims", fitted, "ms", 1000),
  ];
}

async function paint(browser) {
  const times = [];
  for (let round = 0; round < PAINTS; round += 1) {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const paints = await lab.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    times.push(paints);
    await lab.page.context().close();
  }
  times.sort((left, right) => left - right);
  return [judged("First contentful paint, local server", times[PAINTS >> 1], "ms", 1500)];
}

async function run(browser) {
  const rounds = [];
  for (let round = 0; round < RUNS; round += 1) {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    // Starting up is not training.
    await browser.startTracing(lab.page, { categories: ["-*", "toplevel"] });
    const started = performance.now();
    await lab.playToTheEnd();
    const seconds = (performance.now() - started) / 1e3;
    rounds.push({ seconds, ...longestTask(JSON.parse(await browser.stopTracing()).traceEvents) });
    await lab.page.context().close();
  }
  const sorted = (key) => rounds.map((round) => round[key]).sort((left, right) => left - right);
  const middle = (key) => sorted(key)[RUNS >> 1];
  return [
    judged("Default scenario, play to finished matrix, CPU engine", middle("seconds"), "s", 60),
    judged("Longest task of the page meanwhile", middle("wall"), "ms", 50, {
      note: `the middle of ${RUNS} runs: ${sorted("wall").map(number).join(", ")} ms; at most ${number(sorted("busy").at(-1))} ms of processor time, the rest is waiting for a core that the worker or the software renderer has`,
    }),
  ];
}

/** The page's longest task by the clock and by processor time, in milliseconds. */
function longestTask(events) {
  const thread = ({ pid, tid }) => `${pid}/${tid}`;
  const main = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(thread));
  const tasks = events.filter((event) => event.name === "ThreadControllerImpl::RunTask" && main.has(thread(event)));
  if (tasks.length === 0) throw new Error("the trace holds no task of the page");
  const longest = (key) => tasks.reduce((most, task) => Math.max(most, task[key] ?? 0), 0) / 1e3;
  return { wall: longest("dur"), busy: longest("tdur") };
}
