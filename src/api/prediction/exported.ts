/** What `run.export` gives: where the model is, and what goes in and comes out. */
import type { EncodersFile, ExportedModel } from "../../serve/index.js";
import { size } from "../../util/format.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** A model that was written for other programs. */
export class ExportResult extends Displayable {
  /** Where it was written. */
  readonly folder: string;
  /** Of the ONNX model. */
  readonly bytes: number;
  /** What `encoders.json` holds. */
  readonly encoders: EncodersFile;

  /** Made by `run.export()`. @internal */
  constructor({ folder, bytes, encoders }: ExportedModel) {
    super();
    this.folder = folder;
    this.bytes = bytes;
    this.encoders = encoders;
  }

  /** The path, and the model's inputs and outputs. */
  async bundle(): Promise<DisplayBundle> {
    return servedBundle(`${this.folder}: model.onnx, ${size(this.bytes)}`, this.encoders);
  }
}

/** Inputs and outputs as a table. */
export async function servedBundle(caption: string, { features, outputs }: EncodersFile): Promise<DisplayBundle> {
  const { tableBundle } = await import("../../render/index.js");
  const inputs = features.flatMap((feature) => {
    const columns = [
      ...feature.columns,
      ...(feature.kind === "ids" && feature.cross ? [feature.cross.join(" × ")] : []),
    ];
    const from = columns.join(" or ");
    if (feature.kind === "values") return [["input", feature.name, `float32 [rows, ${feature.dim}]`, from]];
    const weights = feature.weights === null ? [] : [["input", feature.weights, "float32 [rows, values]", from]];
    return [["input", feature.name, "int64 [rows, values]", from], ...weights];
  });
  const given = outputs.map(({ name, classes }) => [
    "output",
    name,
    classes === 1 ? "float32 [rows]" : `float32 [rows, ${classes}]`,
    "",
  ]);
  return tableBundle({
    caption,
    columns: [{ name: "" }, { name: "name" }, { name: "shape" }, { name: "column" }],
    rows: [...inputs, ...given],
  });
}
