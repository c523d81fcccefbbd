/** An exported model: its folder, inputs and outputs. */

import type { ExportedModel } from "../serve/encoder-types.js";
import { type EncodersFile, servedPorts } from "../serve/encoder-types.js";
import { size } from "../util/text.js";
import type { Sheet } from "../views/view.js";
import { Result, tables } from "./result.js";

/** An exported model, for use by other programs. */
export class ExportResult extends Result {
  readonly folder: string;
  /** Size of the ONNX model. */
  readonly bytes: number;
  /** The content of `encoders.json`. */
  readonly encoders: EncodersFile;

  /** Made by `run.export()`. @internal */
  constructor({ folder, bytes, encoders }: ExportedModel) {
    super();
    this.folder = folder;
    this.bytes = bytes;
    this.encoders = encoders;
  }

  /** @internal */
  sheet(): Sheet {
    return encodersSheet(`${this.folder}: model.onnx, ${size(this.bytes)}`, this.encoders);
  }
}

/** An input or output of a served model. */
interface Port {
  readonly kind: "input" | "output";
  readonly name: string;
  readonly shape: string;
  /** The data columns that it is computed from. */
  readonly columns: string;
}

/** One row per input or output. */
export function encodersSheet(caption: string, { features, outputs }: EncodersFile): Sheet {
  const outputPorts = outputs.map(({ name, classes }): Port => {
    return {
      kind: "output",
      name,
      shape: classes === 1 ? "float32 [rows]" : `float32 [rows, ${classes}]`,
      columns: "",
    };
  });
  return tables().makeSheet<Port>(
    caption,
    [
      { key: "kind", heading: "", kind: "text", value: ({ kind }) => kind },
      { key: "name", heading: "name", kind: "text", value: ({ name }) => name },
      { key: "shape", heading: "shape", kind: "text", value: ({ shape }) => shape },
      { key: "column", heading: "column", kind: "text", value: ({ columns }) => columns },
    ],
    [...features.flatMap(inputPorts), ...outputPorts],
  );
}

function inputPorts(feature: EncodersFile["features"][number]): Port[] {
  const crossed = feature.kind === "ids" && feature.cross ? [feature.cross.join(" × ")] : [];
  const columns = [...feature.columns, ...crossed].join(" or ");
  return servedPorts(feature).map(({ name, type, shape }): Port => {
    return { kind: "input", name, shape: `${type} [${shape.join(", ")}]`, columns };
  });
}
