/** The folder that TorchEasyRec trains: config, data, weights and a note of the differences. */
import type { ConfigPaths } from "../core/config/config-from-spec.js";
import { SpecError } from "../core/errors/index.js";
import type { ModelSpec } from "../core/spec/model.js";
import type { TrainingRecord } from "../core/train/training-record.js";
import type { SignalOptions } from "../core/util/interrupt.js";
import type { Sheet } from "../lab/views/view.js";
import { type DatasetSource, dataset } from "./data/dataset.js";
import { fittedSpec, heldOut } from "./data/held-out.js";
import { type FactsBase, factsBase, tables } from "./result.js";
import { resolveSettings } from "./training/advice.js";

/** Options of the export. */
export interface ExportTorchEasyRecOptions extends SignalOptions {
  readonly folder: string;
  /** Rows to evaluate on. Default: the random 10% that `fit` holds out. `null`: none. */
  readonly validation?: DatasetSource | null;
  /**
   * Write the training rows in a random order (by the model's seed), because TorchEasyRec shuffles whole batches, not
   * rows. Default: the model's `.train({ shuffle })`. `false` keeps the order of the data.
   */
  readonly shuffle?: boolean;
  /** Paths of rows and model on the cluster. Default: in the folder, where `train.sh` runs. */
  readonly paths?: ConfigPaths;
}

const ExportFacts: FactsBase<{
  readonly folder: string;
  /** Rows written for training and validation; `null` without validation rows. */
  readonly rowCounts: { readonly train: number; readonly validation: number | null };
  readonly notes: readonly string[];
}> = factsBase();

/** A folder that TorchEasyRec can train. Made by `model.exportTorchEasyRec(data, { folder })`. */
export class TorchEasyRecExport extends ExportFacts {
  /** @internal */
  sheet(): Sheet {
    const { train, validation } = this.rowCounts;
    const { col, sheetFrom } = tables();
    const caption = `${this.folder}: where TorchEasyRec is installed, run: bash ${this.folder}/train.sh [workers]; its README.md explains more`;
    const rows = [{ use: "training", file: "train.parquet", count: train }];
    if (validation !== null) rows.push({ use: "validation", file: "eval.parquet", count: validation });
    return sheetFrom(caption, rows, [
      col.text("use", ({ use }) => use),
      col.text("file", ({ file }) => file),
      col.count("rows", ({ count }) => count),
    ]);
  }
}

/** @param record of the run whose model it is; `null`: no run */
export async function exportTorchEasyRec(
  spec: ModelSpec,
  record: TrainingRecord | null,
  data: DatasetSource,
  options: ExportTorchEasyRecOptions,
): Promise<TorchEasyRecExport> {
  const { exportFolder } = await import("../core/bridge/export.js");
  const { folder, shuffle = spec.training.shuffle, paths = {} } = options ?? {};
  if (folder === undefined) {
    throw new SpecError({
      path: "exportTorchEasyRec.folder",
      message: "folder is required",
      expected: 'model.exportTorchEasyRec(data, { folder: "out/cluster" })',
    });
  }
  const { train, validation, notes } = await heldOut(spec, await dataset(data), options.validation);
  const resolved = resolveSettings(spec, train.rows, null);
  const fitted = await fittedSpec(resolved.spec, train);
  const written = await exportFolder(folder, {
    spec: fitted,
    declared: spec.training,
    record,
    shuffle,
    paths,
    train: train.table,
    validation: validation?.table ?? null,
  });
  const rowCounts = { train: train.rows, validation: validation?.rows ?? null };
  return new TorchEasyRecExport({
    folder,
    rowCounts,
    notes: [...notes, ...resolved.notes, ...written],
  });
}
