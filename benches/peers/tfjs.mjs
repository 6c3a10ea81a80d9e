// The lab's training steps in TensorFlow.js, with its own layers' kernels and its own Adam.

import { BATCH, CLASSES, labels, parameter, RATE, SCALE, SHAPES, SIDE, uniform } from "./inputs.mjs";
import { time } from "./timing.mjs";

const { tf } = globalThis;

const normalize = (rows) => rows.div(rows.square().sum(1, true).add(1e-12).sqrt());

const encoders = {
  mlp_step: ([w1, b1, w2, b2], x) => x.matMul(w1).add(b1).relu().matMul(w2).add(b2),
  cnn_step: ([k1, b1, k2, b2, w, b], x) => {
    const block = (maps, kernel, bias) => maps.conv2d(kernel, 1, "same").add(bias).relu().maxPool(2, 2, "valid");
    return block(block(x, k1, b1), k2, b2).reshape([BATCH.cnn_step, 1568]).matMul(w).add(b);
  },
};

/** Its kernels are `[rows, columns, in, out]`. */
const layout = (shape) => (shape.length === 4 ? [shape[2], shape[3], shape[1], shape[0]] : shape);

async function training(workload, budgetMs) {
  const [batch, shapes] = [BATCH[workload], SHAPES[workload]];
  const x = tf.tensor(uniform([batch * 784], 1), workload === "mlp_step" ? [batch, 784] : [batch, 28, 28, 1]);
  const y = tf.tensor(labels(batch), [batch, CLASSES]);
  const parameters = shapes.map((shape, index) => tf.variable(tf.tensor(parameter(shape, index + 1), layout(shape))));
  const optimizer = tf.train.adam(RATE, 0.9, 0.999, 1e-8);
  const loss = () => {
    const features = normalize(encoders[workload](parameters.slice(0, -1), x));
    const logits = features.matMul(normalize(parameters.at(-1)), false, true).mul(SCALE);
    return tf.logSoftmax(logits).mul(y).sum().mul(-1 / batch);
  };
  let last = NaN;
  const timing = await time(async (times) => {
    let value;
    for (let index = 0; index < times; index += 1) {
      value?.dispose();
      value = optimizer.minimize(loss, true, parameters);
    }
    [last] = await value.data();
    value.dispose();
  }, budgetMs);
  if (!Number.isFinite(last)) throw new Error(`the loss is ${last}`);
  return { ...timing, loss: last };
}

async function product(budgetMs) {
  const [left, right] = [1, 2].map((seed) => tf.tensor(uniform([SIDE * SIDE], 1, seed), [SIDE, SIDE]));
  return time(async (times) => {
    let result;
    for (let index = 0; index < times; index += 1) {
      result?.dispose();
      result = left.matMul(right);
    }
    await result.slice([0, 0], [1, 1]).data();
    result.dispose();
  }, budgetMs);
}

/** Times a workload on a backend: `wasm`, `webgl`, `cpu` or `webgpu`. */
export async function run(backend, workload, budgetMs) {
  tf.wasm?.setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/dist/");
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here`);
  await tf.ready();
  return workload === "matrix_product" ? product(budgetMs) : training(workload, budgetMs);
}
