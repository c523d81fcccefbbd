import { createHash } from "node:crypto";
import { compilePlan } from "../../engine/compiled/index.js";
import type { EngineName } from "../../engine/index.js";
import { planModel } from "../../nn/plan/index.js";
import type { ModelSpec } from "../../spec/index.js";

/** `null`: no custom layers; `undefined`: they cannot be compiled, so they have no hash. */
export async function programHash(spec: ModelSpec, engine: EngineName): Promise<string | null | undefined> {
  if (spec.layers.length === 0) return null;
  if (engine !== "compiled") return undefined;
  const { bytes } = await compilePlan(planModel(spec), "train");
  return createHash("sha256").update(bytes).digest("hex");
}
