import { kernel } from "./kernel.js";

const plain = kernel({ arrays: ["sum", "other"], scalars: [], lines: ["sum = sum + other"] });
const scaled = kernel({ arrays: ["sum", "other"], scalars: ["factor"], lines: ["sum = sum + factor * other"] });

/** sum += factor · other, in float32: the product is rounded, then the sum. @throws RangeError for different sizes */
export function addInto(sum: Float32Array, other: Float32Array, factor = 1): void {
  if (factor === 1) plain({ sum, other }, {});
  else scaled({ sum, other }, { factor });
}
