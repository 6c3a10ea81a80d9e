// Measures the lab in headless Chromium, side by side with its peers. `cargo xtask bench` builds and serves before.
//
// Environment: BASE_URL, DIST, CHROMIUM; BENCH_OUT is the file that a whole run writes.

import { writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";

import { map } from "./map.mjs";
import { memory } from "./memory.mjs";
import { page } from "./page.mjs";
import { steps } from "./steps.mjs";
import { launch } from "../tests/e2e/support/browser.mjs";
import { table } from "./support/table.mjs";

const PARTS = { steps, page, map, memory };
const HEAD = ["what", "measured", "bar", "finding", ""];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`bench: there is no part '${unknown[0]}'; there are ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}

const results = [];
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length === 0 || wanted.includes(name)) results.push(await part());
}
const bars = results.flatMap((result) => result.bars);
const texts = results.map((result) => result.text).filter(Boolean);
const text = [await head(), "## Bars", table(HEAD, bars), ...texts].join("\n\n");
console.log(text);
if (wanted.length === 0 && process.env.BENCH_OUT) await writeFile(process.env.BENCH_OUT, `${text}\n`);

async function head() {
  const browser = await launch({ webgl: true });
  const version = browser.version();
  await browser.close();
  const [{ model }] = cpus();
  const machine = `${cpus().length} cores of ${model.trim()}, ${arch()}, ${platform()}, Chromium ${version}`;
  const peers = "Peers: jax-js 0.1.25 (jitted step) and TensorFlow.js 4.22, one thread, the same model, loss and optimiser. ";
  const adapter = process.env.BENCH_GPU === "hardware" ? "the machine's GPU" : "SwiftShader, a software adapter";
  const date = new Date().toISOString().slice(0, 10);
  return `# Speed and size\n\nMade by \`cargo xtask bench\` on ${machine}, ${date}. ${peers}WebGPU is ${adapter}.`;
}
