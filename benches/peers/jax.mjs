// The lab's training steps in jax-js, jitted as a whole: loss, gradients and Adam. Every use but the last of an array is a `.ref`.

import * as jax from "/node_modules/@jax-js/jax/dist/index.js";

import { BATCH, CLASSES, labels, parameter, RATE, SCALE, SHAPES, SIDE, uniform } from "./inputs.mjs";
import { time } from "./timing.mjs";

const { jit, lax, nn, numpy: np, valueAndGrad } = jax;

const array = (values, shape) => np.array(values).reshape(shape);

function normalize(rows) {
  const norms = np.sqrt(np.square(rows.ref).sum(1, { keepdims: true }).add(1e-12));
  return rows.div(norms);
}

const encoders = {
  mlp_step: ([w1, b1, w2, b2], x) => np.matmul(nn.relu(np.matmul(x, w1).add(b1)), w2).add(b2),
  cnn_step: ([k1, b1, k2, b2, w, b], x) => {
    const block = (maps, kernel, bias, channels, side) => {
      const sums = lax.convGeneralDilated(maps, kernel, [1, 1], "SAME").add(bias.reshape([1, channels, 1, 1]));
      const windows = nn.relu(sums).reshape([BATCH.cnn_step, channels, side / 2, 2, side / 2, 2]);
      return windows.max([3, 5]);
    };
    const maps = block(block(x, k1, b1, 16, 28), k2, b2, 32, 14);
    return np.matmul(maps.reshape([BATCH.cnn_step, 1568]), w).add(b);
  },
};

function stepOf(workload) {
  const batch = BATCH[workload];
  const loss = (parameters, x, y) => {
    const features = normalize(encoders[workload](parameters.slice(0, -1), x));
    const logits = np.matmul(features, normalize(parameters.at(-1)).transpose()).mul(SCALE);
    return nn.logSoftmax(logits, 1).mul(y).sum().mul(-1 / batch);
  };
  return jit((parameters, first, second, rate, x, y) => {
    const [value, gradients] = valueAndGrad(loss)(parameters.map((it) => it.ref), x, y);
    const m = first.map((it, index) => it.mul(0.9).add(gradients[index].ref.mul(0.1)));
    const v = second.map((it, index) => it.mul(0.999).add(np.square(gradients[index]).mul(0.001)));
    const next = parameters.map((it, index) => {
      const step = m[index].ref.div(np.sqrt(v[index].ref).add(1e-8));
      return it.sub(step.mul(rate.ref));
    });
    rate.dispose();
    return [value, next, m, v];
  });
}

async function training(workload, budgetMs) {
  const [batch, shapes] = [BATCH[workload], SHAPES[workload]];
  const zeros = () => shapes.map((shape) => np.zeros(shape));
  const step = stepOf(workload);
  const x = array(uniform([batch * 784], 1), workload === "mlp_step" ? [batch, 784] : [batch, 1, 28, 28]);
  const y = array(labels(batch), [batch, CLASSES]);
  let state = [shapes.map((shape, index) => array(parameter(shape, index + 1), shape)), zeros(), zeros()];
  let count = 0;
  let last = NaN;
  const work = async (times) => {
    let value;
    for (let index = 0; index < times; index += 1) {
      count += 1;
      const rate = (RATE * Math.sqrt(1 - 0.999 ** count)) / (1 - 0.9 ** count);
      value?.dispose();
      const [loss, ...next] = step(...state, np.array([rate]), x.ref, y.ref);
      [value, state] = [loss, next];
    }
    [last] = await value.data();
  };
  const timing = await time(work, budgetMs);
  if (!Number.isFinite(last)) throw new Error(`the loss is ${last}`);
  return { ...timing, loss: last };
}

async function product(budgetMs) {
  const [left, right] = [1, 2].map((seed) => array(uniform([SIDE * SIDE], 1, seed), [SIDE, SIDE]));
  const multiply = jit((a, b) => np.matmul(a, b));
  return time(async (times) => {
    // One by one: a product that nobody waits for is never computed.
    for (let index = 0; index < times; index += 1) {
      const result = await jax.blockUntilReady(multiply(left.ref, right.ref));
      result.dispose();
    }
  }, budgetMs);
}

/** Times a workload on a device: `wasm`, `webgl` or `webgpu`. */
export async function run(device, workload, budgetMs) {
  const there = await jax.init(device);
  if (!there.includes(device)) throw new Error(`jax-js has no ${device} here`);
  jax.defaultDevice(device);
  return workload === "matrix_product" ? product(budgetMs) : training(workload, budgetMs);
}
