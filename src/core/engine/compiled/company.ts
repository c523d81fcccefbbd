/** Models of one structure that take their steps together, in one worker. */
import type { Batch, EncodedData } from "../../data/encoded/encoded.js";
import type { Compiled } from "../../jit/compile.js";
import type { ModelHost } from "../core/host.js";
import { isFiniteStep, type RunInputs } from "../core/outputs.js";
import type { StepResult } from "../engine.js";
import { packError, type TrainedSteps } from "./control.js";
import { isJoint, type Session } from "./ort-session.js";

type Outputs = ReadonlyMap<string, Float32Array>;

interface Waiting {
  readonly inputs: RunInputs;
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (reason: unknown) => void;
}

interface Member {
  readonly host: ModelHost;
  readonly data: EncodedData;
}

/**
 * Each model takes its step as if it were alone, up to the run of the program, where it waits until all others have
 * arrived or ended. So the models share only that run, and their bits do not depend on the other models.
 */
export class Company {
  #stepping = 0;
  #waiting: Waiting[] = [];

  constructor(
    private readonly program: Compiled,
    private readonly session: Session,
  ) {}

  /** The outputs of a model's run, once the other models have requested theirs. */
  run(inputs: RunInputs): Promise<Outputs> {
    const outputs = new Promise<Outputs>((resolve, reject) => this.#waiting.push({ inputs, resolve, reject }));
    this.#runIfComplete();
    return outputs;
  }

  /** Steps of all members on the same rows, up to one that is not finite or fails. */
  async train(members: readonly Member[], rows: readonly Int32Array[], epoch: number): Promise<TrainedSteps[]> {
    const steps: StepResult[][] = members.map(() => []);
    for (const each of rows) {
      this.#stepping = members.length;
      const of = new Map(members.map(({ data }) => [data, { data, rows: each }]));
      const ends = await Promise.allSettled(members.map(({ host, data }) => this.#step(host, of.get(data)!, epoch)));
      for (const [place, end] of ends.entries()) if (end.status === "fulfilled") steps[place]!.push(end.value);
      if (ends.every((end) => end.status === "fulfilled" && isFiniteStep(end.value))) continue;
      return ends.map((end, place) => {
        return { steps: steps[place]!, failure: end.status === "rejected" ? packError(end.reason) : null };
      });
    }
    return steps.map((each) => ({ steps: each, failure: null }));
  }

  async #step(host: ModelHost, batch: Batch, epoch: number): Promise<StepResult> {
    try {
      return await host.step(batch, epoch);
    } finally {
      this.#stepping--;
      this.#runIfComplete();
    }
  }

  #runIfComplete(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#stepping) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    const all = waiting.map(({ inputs }) => inputs);
    void this.#runAll(isJoint(all, this.program) ? [waiting] : waiting.map((each) => [each]));
  }

  /** Runs one part after the other, since runs of a session must not overlap. */
  async #runAll(parts: readonly (readonly Waiting[])[]): Promise<void> {
    for (const part of parts) {
      try {
        const outputs = await this.session.runAll(part.map(({ inputs }) => inputs));
        for (const [place, { resolve }] of part.entries()) resolve(outputs[place]!);
      } catch (error) {
        for (const { reject } of part) reject(error);
      }
    }
  }
}
