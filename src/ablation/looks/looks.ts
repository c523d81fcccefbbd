import { comparedTask } from "../compared/compared-task.js";
import { jointConfidence, studyTasks } from "../compared/tasks.js";
import type { Design, Variant } from "../design/design.js";
import type { FinishedRun } from "../runs/study-run.js";
import type { Confidence } from "../statistics/interval.js";
import type { Compared } from "../statistics/run-score.js";
import { lookShares, type SpentLook } from "./boundaries.js";
import { spentAfter } from "./schedule.js";
import { whySettled } from "./settled.js";
import { confidenceAt, type RecordedLook, type StoppedVariant, type StudyLook } from "./study-look.js";

export interface LookQuestion extends Compared {
  readonly design: Design;
  readonly level: number;
}

export class Looks {
  readonly #question: LookQuestion;
  readonly #looks: StudyLook[] = [];
  readonly #stopped = new Set<Variant>();
  #spending: readonly SpentLook[] = [];

  constructor(question: LookQuestion) {
    this.#question = question;
  }

  get all(): readonly StudyLook[] {
    return this.#looks;
  }

  get active(): readonly Variant[] {
    return this.#question.design.variants.filter((variant) => !this.#stopped.has(variant));
  }

  /** Stops the settled variants and returns them. @param progress 0 … 1: seeds or time used, of those planned */
  look(runs: readonly FinishedRun[], seeds: readonly number[], progress: number): readonly Variant[] {
    const joint = this.#joint(runs);
    const spending = [...this.#spending, { seeds: seeds.length, spent: spentAfter(progress) }];
    const share = joint === null ? 0 : lookShares(spending, pairError(joint)).at(-1)!;
    const settled = joint === null || share === 0 ? [] : this.#settled(runs, confidenceAt(joint, { share }));
    for (const { variant } of settled) this.#stopped.add(variant);
    if (joint !== null) this.#spending = spending;
    const stopped = settled.map(({ variant, why }): StoppedVariant => ({ variant: variant.name, why }));
    this.#looks.push({ seeds, share, stopped });
    return settled.map(({ variant }) => variant);
  }

  /** The last look, at the variants that were not stopped: it spends the rest. */
  close(runs: readonly FinishedRun[], seeds: readonly number[]): void {
    if (this.active.length === 0 && this.#looks.length > 0) return;
    const last = this.#looks.at(-1);
    // Nothing was trained since: the last look has the rest as well.
    const again = last !== undefined && last.seeds.length === seeds.length;
    if (again) this.#looks.pop();
    const before = again ? this.#spending.filter((look) => look.seeds < seeds.length) : this.#spending;
    const joint = this.#joint(runs);
    const share =
      joint === null ? 1 : lookShares([...before, { seeds: seeds.length, spent: 1 }], pairError(joint)).at(-1)!;
    this.#looks.push({ seeds, share, stopped: again ? last.stopped : [] });
  }

  /** The looks as plain data: variants by their place in the design, since names are for people. */
  record(): readonly RecordedLook[] {
    const { variants } = this.#question.design;
    return this.#looks.map((look) => ({
      ...look,
      stopped: look.stopped.map(({ variant, why }) => {
        return { variant: variants.findIndex(({ name }) => name === variant), why };
      }),
    }));
  }

  replay(looks: readonly RecordedLook[]): void {
    const { variants } = this.#question.design;
    for (const { stopped, ...look } of looks) {
      for (const { variant } of stopped) this.#stopped.add(variants[variant]!);
      const names = stopped.map(({ variant, why }): StoppedVariant => ({ variant: variants[variant]!.name, why }));
      this.#looks.push({ ...look, stopped: names });
    }
  }

  #joint(runs: readonly FinishedRun[]): Confidence | null {
    const { design, level } = this.#question;
    const first = runs.find((run) => run.variant === design.model);
    if (first === undefined) return null;
    const tasks = studyTasks(first, this.#question);
    return jointConfidence(level, design.variants.length, tasks.length, first.result.domainNames.length).overall;
  }

  #settled(runs: readonly FinishedRun[], overall: Confidence): { variant: Variant; why: string }[] {
    const { design } = this.#question;
    const of = (variant: Variant): FinishedRun[] => runs.filter((run) => run.variant === variant);
    const tasks = studyTasks(of(design.model)[0]!, this.#question);
    const models = [design.model, ...design.variants].map(of);
    const cells = tasks.map((task) => comparedTask(task, models, { overall, domains: null }));
    return this.active.flatMap((variant) => {
      const at = design.variants.indexOf(variant) + 1;
      if (models[at]!.length === 0) return [{ variant, why: "no run finished" }];
      const differences = tasks.map(({ tower }, task) => {
        return { tower, difference: cells[task]![at]!.overall.difference };
      });
      const why = whySettled(differences, overall);
      return why === null ? [] : [{ variant, why }];
    });
  }
}

function pairError({ level, comparisons }: Confidence): number {
  return (1 - level) / comparisons;
}
