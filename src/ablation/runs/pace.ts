import { type ModelSpec, modelSize } from "../../spec/index.js";
import { planSteps } from "../../train/index.js";
import type { Variant } from "../design/design.js";

/** Operations per row besides the matrix products: embedding lookups and updates. */
const perRow = 100_000;

export function workOf(spec: ModelSpec, trainRows: number): number {
  const { totalSteps, stepsPerEpoch } = planSteps(spec.training, trainRows);
  return (totalSteps / stepsPerEpoch) * trainRows * (modelSize(spec).trainingFlopsPerRow + perRow);
}

export class Pace {
  readonly #trainRows: number;
  readonly #work = new Map<Variant, number>();
  #seconds = 0;
  #done = 0;

  constructor(trainRows: number) {
    this.#trainRows = trainRows;
  }

  learn(variant: Variant, seconds: number): void {
    this.#seconds += seconds;
    this.#done += this.work(variant);
  }

  secondsOf(variant: Variant): number | null {
    return this.#done === 0 ? null : (this.#seconds / this.#done) * this.work(variant);
  }

  work(variant: Variant): number {
    const work = this.#work.get(variant) ?? workOf(variant.spec, this.#trainRows);
    this.#work.set(variant, work);
    return work;
  }
}
