/** Python's converter between safetensors and TorchEasyRec's checkpoints, whose names need pickle. */
import path from "node:path";

/** The program's path, which is the same from the sources and from the compiled files. */
export const convertWeightsScript: string = path.join(__dirname, "..", "..", "python", "convert_weights.py");
