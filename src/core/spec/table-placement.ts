/**
 * Determines the optimiser of each embedding table. In TorchEasyRec it follows from TorchRec's sharding: a table
 * sharded `data_parallel` uses the `dense` kernel and is trained by the dense optimiser; with any other sharding it
 * uses a `fused` kernel and is trained by the sparse optimiser. Constraints restrict the choice; if both remain, the
 * planner chooses the one with the lower estimated time.
 */
import { type Problem, SpecError } from "../errors/index.js";
import type { JsonObject } from "../util/json.js";
import { listNames } from "../util/names.js";
import { findFeature, tableName } from "./feature/feature.js";
import type { ModelSpec } from "./model.js";
import { tableSizes } from "./sizes.js";
import { mostBatchRows, type TablePlacement } from "./training.js";
import { show } from "./validate/checks.js";

/** The placement that `ParameterConstraints` allow; `null`: none, such as a `dense` kernel for `table_wise`. */
export function constrainedPlacement(constraints: JsonObject): TablePlacement | null {
  const shardings = readList(constraints, "sharding_types");
  const kernels = readList(constraints, "compute_kernels");
  const allowed = (list: readonly string[], test: (name: string) => boolean) => list.length === 0 || list.some(test);
  const dense =
    allowed(shardings, (sharding) => sharding === "data_parallel") && allowed(kernels, (kernel) => kernel === "dense");
  const sparse =
    allowed(shardings, (sharding) => sharding !== "data_parallel") &&
    allowed(kernels, (kernel) => kernel.startsWith("fused"));
  if (dense && sparse) return "planner";
  return dense ? "dense" : sparse ? "sparse" : null;
}

/**
 * The names of the tables that the dense optimiser trains: by the constraints of their feature
 * (`embedding_constraints`), else by the training settings.
 * @throws SpecError for constraints that no table can meet, and for features that share a table under different ones
 */
export function denseTables(spec: ModelSpec): ReadonlySet<string> {
  const problems: Problem[] = [];
  const tables = new Set<string>();
  // The training setting. Impossible constraints of an opened config are rejected only if the setting follows them.
  const { tablePlacement: whole } = spec.training;
  const train = spec.extra["train_config"] as JsonObject | undefined;
  const constraints = train?.["global_embedding_constraints"] as JsonObject | undefined;
  if (whole === "planner" && constraints !== undefined && constrainedPlacement(constraints) === null) {
    problems.push(impossible("extra.train_config.global_embedding_constraints", constraints));
  }
  const owned = ownPlacements(spec, problems);
  for (const { table, isOfSequences, features, rows, dim } of tableSizes(spec)) {
    const feature = findFeature(spec, features[0]!)!;
    if (isOfSequences) {
      tables.add(table); // TorchRec does not shard these tables on a CPU, whatever the constraints
      continue;
    }
    const placement = owned.get(tableName(feature)!) ?? whole;
    const isDense =
      placement === "dense" ||
      (placement === "planner" && rows !== null && plannerPrefersDense(spec, { features, rows, dim }));
    if (isDense) tables.add(table);
  }
  if (problems.length > 0) throw new SpecError(problems);
  return tables;
}

function ownPlacements(spec: ModelSpec, problems: Problem[]): ReadonlyMap<string, TablePlacement> {
  const placements = new Map<string, { readonly feature: string; readonly placement: TablePlacement }>();
  for (const feature of spec.features) {
    const table = tableName(feature);
    if (feature.kind === "other" || table === null) continue;
    const constraints = feature.extra["embedding_constraints"] as JsonObject | undefined;
    if (constraints === undefined) continue;
    const path = `features.${feature.name}.embedding_constraints`;
    const placement = constrainedPlacement(constraints);
    const other = placements.get(table);
    if (placement === null) problems.push(impossible(path, constraints));
    else if (other !== undefined && other.placement !== placement) {
      problems.push({
        path,
        message: `features share the table "${table}" under different constraints`,
        received: show(constraints),
        expected: `the constraints of "${other.feature}"`,
      });
    } else placements.set(table, { feature: feature.name, placement });
  }
  return new Map([...placements].map(([table, { placement }]) => [table, placement]));
}

function impossible(path: string, constraints: JsonObject): Problem {
  return {
    path,
    message: "no TorchRec sharding meets these constraints",
    received: show(constraints),
    expected: "data_parallel sharding with a dense kernel, or another sharding with a fused one",
  };
}

/**
 * Tables that stop TorchEasyRec at its start, since its kernels need widths in multiples of 4. Sequences have other
 * kernels.
 */
export function narrowTables(spec: ModelSpec): Problem[] {
  const tables = tableSizes(spec).filter(({ isOfSequences, dim }) => !isOfSequences && dim % 4 !== 0);
  return tables.map(({ table, dim, features }) => {
    const next = 4 * Math.ceil(dim / 4);
    return {
      path: `features.${features[0]}.embeddingDim`,
      message: `TorchEasyRec does not start: the width of table ${JSON.stringify(table)} is no multiple of 4`,
      received: `${dim}`,
      expected: `${next}`,
      fix: `.embedding(${next}) for ${listNames(features)}`,
    };
  });
}

const bytes = { number: 4, id: 8 };
/** The planner's estimates of a CPU's memory and network, in GB/s (TorchRec `planner/constants.py`). */
const bandwidth = { sparse: 51, dense: 51 / 2, intraHost: 600, interHost: 12.5 };
/** The planner's factors: backward passes, rows of a small block, kernels of a dense optimiser. */
const factor = { forwardAndBackward: 1 + 2, weightedBackward: 1.1, optimizer: 9.22 };

/**
 * TorchRec's estimate for one process on the CPU (`planner/shard_estimators.py`) with its default settings. Dense cost
 * grows with the table and sparse cost does not, so small tables become dense: up to 348 rows at batch size 2,048 and
 * 16 columns. Measured with TorchEasyRec 1.3.16: a table of 200 rows became dense, one of 800 rows did not.
 */
function plannerPrefersDense(
  spec: ModelSpec,
  table: { readonly features: readonly string[]; readonly rows: number; readonly dim: number },
): boolean {
  const { rows, dim, features } = table;
  const looked = mostBatchRows(spec.training) * features.length;
  const isWeighted = features.some((name) => {
    const feature = findFeature(spec, name);
    return feature?.kind === "id" && feature.weighted;
  });
  const passes = factor.forwardAndBackward + (isWeighted ? factor.weightedBackward : 0);
  const read = bytes.id * (isWeighted ? 2 : 1);
  const output = dim * bytes.number;
  const penalty = dim >= 128 ? 1 : dim >= 64 ? 1.15 : 1.75;
  const sparseForward = ((read + Math.max(dim, 32) * bytes.number + output) * penalty) / bandwidth.sparse;
  const sparse = looked * (passes * sparseForward + (2 * output) / bandwidth.intraHost);
  const denseForward = (read + 2 * output) / bandwidth.dense;
  const wholeTable = rows * output * (1 / bandwidth.interHost + factor.optimizer / bandwidth.dense);
  return looked * passes * denseForward + wholeTable < sparse;
}

function readList(constraints: JsonObject, name: string): readonly string[] {
  return (constraints[name] ?? []) as readonly string[];
}
