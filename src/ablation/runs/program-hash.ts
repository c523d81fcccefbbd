/**
 * What layers of one's own compute, as a hash of the compiled program: their source alone does not say it, since a
 * function may read what is around it.
 */
import { createHash } from "node:crypto";
import { compilePlan } from "../../engine/compiled/index.js";
import type { EngineName } from "../../engine/index.js";
import { planModel } from "../../nn/plan/index.js";
import type { ModelSpec } from "../../spec/index.js";

/** `null`: there are no such layers; `undefined`: they cannot be compiled, and so not be told apart. */
export async function programHash(spec: ModelSpec, engine: EngineName): Promise<string | null | undefined> {
  if (spec.layers.length === 0) return null;
  if (engine !== "compiled") return undefined;
  const { bytes } = await compilePlan(planModel(spec), "train");
  return createHash("sha256").update(bytes).digest("hex");
}
