/** The model of a call that trains several times: its length is in epochs, and its settings follow from the first training. */
import { assertThreads } from "../../core/engine/threads.js";
import { type Problem, SpecError } from "../../core/errors/index.js";
import { noteSeed } from "../../core/port/notebook.js";
import { needsFit } from "../../core/spec/feature/feature.js";
import { isBinary, type ModelSpec } from "../../core/spec/model.js";
import { resolveTraining } from "../../core/spec/training.js";
import { checkNumber } from "../../core/spec/validate/checks.js";
import { assertValid } from "../../core/spec/validate/model.js";
import { deepFreeze } from "../../core/util/json.js";
import { count, grouped } from "../../core/util/text.js";
import type { Dataset } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";

export interface PartOptions {
  readonly epochs?: number | undefined;
  readonly seed?: number | undefined;
  readonly matters?: number | undefined;
  readonly threads?: number | undefined;
}

/** A call in the words of its errors and notes. */
export interface PartCall {
  readonly name: "fitDays" | "launch";
  /** Why steps are no length, such as `days have different numbers of rows`. */
  readonly differs: string;
  /** What is compared, such as `days`. */
  readonly compared: string;
  /** A call that sets epochs. */
  readonly fix: string;
  /** The training from whose rows settings follow, such as `the first training`. */
  readonly first: string;
}

/** Throws a SpecError for options out of range, a length in steps, or a model without a binary task. */
export function partSpec(described: ModelSpec, options: PartOptions, call: PartCall, more: Problem[] = []): ModelSpec {
  const { epochs, matters = 1, seed } = options;
  const { name } = call;
  const problems: Problem[] = [
    ...(epochs === undefined ? [] : checkNumber(`${name}.epochs`, epochs, { least: 1, integer: true })),
    ...checkNumber(`${name}.matters`, matters, { above: 0 }),
    ...more,
  ];
  const { training, towers } = described;
  if (training.steps !== null && epochs === undefined) {
    problems.push({
      path: `${name}: training.steps`,
      message: `a number of steps is the length of one training, and ${call.differs}`,
      received: `steps ${grouped(training.steps)}`,
      expected: "passes over the rows of each training",
      fix: call.fix,
    });
  }
  if (!towers.some(isBinary) && towers.length > 0) {
    problems.push({
      path: `${name}: towers`,
      message: `no task is binary, and ${call.compared} are compared by AUC and log loss`,
      received: towers.map((tower) => tower.name).join(", "),
      expected: "a tower with bce()",
      fix: 'add .tower("ctr", (t) => t.label("clk").mlp(32).bce())',
    });
  }
  if (problems.length > 0) throw new SpecError(problems);
  assertThreads(options.threads, `${name}: threads`);
  const length = { epochs: epochs ?? training.epochs ?? 1, steps: null, seed: seed ?? training.seed };
  const spec = deepFreeze({ ...described, training: { ...training, ...length } });
  assertValid(spec);
  noteSeed(name, spec.training.seed);
  return spec;
}

/** Settings and fitted features follow from the rows of the first training, so they depend on no later rows. */
export async function resolvedPartSpec(
  model: ModelSpec,
  first: Dataset,
  { epochs }: PartOptions,
  call: PartCall,
): Promise<{ readonly spec: ModelSpec; readonly notes: string[] }> {
  const fitted = await fittedSpec(model, first);
  const training = resolveTraining(fitted.training, first.rows);
  const spec = deepFreeze({ ...fitted, training });
  const notes: string[] = [];
  if (model.training.batchSize === null)
    notes.push(
      `batch size ${grouped(training.batchSize)}, chosen for the ${count(first.rows, "row")} of ${call.first}`,
    );
  if (epochs === undefined)
    notes.push(
      `each training passes its rows ${training.epochs === 1 ? "once" : `${training.epochs} times`}; ${call.fix.replace("model.", "").replace(/epochs: \d+/, "epochs")} overrides`,
    );
  const fittedNames = model.features.filter(needsFit).map(({ name }) => name);
  if (fittedNames.length > 0) notes.push(`fitted on the rows of ${call.first}: ${fittedNames.join(", ")}`);
  const others = spec.towers.filter((tower) => !isBinary(tower)).map(({ name }) => name);
  if (others.length > 0) notes.push(`trained but not measured, since AUC is of binary tasks: ${others.join(", ")}`);
  return { spec, notes };
}
