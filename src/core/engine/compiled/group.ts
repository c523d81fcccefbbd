/** Engines of variants with one structure and seed in one thread, whose steps on the same rows are one run. */
import type { EncodedData } from "../../data/encoded/encoded.js";
import { sendablePlan } from "../../nn/plan/plan.js";
import type { ModelSpec } from "../../spec/model.js";
import { sameNumbers } from "../../util/numbers.js";
import { Queue } from "../core/outputs.js";
import type { EnginePlace, StepResult } from "../engine.js";
import { compiledPlan, compilePlan } from "./compile-plan.js";
import { compiledEngine, type EngineCalls, Workers } from "./compiled-engine.js";
import { type Call, type TrainedSteps, unpackError } from "./control.js";

interface Asked {
  readonly member: number;
  readonly data: EncodedData;
  readonly rows: readonly Int32Array[];
  readonly epoch: number;
  readonly resolve: (steps: readonly StepResult[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** A group takes its steps once every engine in it has requested one, or has left. */
export class EngineGroup {
  readonly places: readonly EnginePlace[];
  readonly #workers = new Workers(1);
  /** Calls never overlap: the engines share the programs of one thread. */
  readonly #queue = new Queue();
  readonly #open: Set<number>;
  #asked: Asked[] = [];

  /** @param size number of engines, each with its place, which it must leave in the end */
  constructor(size: number) {
    const members = Array.from({ length: size }, (_, member) => member);
    this.places = members.map((member) => this.#place(member, size));
    this.#open = new Set(members);
  }

  #place(member: number, engines: number): EnginePlace {
    const first = <T>(call: () => Call) => this.#queue.run(() => this.#workers.first<T>({ ...call(), member }));
    const close = () => this.#leave(member);
    const calls: EngineCalls = {
      size: 1,
      first: (call) => first(() => call),
      all: async <T>(callOf: Call | ((rank: number) => Call)) => [
        await first<T>(() => (typeof callOf === "function" ? callOf(0) : callOf)),
      ],
      others: async () => {},
      onData: async <T>(data: EncodedData, call: (data: number) => Call) => [
        await first<T>(() => call(this.#workers.keep(data))),
      ],
      train: async (data, rows, epoch) => [
        await new Promise<readonly StepResult[]>((resolve, reject) => {
          this.#asked.push({ member, data, rows, epoch, resolve, reject });
          this.#trainIfComplete();
        }),
      ],
      // Steps have one program, that of all variants.
      load: async (name, compiled) => {
        if (name !== "train") await this.#queue.run(() => this.#workers.load(name, compiled));
      },
      close,
    };
    const open = async (spec: ModelSpec, seed: number) => {
      const plan = compiledPlan(spec);
      const rest = { threads: 1, rank: 0, size: 1, arrays: { given: null }, control: this.#workers.control };
      await first(() => ({ kind: "start", start: { plan: sendablePlan(plan), seed, ...rest } }));
      await this.#queue.run(() => this.#workers.load("joined", () => compilePlan(plan, "train", "joined")));
      return compiledEngine(plan, calls, 1);
    };
    return { engines, open, close };
  }

  async #leave(member: number): Promise<void> {
    if (!this.#open.delete(member)) return;
    this.#trainIfComplete();
    if (this.#open.size === 0) await this.#queue.close(() => this.#workers.close());
    else await this.#queue.run(() => this.#workers.first({ kind: "leave", member }));
  }

  #trainIfComplete(): void {
    if (this.#asked.length === 0 || this.#asked.length < this.#open.size) return;
    const asked = this.#asked;
    this.#asked = [];
    const parties: Asked[][] = [];
    for (const each of asked) {
      const party = parties.find(([first]) => first!.epoch === each.epoch && sameNumbers(first!.rows[0], each.rows[0]));
      if (party === undefined) parties.push([each]);
      else party.push(each);
    }
    for (const party of parties) void this.#trainTogether(party);
  }

  async #trainTogether(party: readonly Asked[]): Promise<void> {
    const [{ rows: first, epoch }] = party as [Asked];
    // Each sends as many batches as its pace allows, and continues from where all of them are.
    const count = sameBatches(party);
    try {
      const trained = await this.#queue.run(() => {
        const members = party.map(({ member, data }) => ({ member, data: this.#workers.keep(data) }));
        return this.#workers.first<TrainedSteps[]>({ kind: "train", members, rows: first.slice(0, count), epoch });
      });
      party.forEach(({ resolve, reject }, at) => {
        const { steps, failure } = trained[at]!;
        if (failure !== null && steps.length === 0) reject(unpackError(failure));
        else resolve(steps);
      });
    } catch (error) {
      for (const { reject } of party) reject(error);
    }
  }
}

function sameBatches(asked: readonly Asked[]): number {
  const [{ rows }, ...others] = asked as [Asked, ...Asked[]];
  let count = 0;
  while (count < rows.length && others.every((each) => sameNumbers(rows[count], each.rows[count]))) count++;
  return count;
}
