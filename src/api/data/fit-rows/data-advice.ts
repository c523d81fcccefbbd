/** Notes on encoded rows before training: features that were probably declared wrongly, labels that differ by part. */
import type { EncodedRows, LabelRate } from "../../../data/index.js";
import type { ModelSpec } from "../../../spec/index.js";
import { count, percent } from "../../../util/text/format.js";

/** The notes, each with what to change. */
export async function dataAdvice(
  spec: ModelSpec,
  train: EncodedRows,
  validation: EncodedRows | null,
): Promise<readonly string[]> {
  const { judgedRows, measuredColumns, ratesDiffer, sharingSuspicions, suspicions, takeRows } = await import(
    "../../../data/index.js"
  );
  const { inTurns } = await import("../../../util/turns.js");
  const judged = await takeRows(train, judgedRows(train.rows));
  const findings = [
    ...(await inTurns(suspicions(spec, judged.data, judged.rows))),
    ...sharingSuspicions(spec, judged.data, judged.rows),
  ];
  const notes = findings.map(({ feature, message, fix }) => `feature "${feature}" ${message}; ${fix}`);
  if (validation === null) return notes;
  const [first, second] = [await measuredColumns(train, new Set()), await measuredColumns(validation, new Set())];
  for (const label of new Set(spec.towers.map((tower) => tower.label))) {
    const [trained, held] = [labelRate(first.labels.get(label)), labelRate(second.labels.get(label))];
    if (trained === null || held === null || !ratesDiffer(trained, held)) continue;
    notes.push(
      `label "${label}" is positive in ${percent(trained.positives / trained.rows)} of the training rows and ${percent(held.positives / held.rows)} of the validation rows (${count(held.rows, "row")}): they are other rows than those that the model learns from; split them at random, or by time if that is intended`,
    );
  }
  return notes;
}

/** `null` if the label is missing or not binary. */
function labelRate(values: Float32Array | undefined): LabelRate | null {
  if (values === undefined || values.length === 0) return null;
  let positives = 0;
  for (const value of values) {
    if (value !== 0 && value !== 1) return null;
    positives += value;
  }
  return { rows: values.length, positives };
}
