// Random numbers and shapes that the peers share. Values matter little; that they are no zeros does.

export const CLASSES = 10;
export const SCALE = 10;
export const RATE = 1e-3;
export const SIDE = 512;
export const BATCH = { mlp_step: 128, cnn_step: 64 };

/** Shapes of the parameters, weights as `[in, out]` and kernels as `[out, in, rows, columns]`. */
export const SHAPES = {
  mlp_step: [[784, 256], [256], [256, 128], [128], [CLASSES, 128]],
  cnn_step: [[16, 1, 3, 3], [16], [32, 16, 3, 3], [32], [1568, 128], [128], [CLASSES, 128]],
};

/** Uniform in `-bound..bound`, by a generator of Park and Miller. */
export function uniform(shape, bound, seed = 1) {
  let state = seed;
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let index = 0; index < values.length; index += 1) {
    state = (state * 48271) % 2147483647;
    values[index] = bound * (2 * (state / 2147483647) - 1);
  }
  return values;
}

/** A parameter within one over the root of its inputs. */
export function parameter(shape, seed) {
  const inputs = shape.length === 4 ? shape[1] * 9 : shape.length === 2 ? Math.max(shape[0], 10) : 128;
  return uniform(shape, 1 / Math.sqrt(inputs), seed);
}

/** One-hot labels, classes in turn. */
export function labels(batch) {
  const values = new Float32Array(batch * CLASSES);
  for (let row = 0; row < batch; row += 1) values[row * CLASSES + (row % CLASSES)] = 1;
  return values;
}
