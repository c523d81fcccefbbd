/** The differences between TorchEasyRec and this engine: the list of the guide, and of the notes of runs. */
import type { Problem } from "../../errors/index.js";
import type { JsonObject } from "../../util/json.js";
import { listNames } from "../../util/names.js";
import { growingRows, holdsSeveral, isFrozen } from "../feature/feature.js";
import { groupedFeatures, hasWeightedIds, type ModelSpec, usedFeatures } from "../model.js";
import { tableSizes } from "../sizes.js";
import { denseTables } from "../table-placement.js";
import { show, unless } from "./checks.js";

/** A row of docs/torcheasyrec.md, which `npx vitest run test/docs/torcheasyrec.test.ts --update` writes. */
export interface Departure {
  readonly name: string;
  readonly here: string;
  readonly there: string;
  /** The measured difference, or what it depends on. */
  readonly size: string;
  /** Whether `.train({ like: "torcheasyrec" })` follows it. */
  readonly like: boolean;
  /** Notes of the runs whose model it affects. */
  notes(spec: ModelSpec): Problem[];
}

const likeIt = 'to follow it: .train({ like: "torcheasyrec" })';

export const departures: readonly Departure[] = [
  {
    name: "mean pooling, if an id feature of the groups is `weighted`",
    here: "gradient of an id: weight / number of ids",
    there: "on a CPU, gradient: weight",
    size: "losses of two of twelve configs differ by 2e-4 and 5e-4 after at most 17 steps",
    like: true,
    notes: meansBesideWeights,
  },
  {
    name: "`trainable: false` without the `fused` kernel (`data_parallel`, or by the planner)",
    here: "the table stays as it is",
    there: "the dense optimizer trains it",
    size: "losses of one config differ by 6e-4 after 15 steps",
    like: true,
    notes: frozenByDense,
  },
  {
    name: "weight decay of row-wise Adagrad",
    here: "applied",
    there: "on a CPU, ignored",
    size: "grows with training",
    like: true,
    notes: decayWarnings,
  },
  {
    name: "`drop_remainder`",
    here: "every row is evaluated",
    there: "the last batch is also left out of evaluations",
    size: "the rows of one batch",
    like: true,
    notes: ({ training }) =>
      unless(!training.dropRemainder, {
        path: "training.dropRemainder",
        message: `evaluation covers all rows here; TorchEasyRec also leaves out the last batch of an evaluation (${likeIt})`,
        received: "true",
      }),
  },
  {
    name: "`mixed_precision`",
    here: "float32",
    there: "half precision in forward passes and losses, also of predictions",
    size: "probabilities differ by up to 1.4e-3",
    like: false,
    notes: mixedPrecision,
  },
  {
    name: '`data_type: "FP16"` of tables',
    here: "float32",
    there: "rounded to half precision at each update",
    size: "the rounding",
    like: false,
    notes: halfTables,
  },
  {
    name: "`zch` and `dynamicemb`",
    here: "a vocabulary of the training rows",
    there: "rows by the history of ids, which are taken away again",
    size: "ids beyond the most frequent",
    like: false,
    notes: standIns,
  },
];

function mixedPrecision(spec: ModelSpec): Problem[] {
  const { mixed_precision: precision = "" } = (spec.extra["train_config"] ?? {}) as JsonObject;
  return unless(precision === "", {
    path: "extra.train_config.mixed_precision",
    message: `every number here is a float32; TorchEasyRec trains, and also predicts, in ${precision}`,
    received: show(precision),
  });
}

/** FBGEMM's CPU kernels do not divide a mean's gradient by the number of ids if any table of the model has weights. */
function meansBesideWeights(spec: ModelSpec): Problem[] {
  const used = groupedFeatures(spec);
  const means = spec.features.filter(
    (each) => each.kind === "id" && each.pooling === "mean" && holdsSeveral(each) && used.has(each.name),
  );
  if (means.length === 0 || !hasWeightedIds(spec)) return [];
  const received = listNames(means.map(({ name }) => name));
  const message = `gradients of means are divided by the number of ids; TorchEasyRec on a CPU does not do so beside weighted ids (${likeIt})`;
  return [{ path: "features", message, received }];
}

/** Warns of frozen tables that TorchEasyRec's dense optimizer would train: its CPU kernel cannot freeze them. */
function frozenByDense(spec: ModelSpec): Problem[] {
  if (!spec.features.some(isFrozen)) return [];
  const dense = denseTables(spec);
  const tables = tableSizes(spec).filter(({ table, isTrained }) => !isTrained && dense.has(table));
  return tables.map(({ features }) => ({
    path: `features.${features[0]}.trainable`,
    message: `its table stays as it is; TorchEasyRec trains it with the dense optimizer (${likeIt})`,
    received: "false",
  }));
}

/** FBGEMM decays weights in its GPU kernels only. */
function decayWarnings({ training: { sparse } }: ModelSpec): Problem[] {
  if (sparse.kind !== "rowwise_adagrad") return [];
  return unless(sparse.weightDecay === 0 || sparse.weightDecayMode === "NONE", {
    path: "training.sparse.weightDecay",
    message: `applied here, as TorchEasyRec does on GPUs; on a CPU it ignores this weight decay (${likeIt})`,
    received: show(sparse.weightDecay),
    expected: "0 to compare with a run on a CPU",
  });
}

/** Notes tables that TorchEasyRec rounds to half precision at each update. */
function halfTables(spec: ModelSpec): Problem[] {
  const used = usedFeatures(spec);
  const half = spec.features.filter(
    (each) => each.kind !== "other" && used.has(each.name) && each.extra["data_type"] === "FP16",
  );
  return unless(half.length === 0, {
    path: "features.data_type",
    message: `tables are float32 here; TorchEasyRec rounds those of ${listNames(half.map(({ name }) => name))} to half precision at each update`,
    received: "FP16",
  });
}

/** Notes tables whose rows TorchEasyRec assigns while it trains. */
function standIns(spec: ModelSpec): Problem[] {
  const used = usedFeatures(spec);
  return spec.features.flatMap((feature): Problem[] => {
    const field = growingRows(feature);
    if (field === null || !used.has(feature.name)) return [];
    const message =
      "a vocabulary of the training rows stands in: the most frequent ids have a row each, others share one; TorchEasyRec gives out rows by the history of training";
    return [{ path: `features.${feature.name}.${field}`, message, received: field }];
  });
}
