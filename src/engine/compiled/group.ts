/** Engines of variants with one structure and seed, in one thread: steps on the same rows are one run. */
import type { EncodedData } from "../../data/encoded/encoded.js";
import type { Compiled } from "../../jit/compile.js";
import type { ProgramName } from "../../nn/plan/inputs.js";
import { type Plan, planModel, sendablePlan } from "../../nn/plan/plan.js";
import type { ModelSpec } from "../../spec/model.js";
import { Queue } from "../core/outputs.js";
import type { Engine, EnginePlace, StepResult } from "../engine.js";
import { compilePlan } from "./compile-plan.js";
import { CompiledEngine, type EngineCalls, Workers } from "./compiled-engine.js";
import { type Call, type TrainedSteps, unpackError } from "./control.js";

interface Asked {
  readonly place: Place;
  readonly data: EncodedData;
  readonly rows: readonly Int32Array[];
  readonly epoch: number;
  readonly resolve: (steps: readonly StepResult[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** Steps are taken when every engine that has a place has asked for one, or has left. */
export class EngineGroup {
  readonly #workers = new Workers(1);
  readonly #queue = new Queue();
  readonly #places: ReadonlySet<Place>;
  readonly #open: Set<Place>;
  #asked: Asked[] = [];

  /** @param size number of engines, each with its place, which it must leave in the end */
  constructor(size: number) {
    this.#places = new Set(Array.from({ length: size }, (_, member) => new Place(this, member, size)));
    this.#open = new Set(this.#places);
  }

  get places(): readonly Place[] {
    return [...this.#places];
  }

  /** Calls never overlap: the engines share the programs of one thread. */
  call<T>(call: Call): Promise<T> {
    return this.#queue.run(() => this.#workers.first<T>(call));
  }

  onData<T>(data: EncodedData, call: (data: number) => Call): Promise<T> {
    return this.#queue.run(() => this.#workers.first<T>(call(this.#workers.keep(data))));
  }

  /** Of steps there is one program, that of all. */
  async load(name: ProgramName, compiled: () => Promise<Compiled>): Promise<void> {
    if (name !== "train") await this.#queue.run(() => this.#workers.load(name, compiled));
  }

  start(place: Place, plan: Plan, seed: number): Promise<void> {
    const { member } = place;
    const rest = { threads: 1, rank: 0, size: 1, arrays: { given: null }, control: this.#workers.control };
    return this.#queue.run(async () => {
      await this.#workers.first({ kind: "start", member, start: { plan: sendablePlan(plan), seed, ...rest } });
      await this.#workers.load("joined", () => compilePlan(plan, "train", "joined"));
    });
  }

  train(asked: Asked): void {
    this.#asked.push(asked);
    this.#trainIfComplete();
  }

  async leave(place: Place): Promise<void> {
    if (!this.#open.delete(place)) return;
    this.#trainIfComplete();
    if (this.#open.size === 0) await this.#queue.close(() => this.#workers.close());
    else await this.call({ kind: "leave", member: place.member });
  }

  #trainIfComplete(): void {
    if (this.#asked.length === 0 || this.#asked.length < this.#open.size) return;
    const asked = this.#asked;
    this.#asked = [];
    const parties: Asked[][] = [];
    for (const each of asked) {
      const party = parties.find(([first]) => isSameStep(first!, each));
      if (party === undefined) parties.push([each]);
      else party.push(each);
    }
    for (const party of parties) void this.#trainTogether(party);
  }

  async #trainTogether(party: readonly Asked[]): Promise<void> {
    const [{ rows: first, epoch }] = party as [Asked];
    // Each sends as many batches as its own pace allows, and goes on from where all of them are.
    const count = sameBatches(party);
    try {
      const trained = await this.#queue.run(() => {
        const members = party.map(({ place: { member }, data }) => ({ member, data: this.#workers.keep(data) }));
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

function isSameStep(a: Asked, b: Asked): boolean {
  return a.epoch === b.epoch && isSame(a.rows[0]!, b.rows[0]!);
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((row, at) => row === b[at]);
}

/** The number of first batches that are the same for all. */
function sameBatches(asked: readonly Asked[]): number {
  const [{ rows }, ...others] = asked as [Asked, ...Asked[]];
  let count = 0;
  while (count < rows.length && others.every((each) => isSame(rows[count]!, each.rows[count] ?? noRows))) count++;
  return count;
}

const noRows = new Int32Array(0);

/** The place of one engine in a group. */
export class Place implements EngineCalls, EnginePlace {
  readonly size = 1;

  constructor(
    private readonly group: EngineGroup,
    readonly member: number,
    readonly engines: number,
  ) {}

  async open(spec: ModelSpec, seed: number): Promise<Engine> {
    const plan = planModel(spec);
    await this.group.start(this, plan, seed);
    return new CompiledEngine(plan, this, 1);
  }

  async all<T>(callOf: Call | ((rank: number) => Call)): Promise<T[]> {
    return [await this.first<T>(typeof callOf === "function" ? callOf(0) : callOf)];
  }

  first<T>(call: Call): Promise<T> {
    return this.group.call<T>({ ...call, member: this.member });
  }

  async others(): Promise<void> {}

  async onData<T>(data: EncodedData, call: (data: number) => Call): Promise<T[]> {
    return [await this.group.onData<T>(data, (key) => ({ ...call(key), member: this.member }))];
  }

  async train(data: EncodedData, rows: readonly Int32Array[], epoch: number): Promise<(readonly StepResult[])[]> {
    const steps = new Promise<readonly StepResult[]>((resolve, reject) => {
      this.group.train({ place: this, data, rows, epoch, resolve, reject });
    });
    return [await steps];
  }

  load(name: ProgramName, compiled: () => Promise<Compiled>): Promise<void> {
    return this.group.load(name, compiled);
  }

  /** Leaves the group; others do not wait for it any more. */
  close(): Promise<void> {
    return this.group.leave(this);
  }
}
