/** Times Adam on one thread over the number of dense parameters of *tasks*: the vector kernel against a plain loop. */

import { denseOptimizer } from "../src/core/engine/core/optimizers.js";
import { random } from "../src/core/util/random.js";
import type { Measurement } from "./figure.js";
import { interleaved, median, ratio } from "./timing.js";

const parameters = 2_500_000;
const rate = 0.001;
const spec = { kind: "adam", lr: rate, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, amsgrad: false } as const;

/** `dense-adam`. */
export const denseAdamMeasurement: Measurement = {
  name: "dense-adam",
  async run(report) {
    const source = random(1);
    const gradient = Float32Array.from({ length: parameters }, () => source.normal());
    const [kernel, plain] = [denseOptimizer(spec, parameters), plainAdam()];
    const [values, plainValues] = [new Float32Array(parameters), new Float32Array(parameters)];
    let [step, plainStep] = [0, 0];
    const times = await interleaved(
      {
        kernel: async () => kernel.update(values, gradient, rate, ++step),
        plain: async () => plain(plainValues, gradient, ++plainStep),
      },
      { warmUp: 3, rounds: 21 },
    );
    if (values.some((value, i) => value !== plainValues[i])) throw new Error("the two differ");
    report("dense-adam.per-parameter", (median(times.kernel) * 1e6) / parameters, "ns");
    report("dense-adam.over-plain", ratio(times.kernel, times.plain), "ratio");
  },
};

/** Adam as a plain loop, rounded to float32 after each operation, which returns the same results. */
function plainAdam(): (values: Float32Array, gradient: Float32Array, step: number) => void {
  const f32 = Math.fround;
  const { beta1, beta2 } = spec;
  const [add1, keep2, add2, eps] = [f32(1 - beta1), f32(beta2), f32(1 - beta2), f32(spec.eps)];
  const [first, second] = [new Float32Array(parameters), new Float32Array(parameters)];
  return (values, gradient, step) => {
    const corrected = f32(rate / (1 - beta1 ** step));
    const correction = f32(Math.sqrt(1 - beta2 ** step));
    for (let i = 0; i < parameters; i++) {
      const g = gradient[i] as number;
      const before = first[i] as number;
      const m = f32(before + f32(add1 * f32(g - before)));
      const v = f32(f32(keep2 * (second[i] as number)) + f32(f32(add2 * g) * g));
      first[i] = m;
      second[i] = v;
      const scale = f32(f32(f32(Math.sqrt(v)) / correction) + eps);
      values[i] = (values[i] as number) - f32(corrected * f32(m / scale));
    }
  };
}
