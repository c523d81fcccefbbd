/** What the losses of a tower need. */
import { SpecError } from "../../errors/index.js";
import { knownLoss, losses, sessionFeature, type TowerSpec } from "../../spec/index.js";

/** Whether a loss compares rows of a session. */
export function ranksSessions(tower: TowerSpec): boolean {
  return tower.losses.some((loss) => sessionFeature(loss) !== null);
}

/** Throws a SpecError for losses that a tower cannot have. */
export function checkLosses(tower: TowerSpec, path: string): void {
  for (const loss of tower.losses) {
    const entry = knownLoss(loss);
    if (entry === null) {
      throw new SpecError({
        path: `${path}.losses`,
        message: `this engine does not support the loss ${loss.kind === "other" ? loss.field : loss.kind}`,
        expected: Object.keys(losses)
          .join(", ")
          .replace(/, (\w+)$/, " or $1"),
      });
    }
    if (entry.outputs === "one" && tower.numClass !== 1) {
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
