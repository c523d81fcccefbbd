/** The Python program between TorchEasyRec's checkpoints, whose names only Python's pickle tells, and safetensors. */
import path from "node:path";

/** Where it lies, from the sources and from the compiled files alike. */
export const convertWeightsScript: string = path.join(__dirname, "..", "..", "python", "convert_weights.py");
