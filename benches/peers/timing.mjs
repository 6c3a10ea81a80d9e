// How the lab's own probe times: a warm-up, then blocks with one read-back each, the median of them.

const BLOCK = 5;
const BLOCKS = 10;

/** Repeats `work(times)`, which does it so often and waits for the result; gives the median in milliseconds each. */
export async function time(work, budgetMs) {
  await work(1);
  const started = performance.now();
  const blocks = [];
  let block = 1;
  let repetitions = 0;
  do {
    const before = performance.now();
    await work(block);
    blocks.push((performance.now() - before) / block);
    repetitions += block;
    block = blocks.at(-1) * BLOCKS * BLOCK < budgetMs ? BLOCK : 1;
  } while (performance.now() - started < budgetMs);
  blocks.sort((left, right) => left - right);
  const [lower, upper] = [(blocks.length - 1) >> 1, blocks.length >> 1];
  return { ms: (blocks[lower] + blocks[upper]) / 2, repetitions };
}
