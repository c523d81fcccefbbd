/**
 * What the losses of a tower need.
 */
import { SpecError } from "../../errors/index.js";
import type { TowerSpec } from "../../spec/index.js";

/** Whether a loss compares rows of a session. */
export function ranksSessions({ losses }: TowerSpec): boolean {
  return losses.some(({ kind }) => kind === "jrc_loss");
}

/** Throws a SpecError for losses that a tower cannot have. */
export function checkLosses(tower: TowerSpec, path: string): void {
  for (const loss of tower.losses) {
    if (loss.kind === "other") {
      throw new SpecError({
        path: `${path}.losses`,
        message: `this engine does not support the loss ${loss.field}`,
        expected: "binary_cross_entropy, softmax_cross_entropy, l2_loss, binary_focal_loss or jrc_loss",
      });
    }
    if (!severalClasses.includes(loss.kind) && tower.numClass !== 1) {
      throw new SpecError({
        path: `${path}.numClass`,
        message: `${loss.kind} has one output`,
        received: String(tower.numClass),
        expected: "1, or softmax_cross_entropy",
      });
    }
  }
  if (tower.losses.length === 0) {
    throw new SpecError({ path: `${path}.losses`, message: "a tower needs a loss", fix: "add a loss, such as .bce()" });
  }
}

/** Losses of several classes. */
const severalClasses: readonly string[] = ["softmax_cross_entropy", "jrc_loss"];
