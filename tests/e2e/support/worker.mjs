// The worker without the page: commands in, events out.

import { BASE_URL } from "./browser.mjs";

/** Whether the page was built with this worker file. */
export async function isBuilt(page, file) {
  const response = await page.request.get(new URL(file, BASE_URL).href);
  return response.ok();
}

/**
 * Plays a scenario in a worker of its own until `model` has taken `steps` steps.
 *
 * @returns the engine's report and the total losses of every model by its name.
 */
export async function trainInWorker(page, { file, engine, scenario, model, steps }) {
  const url = await aside(page, file);
  return page.evaluate(listen, { url, engine, scenario, model, steps });
}

/** Times a piece of work in a worker of its own for so many milliseconds, at least once; gives the timing. */
export async function probeInWorker(page, { file, engine, workload, budgetMs = 0 }) {
  const url = await aside(page, file);
  return page.evaluate(probe, { url, command: { probe: { engine, workload, budget_ms: budgetMs } } });
}

/** Starts a run in a worker that stays; `stepsInWorker(page)` then tells how far the model in training is. */
export async function playInWorker(page, { file, scenario }) {
  const url = await aside(page, file);
  await page.evaluate(play, { url, scenario });
}

/** Steps that the model in training of a run in a worker that stays has taken. */
export const stepsInWorker = (page) => page.evaluate(() => globalThis.steps);

/** Goes to a document of the page's origin in which nothing else runs; gives the worker's address. */
async function aside(page, file) {
  await page.goto(new URL("data/manifest.json", BASE_URL).href);
  return new URL(file, BASE_URL).href;
}

/** Runs in the browser. */
function probe({ url, command }) {
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
function listen({ url, engine, scenario, model, steps }) {
  const worker = new Worker(url, { type: "module" });
  const send = (command) => worker.postMessage({ text: JSON.stringify(command), buffers: [] });
  const log = { engine: null, losses: {} };
  // Messages and events are objects of one field, whose name says what they are.
  const dispatch = (handlers, tagged) => {
    for (const [name, fields] of Object.entries(tagged)) handlers[name]?.(fields);
  };
  const take = {
    run_started: (event) => (log.engine = event.engine),
    loss_measured: (event) => (log.losses[event.model] ??= []).push(event.total),
    faulted: ({ fault }) => { throw new Error(`${fault.message} ${fault.action}`); },
  };
  const answer = {
    hello: () => {
      send({ prepare: { scenario, engine } });
      send("play");
    },
    events: ({ events }) => events.forEach((event) => dispatch(take, event)),
    refused: ({ reason }) => { throw new Error(reason); },
  };
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message ?? `${url} could not be loaded`));
    worker.onmessage = ({ data }) => {
      try {
        dispatch(answer, JSON.parse(data.text));
        if ((log.losses[model]?.length ?? 0) >= steps) resolve(log);
      } catch (error) {
        reject(error);
      }
    };
  }).finally(() => worker.terminate());
}

/** Runs in the browser. */
function play({ url, scenario }) {
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
