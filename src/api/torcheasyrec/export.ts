/** `model.exportTorchEasyRec(data, { folder })`: a folder that TorchEasyRec trains, and what it says of itself. */
import type { ConfigPaths } from "../../config/index.js";
import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { count, grouped } from "../../util/format.js";
import { type DatasetSource, dataset } from "../data/dataset.js";
import { heldOut } from "../data/held-out.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** What is exported beside the training rows, and how. */
export interface ExportTorchEasyRecOptions {
  /** The folder to write. */
  readonly folder: string;
  /** Rows to evaluate on. Default: the random tenth that `fit` holds out. `null`: none. */
  readonly validation?: DatasetSource | null;
  /**
   * Write the training rows in a random order (of the model's seed), since TorchEasyRec shuffles no rows but whole
   * batches. Default: as the model trains, `.train({ shuffle })`. `false` keeps the order of the data.
   */
  readonly shuffle?: boolean;
  /** Where rows and model will be on the cluster. Default: in the folder, from which `train.sh` trains. */
  readonly paths?: ConfigPaths;
}

/** A folder that TorchEasyRec trains. */
export class TorchEasyRecExport extends Displayable {
  /** Where it was written. */
  readonly folder: string;
  /** Rows written for training and validation; `null` without validation rows. */
  readonly rows: { readonly train: number; readonly validation: number | null };
  /** Counted warnings about the rows, the default hold-out. */
  readonly notes: readonly string[];

  /** Use `model.exportTorchEasyRec(data, { folder })`. @internal */
  constructor(folder: string, rows: TorchEasyRecExport["rows"], notes: readonly string[]) {
    super();
    this.folder = folder;
    this.rows = rows;
    this.notes = notes;
  }

  /** What to run next. */
  async bundle(): Promise<DisplayBundle> {
    const { train, validation } = this.rows;
    const evaluated = validation === null ? "" : `, ${grouped(validation)} to evaluate on`;
    const lines = [
      `${this.folder}: ${count(train, "row")} to train on${evaluated}`,
      `where TorchEasyRec is: bash ${this.folder}/train.sh [workers]; README.md there says the rest`,
      ...this.notes.map((note) => `note: ${note}`),
    ];
    return { "text/plain": lines.join("\n") };
  }
}

/** See `Model.exportTorchEasyRec`. */
export async function exportTorchEasyRec(
  spec: ModelSpec,
  data: DatasetSource,
  options: ExportTorchEasyRecOptions,
): Promise<TorchEasyRecExport> {
  const { exportFolder } = await import("../../bridge/index.js");
  const { folder, shuffle = spec.training.shuffle, paths = {} } = options ?? {};
  if (folder === undefined) {
    throw new SpecError({
      path: "exportTorchEasyRec.folder",
      message: "folder is required",
      expected: 'model.exportTorchEasyRec(data, { folder: "out/cluster" })',
    });
  }
  const notes: string[] = [];
  const { train, validation } = await heldOut(spec, await dataset(data), options.validation, notes);
  const tables = { train: train.table, validation: validation?.table ?? null };
  const warnings = await exportFolder(folder, { spec, ...tables, shuffle, paths });
  for (const { file, column, message, rows } of warnings) {
    notes.push(`${file}, column "${column}": ${message} (${rows} rows)`);
  }
  return new TorchEasyRecExport(folder, { train: train.rows, validation: validation?.rows ?? null }, notes);
}
