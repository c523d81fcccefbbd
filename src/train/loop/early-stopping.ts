import type { Engine, EngineState } from "../../engine/index.js";
import { TrainError } from "../../errors/index.js";
import type { Evaluation } from "../../metrics/index.js";
import { mean } from "../../util/sums.js";

/** When to stop before the last epoch; the best weights are kept. */
export interface EarlyStopping {
  /** Number of evaluations without improvement before training stops. Default 2. */
  readonly patience?: number;
  /** The tower whose AUC is monitored; default: the mean over all towers. */
  readonly tower?: string;
  /** The minimum improvement. Default 0. */
  readonly minDelta?: number;
}

/** The best state so far, and the evaluations since. */
export interface BestState {
  readonly value: number;
  readonly step: number;
  readonly worse: number;
  readonly evaluation: Evaluation;
  readonly state: EngineState;
}

export class BestKeeper {
  constructor(
    private readonly engine: Engine,
    private readonly stopping: EarlyStopping | undefined,
    public best: BestState | null = null,
  ) {}

  async offer(evaluation: Evaluation, step: number): Promise<boolean> {
    if (!this.stopping) return false;
    const { patience = 2, minDelta = 0 } = this.stopping;
    const value = monitored(evaluation, this.stopping);
    if (this.best === null || value > this.best.value + minDelta) {
      this.best = { value, step, worse: 0, state: await this.engine.state(), evaluation };
      return false;
    }
    this.best = { ...this.best, worse: this.best.worse + 1 };
    return this.best.worse >= patience;
  }

  async restore(): Promise<Evaluation | null> {
    if (this.best === null) return null;
    if (this.best.state.step !== this.engine.steps) await this.engine.restore(this.best.state);
    return this.best.evaluation;
  }
}

/**
 * The value that ranks evaluations: the mean AUC over the towers (or that of `tower`), or, without AUC, the negative
 * loss.
 * @throws TrainError for an unknown tower
 */
export function monitored(evaluation: Evaluation, stopping: EarlyStopping = {}): number {
  const tasks = evaluation.tasks.filter((task) => stopping.tower === undefined || task.tower === stopping.tower);
  if (tasks.length === 0) {
    throw new TrainError({
      path: "earlyStopping.tower",
      message: "no such tower",
      received: `"${stopping.tower}"`,
      expected: `one of ${evaluation.tasks.map((task) => `"${task.tower}"`).join(", ")}`,
      fix: "use a tower of the model, or omit it for the mean over all",
    });
  }
  const values = tasks.map(({ overall }) => overall.auc ?? -(overall.logLoss ?? overall.meanSquaredError ?? 0));
  return mean(values);
}
