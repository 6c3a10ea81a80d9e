// Training steps and a matrix product: the lab and its peers on every engine, in turns, in one run.

import { launch } from "../tests/e2e/support/browser.mjs";
import { probeInWorker } from "../tests/e2e/support/worker.mjs";
import { servePeers } from "./support/peers.mjs";
import { judged, number, table } from "./support/table.mjs";

const WORKLOADS = ["mlp_step", "cnn_step", "matrix_product"];
const NAMES = { mlp_step: "MLP step", cnn_step: "CNN step", matrix_product: "512³ product" };
/** The MLP's step under methods; the frozen models that they need run in each step. */
const METHODS = { mlp_step: "independent", bct_step: "BCT", bt2_step: "BT²", oca_step: "OCA" };
/** Every contender is asked so often, in turns; the median counts. */
const ROUNDS = 3;

// jax-js takes seconds per step on WebGL, which it offers without recommending it.
const CPU = { lab: ["worker_loader.js", "cpu"], jax: ["wasm"], tfjs: ["wasm", "webgl", "cpu"], rounds: ROUNDS, budgetMs: 1500 };
// On a software adapter one step takes about a second.
const WEBGPU = { lab: ["worker_gpu_loader.js", "webgpu"], jax: ["webgpu"], tfjs: ["webgpu"], rounds: 1, budgetMs: 3000 };

/** Multiply-adds of a forward pass, twice; training takes three times that: forward, gradients of inputs, of weights. */
const CNN_FLOP = 3 * 2 * 64 * (28 * 28 * 9 * 16 + 14 * 14 * 9 * 16 * 32 + 1568 * 128);
const PRODUCT_FLOP = 2 * 512 ** 3;

export async function steps() {
  const peers = await servePeers();
  try {
    const cpu = await measure(CPU, peers.url, false);
    const methods = await overheads();
    const webgpu = await measure(WEBGPU, peers.url, true);
    const { bars, text } = report(cpu, webgpu);
    return { bars, text: `${text}\n\n${methods}` };
  } finally {
    await peers.stop();
  }
}

/** Milliseconds by contender and workload; a text where it cannot. */
async function measure({ lab, jax, tfjs, rounds, budgetMs }, url, webgpu) {
  const [file, engine] = lab;
  const contenders = [
    [`lab ${engine}`, (page, workload) => probeInWorker(page, { file, engine, workload, budgetMs })],
    ...jax.map((device) => [`jax-js ${device}`, (page, workload) => peer(page, url, "jax", device, workload, budgetMs)]),
    ...tfjs.map((name) => [`TF.js ${name}`, (page, workload) => peer(page, url, "tfjs", name, workload, budgetMs)]),
  ];
  const found = Object.fromEntries(contenders.map(([name]) => [name, {}]));
  const browser = await launch({ webgpu, webgl: true });
  try {
    for (const workload of WORKLOADS) {
      const times = Object.fromEntries(contenders.map(([name]) => [name, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const [name, ask] of contenders) {
          if (typeof found[name][workload] === "string") continue;
          const page = await browser.newPage();
          try {
            const timing = await ask(page, workload);
            times[name].push(timing.ms);
            if (timing.engine?.kind !== undefined && timing.engine.kind !== engine) throw new Error(timing.engine.reason);
          } catch (error) {
            found[name][workload] = error.message.split("\n")[0].replace(/^page.evaluate: (Error: )?/, "").slice(0, 90);
          }
          await page.close();
          console.error(`bench: ${name}, ${workload}: ${found[name][workload] ?? `${number(times[name].at(-1))} ms`}`);
        }
      }
      for (const [name] of contenders) found[name][workload] ??= median(times[name]);
    }
  } finally {
    await browser.close();
  }
  return found;
}

/** What a step costs under each method, on the CPU engine. */
async function overheads() {
  const times = Object.fromEntries(Object.keys(METHODS).map((workload) => [workload, []]));
  const browser = await launch({ webgl: true });
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [workload, found] of Object.entries(times)) {
        const page = await browser.newPage();
        found.push((await probeInWorker(page, { file: "worker_loader.js", engine: "cpu", workload, budgetMs: CPU.budgetMs })).ms);
        await page.close();
      }
    }
  } finally {
    await browser.close();
  }
  const ms = Object.fromEntries(Object.entries(times).map(([workload, found]) => [workload, median(found)]));
  const row = (workload) => [METHODS[workload], number(ms[workload]), `${number(ms[workload] / ms.bct_step)} x`];
  const rows = Object.keys(METHODS).map(row);
  return `The MLP's step under methods, with the frozen models that each needs, CPU:\n\n${table(["method", "ms, median", "against BCT"], rows)}`;
}

async function peer(page, url, library, device, workload, budgetMs) {
  await page.goto(new URL("peers/index.html", url).href);
  const ask = async ([module, ...args]) => (await import(module)).run(...args);
  return page.evaluate(ask, [`/peers/${library}.mjs`, device, workload, budgetMs]);
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function report(cpu, webgpu) {
  const all = { ...cpu, ...webgpu };
  const cell = (value) => (typeof value === "number" ? number(value) : `no: ${value}`);
  const rows = Object.entries(all).map(([name, found]) => [name, ...WORKLOADS.map((workload) => cell(found[workload]))]);
  const best = (results, library, workload) => {
    const times = Object.entries(results).filter(([name]) => name.startsWith(library)).map(([, found]) => found[workload]);
    return Math.min(...times.filter((time) => typeof time === "number"));
  };
  const bar = (results, workload, library, limit) => {
    const ours = best(results, "lab", workload);
    const theirs = best(results, library, workload);
    const engine = results === cpu ? "CPU" : "WebGPU";
    return judged(`${NAMES[workload]}, ${engine}, against the best of ${library}`, ours / theirs, "x", limit);
  };
  const rate = (flop, workload) => flop / best(cpu, "lab", workload);
  const bars = [
    bar(cpu, "mlp_step", "jax-js", 0.8),
    bar(cpu, "mlp_step", "TF.js", 0.4),
    bar(cpu, "cnn_step", "jax-js", 0.05),
    bar(cpu, "cnn_step", "TF.js", 0.05),
    judged("CNN step's FLOP rate against the 512³ product's, CPU", rate(CNN_FLOP, "cnn_step") / rate(PRODUCT_FLOP, "matrix_product"), "x", 0.6, { atLeast: true }),
    ...["mlp_step", "cnn_step"].flatMap((workload) => [bar(webgpu, workload, "jax-js", 1), bar(webgpu, workload, "TF.js", 0.8)]),
  ];
  const times = `Milliseconds, median:\n\n${table(["", ...WORKLOADS.map((workload) => NAMES[workload])], rows)}`;
  return { bars, text: `## Steps\n\n${times}` };
}
