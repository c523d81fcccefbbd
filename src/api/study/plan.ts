/** A study that is written down before its first run. */
import path from "node:path";
import { SpecError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { Registration } from "../../lab/ablation/plan-folder.js";
import type { PlanExploration, PlanReport } from "../../lab/ablation/study.js";
import type { DatasetSource } from "../data/dataset.js";
import type { StudyNames } from "../names.js";
import { type PreparedStudy, prepareStudy, runStudy } from "./ablate.js";
import type { Study } from "./study.js";
import type { AblationOptions, AsModel, WrittenVariants } from "./variants.js";

/** Options of a registered study: those of `ablate` that fix its runs beforehand. */
export interface PlanOptions<T extends string = string, D extends string = string, U extends string = string>
  extends Omit<AblationOptions<T, D, U>, "budget"> {
  readonly question: string;
  /** The study's folder; `plan.json` is written there before the first run. */
  readonly folder: string;
  /** Whether comparisons by domain are part of the plan. Default: false; then they are marked as exploratory. */
  readonly domains?: boolean;
  /** `grid`: every combination of the settings' values. `one-at-a-time`: each value alone. Default: `grid`. */
  readonly design?: "grid" | "one-at-a-time";
}

export interface PlanRequest extends PlanOptions {
  readonly variants: WrittenVariants;
}

type Explore = (variants: WrittenVariants) => Promise<PreparedStudy>;

/** A registered study: its plan is on disk. Made by `model.plan(data, options)`. `N`: the names that its study accepts. */
export class PlannedStudy<out N extends StudyNames = StudyNames> {
  readonly question: string;
  readonly folder: string;
  /** When the plan was written: an ISO time, UTC. */
  readonly registered: string;
  readonly #prepared: PreparedStudy;
  readonly #options: PlanOptions;
  readonly #registration: Registration;
  readonly #explore: Explore;

  /** Use `model.plan(data, options)`. @internal */
  constructor(prepared: PreparedStudy, options: PlanOptions, registration: Registration, explore: Explore) {
    this.question = registration.question;
    this.folder = path.resolve(options.folder);
    this.registered = registration.registered;
    this.#prepared = prepared;
    this.#options = options;
    this.#registration = registration;
    this.#explore = explore;
  }

  /**
   * Runs the plan; finished runs are reused. The report states the plan, and what was examined afterwards. Throws as
   * `model.ablate` does, and a DataError if the plan was changed on disk.
   * @example const study = await plan.run();
   */
  async run(): Promise<Study<N>> {
    return (await runStudy(this.#prepared, this.#options, await this.#report(false))) as Study<N>;
  }

  /**
   * Compares variants that are not in the plan with the model. Their report is marked as exploratory, and the plan's
   * reports list them from then on. Throws as `run` does.
   */
  async explore(variants: WrittenVariants): Promise<Study> {
    const { addExploration } = await import("../../lab/ablation/plan-folder.js");
    const prepared = await this.#explore(variants);
    await this.#report(true);
    const names = prepared.plan.design.variants.map(({ name }) => name);
    await addExploration(this.folder, names);
    return runStudy(prepared, this.#options, await this.#report(true));
  }

  async #report(exploratory: boolean): Promise<PlanReport> {
    const { readExplorations, readRegistration } = await import("../../lab/ablation/plan-folder.js");
    if ((await readRegistration(this.folder))?.registered !== this.registered) {
      throw new SpecError({
        path: this.folder,
        message: "the plan of this study is gone",
        received: "another plan.json, or none",
        expected: "the plan.json that was registered",
        fix: "register it again: model.plan(data, { … })",
      });
    }
    const explorations: readonly PlanExploration[] = await readExplorations(this.folder);
    const { question, registered, runsBefore } = this.#registration;
    const { folder } = this;
    const domains = this.#options.domains ?? false;
    return { question, registered, folder, domains, runsBefore, explorations, exploratory };
  }
}

export async function planModel(
  spec: ModelSpec,
  asModel: AsModel,
  source: DatasetSource,
  options: PlanRequest,
): Promise<PlannedStudy> {
  checkPlan(options ?? {});
  const { differencesFrom, readRegistration, registrationOf, writeRegistration } = await import(
    "../../lab/ablation/plan-folder.js"
  );
  const folder = path.resolve(options.folder);
  const earlier = await readRegistration(folder);
  const prepared = await prepareStudy(spec, asModel, source, options);
  const { question, domains = false } = options;
  const registration = await registrationOf(prepared.plan, prepared.ground, { question, domains });
  const differences = earlier === null ? [] : differencesFrom(earlier, registration);
  if (differences.length > 0) throw new SpecError(differences);
  if (earlier === null) await writeRegistration(folder, registration);
  const explore: Explore = (variants) => prepareStudy(spec, asModel, source, { ...options, variants });
  return new PlannedStudy(prepared, options, earlier ?? registration, explore);
}

function checkPlan({ question, folder, ...rest }: Partial<PlanRequest>): void {
  const problems = [
    ...text("plan.question", question, "Does EPNet help clicks?"),
    ...text("plan.folder", folder, "studies/epnet"),
  ];
  if ("budget" in rest) {
    const message = "a plan fixes its runs beforehand";
    problems.push({ path: "plan.budget", message, received: "budget", fix: "remove it, and set seeds" });
  }
  if (problems.length > 0) throw new SpecError(problems);
}

function text(place: string, value: unknown, example: string) {
  if (typeof value === "string" && value.trim() !== "") return [];
  const [name] = place.split(".").slice(-1);
  const fix = `${name}: ${JSON.stringify(example)}`;
  return [{ path: place, message: "must be a non-empty text", received: String(value), fix }];
}
