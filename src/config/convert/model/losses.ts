/**
 * Converts task losses to a spec and back.
 */
import type { LossSpec } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";
import { compact, readFields } from "../fields.js";

/** Converts a `LossConfig`; `null` if it has no loss. */
export function readLoss(config: JsonObject): LossSpec | null {
  const [entry] = Object.entries(config) as [string, JsonObject][];
  if (entry === undefined) return null;
  const [field, message] = entry;
  switch (field) {
    case "binary_cross_entropy":
      return { kind: field, labelSmoothing: readFields(message, "BinaryCrossEntropy").number("label_smoothing") };
    case "softmax_cross_entropy":
      return { kind: field, labelSmoothing: readFields(message, "SoftmaxCrossEntropy").number("label_smoothing") };
    case "l2_loss":
      return { kind: field };
    case "binary_focal_loss": {
      const fields = readFields(message, "BinaryFocalLoss");
      return { kind: field, gamma: fields.number("gamma"), alpha: fields.number("alpha") };
    }
    case "jrc_loss": {
      const fields = readFields(message, "JRCLoss");
      return { kind: field, sessionName: fields.text("session_name"), alpha: fields.number("alpha") };
    }
    default:
      return { kind: "other", field, config: message };
  }
}

/** Returns the loss as `LossConfig`. */
export function writeLoss(loss: LossSpec): JsonObject {
  switch (loss.kind) {
    case "binary_cross_entropy":
      return { [loss.kind]: compact("BinaryCrossEntropy", { label_smoothing: loss.labelSmoothing }) };
    case "softmax_cross_entropy":
      return { [loss.kind]: compact("SoftmaxCrossEntropy", { label_smoothing: loss.labelSmoothing }) };
    case "l2_loss":
      return { [loss.kind]: {} };
    case "binary_focal_loss":
      return { [loss.kind]: compact("BinaryFocalLoss", { gamma: loss.gamma, alpha: loss.alpha }) };
    case "jrc_loss":
      return { [loss.kind]: compact("JRCLoss", { session_name: loss.sessionName, alpha: loss.alpha }) };
    case "other":
      return { [loss.field]: loss.config };
  }
}
