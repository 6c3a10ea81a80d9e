// The lab's worker without the page.

const BASE_URL = process.env.BASE_URL ?? "http://127.0.0.1:8080/";

/** Goes to a document of the page's origin in which nothing else runs; gives the worker's address. */
async function aside(page, file) {
  await page.goto(new URL("data/manifest.json", BASE_URL).href);
  return new URL(file, BASE_URL).href;
}

/** Times a workload in a worker of its own. */
export async function probe(page, { file, engine, workload, budgetMs }) {
  const url = await aside(page, file);
  return page.evaluate(probing, { url, command: { probe: { engine, workload, budget_ms: budgetMs } } });
}

/** Starts a run in a worker that stays; `steps(page)` then tells how far its first model is. */
export async function play(page, { file, scenario }) {
  const url = await aside(page, file);
  await page.evaluate(playing, { url, scenario });
}

export const steps = (page) => page.evaluate(() => globalThis.steps);

/** Runs in the browser. */
function probing({ url, command }) {
  const worker = new Worker(url, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message ?? `${url} could not be loaded`));
    worker.onmessage = ({ data }) => {
      const { hello, probed, refused } = JSON.parse(data.text);
      if (hello) worker.postMessage({ text: JSON.stringify(command), buffers: [] });
      if (probed) resolve(probed);
      if (refused) reject(new Error(refused.reason));
    };
  }).finally(() => worker.terminate());
}

/** Runs in the browser. */
function playing({ url, scenario }) {
  globalThis.steps = 0;
  const worker = (globalThis.worker = new Worker(url, { type: "module" }));
  const send = (command) => worker.postMessage({ text: JSON.stringify(command), buffers: [] });
  worker.onmessage = ({ data }) => {
    const { hello, events } = JSON.parse(data.text);
    if (hello) {
      send({ prepare: { scenario, engine: "cpu" } });
      send("play");
    }
    for (const { loss_measured: measured, faulted } of events?.events ?? []) {
      if (measured) globalThis.steps = measured.step;
      if (faulted) throw new Error(faulted.fault.message);
    }
  };
}
