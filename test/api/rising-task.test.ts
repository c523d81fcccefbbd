/** A training that stops early on the mean of its tasks says which of them was still rising. */
import { expect, it } from "vitest";
import { random } from "../../src/core/util/random.js";
import { adam, dataset, idFeature, pepnet } from "../../src/index.js";

/** `fast` follows from one column; `slow` from two together, which takes longer to learn. */
function rows(count: number, seed: number) {
  const source = random(seed);
  return Array.from({ length: count }, () => {
    const [a, b] = [source.integer(6), source.integer(6)];
    const fast = source.uniform() < 0.1 + 0.13 * a ? 1 : 0;
    const slow = source.uniform() < ((a * 7 + b * 5) % 6 < 3 ? 0.85 : 0.15) ? 1 : 0;
    return { a, b, fast, slow };
  });
}

const model = pepnet()
  .features(idFeature("a").buckets(6).embedding(4), idFeature("b").buckets(6).embedding(4))
  .labels("fast", "slow")
  .tower("fast", (t) => t.label("fast").mlp(16).bce().auc())
  .tower("slow", (t) => t.label("slow").mlp(16).bce().auc())
  .train({ dense: adam(0.01), batchSize: 100 });

it("with its AUCs and the option that follows it; and nothing where none rose", async () => {
  const train = await dataset(rows(3000, 1));
  const validation = await dataset(rows(3000, 2));
  const stopping = { patience: 1, monitor: { tower: "fast" } } as const;
  const run = await model.fit(train, { validation, epochs: 40, earlyStopping: stopping, quiet: true });
  const { history, notes } = run;
  const best = history.evaluations.find(({ step }) => step === history.bestStep)!;
  const note = notes.find((text) => text.startsWith("stopped early"))!;
  const auc = (at: number) => (point: (typeof history.evaluations)[number]) => point.evaluation.tasks[at]!.overall.auc!;
  const later = history.evaluations.filter(({ step }) => step > history.bestStep!);
  const rises = ["fast", "slow"].map((_, at) => Math.max(...later.map((point) => auc(at)(point) - auc(at)(best))));
  const most = rises[0]! > rises[1]! ? 0 : 1;
  expect(rises[1]).toBeGreaterThan(0.002);
  expect(note).toContain(`though "${["fast", "slow"][most]}" was still rising`);
  expect(note).toContain(
    `went from ${auc(most)(best).toFixed(3)} to ${(auc(most)(best) + rises[most]!).toFixed(3)} at step`,
  );
  const option = /earlyStopping: (\{ monitor: \{ tower: "slow" \} \})/.exec(note)![1];
  const followed = await model.fit(train, {
    validation,
    epochs: 40,
    earlyStopping: new Function(`return ${option}`)() as { monitor: { tower: "slow" } },
    quiet: true,
  });
  expect(auc(1)(followed.history.evaluations.find(({ step }) => step === followed.history.bestStep)!)).toBeGreaterThan(
    auc(1)(best),
  );
  expect(followed.notes.filter((text) => /"slow" was still rising/.test(text))).toEqual([]);
  for (const each of [run, followed]) await each.dispose();
});
