/** Clips the dense gradients, like PyTorch with TorchEasyRec's `grad_clipping`. */
import type { GradClippingSpec } from "../../../spec/index.js";
import { kernel } from "../simd/kernel.js";

/** PyTorch adds this to the norm to avoid a division by zero. */
const epsilon = 1e-6;

const limit = kernel({
  arrays: ["gradient"],
  scalars: ["least", "most"],
  lines: ["gradient = min(most, max(least, gradient))"],
});
const multiply = kernel({ arrays: ["gradient"], scalars: ["scale"], lines: ["gradient = gradient * scale"] });

/** `value`: each number to ±max. `norm`: all by their common norm (`torch.nn.utils.clip_grad_norm_`). In place. */
export function clipGradients(gradients: readonly Float32Array[], clipping: GradClippingSpec): void {
  const { maxGradient, normType } = clipping;
  if (clipping.type === "value") {
    for (const gradient of gradients) limit({ gradient }, { least: -maxGradient, most: maxGradient });
    return;
  }
  const scale = Math.fround(maxGradient / (totalNorm(gradients, normType) + epsilon));
  if (!(scale < 1)) return;
  for (const gradient of gradients) multiply({ gradient }, { scale });
}

function totalNorm(gradients: readonly Float32Array[], normType: number): number {
  let sum = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) {
      const size = Math.abs(gradient[i]!);
      if (normType === 2) sum += size * size;
      else if (normType === Number.POSITIVE_INFINITY) sum = Math.max(sum, size);
      else sum += size ** normType;
    }
  }
  return normType === Number.POSITIVE_INFINITY ? sum : sum ** (1 / normType);
}
