/** Draws the rows of a generated log block by block, again at each pass, so that a log may be larger than memory. */
import { exactAuc } from "../../metrics/auc.js";
import { getOrMake, joinFloats } from "../../util/growing.js";
import { type Random, restoreRandom } from "../../util/random.js";
import {
  chanceBy,
  drawLabels,
  type Impressions,
  impressionDrawer,
  interceptFor,
  logitsBy,
  timeDrawer,
} from "./chances.js";
import type { TaobaoSettings } from "./settings.js";
import { drawEffects, type World } from "./world.js";

export interface TaskBlock {
  readonly name: string;
  /** 0 and 1, [rows]. */
  readonly labels: Int32Array;
  /** Probabilities of a positive label (given a click, except for clicks), [rows]. */
  readonly truth: Float32Array;
}

export interface LogBlock {
  readonly impressions: Impressions;
  readonly tasks: readonly TaskBlock[];
  /** Unix seconds, [rows]; `null`: the log has no times. */
  readonly times: Int32Array | null;
}

const laterNames = ["cart", "fav", "share"];
const blockRows = 1 << 17;
const keptRows = 1 << 22;

interface Task {
  readonly name: string;
  readonly logits: (impressions: Impressions) => Float64Array;
  readonly labels: () => Random;
  readonly intercept: number;
}

/** Draws a log's rows; additional tasks do not change the rows of earlier ones. */
export class LogRows {
  readonly #chance: (logit: number) => number;
  #tasks: readonly Task[] | null = null;
  #cache: readonly Impressions[] | null = null;

  constructor(
    private readonly settings: TaobaoSettings,
    private readonly world: World,
    private readonly source: Random,
  ) {
    this.#chance = chanceBy(settings.noise);
  }

  *blocks(): Generator<LogBlock> {
    this.#tasks ??= this.#prepared();
    const tasks = this.#tasks;
    const streams = tasks.map((task) => task.labels());
    const times = this.settings.time ? timeDrawer(this.settings.rows, this.source.fork("time")) : null;
    for (const impressions of this.#impressions()) {
      let clicks: Int32Array | null = null;
      const taskBlocks: TaskBlock[] = [];
      for (const [index, task] of tasks.entries()) {
        const truth = this.#truth(task, impressions);
        const labels = drawLabels(truth, clicks, streams[index]!);
        clicks ??= labels;
        taskBlocks.push({ name: task.name, labels, truth });
      }
      yield {
        impressions,
        tasks: taskBlocks.slice(0, this.settings.tasks),
        times: times?.(impressions.user.length) ?? null,
      };
    }
  }

  #impressions(): Iterable<Impressions> {
    if (this.settings.rows <= keptRows) this.#cache ??= [...this.#generate()];
    return this.#cache ?? this.#generate();
  }

  *#generate(): Generator<Impressions> {
    const { settings, world, source } = this;
    const draw = impressionDrawer(settings, world, source.fork("rows"));
    for (let first = 0; first < settings.rows; first += blockRows)
      yield draw(Math.min(blockRows, settings.rows - first));
  }

  #truth({ logits, intercept }: Pick<Task, "logits" | "intercept">, impressions: Impressions): Float32Array {
    const chance = this.#chance;
    return Float32Array.from(logits(impressions), (sum) => chance(sum + intercept));
  }

  /** The intercepts: of clicks from a sample of all rows, of other labels from a sample of the clicked rows. */
  #prepared(): Task[] {
    const { settings, world, source } = this;
    const click = this.#clickTask();
    const clicked = new Uint8Array(Math.ceil(settings.rows / 8));
    const labels = click.labels();
    let clicks = 0;
    let row = 0;
    for (const impressions of this.#impressions()) {
      for (const label of drawLabels(this.#truth(click, impressions), null, labels)) {
        if (label === 1) clicked[row >>> 3]! |= 1 << (row & 7);
        clicks += label;
        row += 1;
      }
    }
    // Purchases continue the clicks' stream; every further label has a separate one.
    const afterClicks = labels.state();
    const later = Array.from({ length: Math.max(1, settings.tasks - 1) }, (_, index) => {
      if (index === 0) {
        const logits = logitsBy(world, world.purchase, false);
        return { name: "buy", logits, labels: () => restoreRandom(afterClicks) };
      }
      const name = laterNames[index - 1] ?? `action_${index + 2}`;
      const taskSource = source.fork(`task ${name}`);
      const logits = logitsBy(world, drawEffects(settings, world.ads, "purchase", taskSource.fork("effects")), false);
      return { name, logits, labels: () => source.fork(`task ${name}`).fork("labels") };
    });
    const isClicked = (at: number): boolean => ((clicked[at >>> 3]! >>> (at & 7)) & 1) === 1;
    const laterLogits = later.map(({ logits }) => logits);
    const samples = this.#samples(laterLogits, clicks, isClicked);
    const tasks = later.map((task, index) => ({
      ...task,
      intercept: interceptFor(samples[index]!, settings.purchaseRate, this.#chance),
    }));
    return [click, ...tasks];
  }

  #clickTask(): Task {
    const { settings, world, source } = this;
    const logits = logitsBy(world, world.click, true);
    const [sample = []] = this.#samples([logits], settings.rows, () => true);
    const intercept = interceptFor(sample, settings.clickRate, this.#chance);
    return { name: "clk", logits, labels: () => source.fork("labels"), intercept };
  }

  /**
   * Logits of a sample of the taken rows, at the stride for `total` rows.
   * @param isTaken whether to take the row with this number
   */
  #samples(logits: readonly Task["logits"][], total: number, isTaken: (at: number) => boolean): number[][] {
    const stride = Math.max(1, Math.floor(total / 20_000));
    const samples = logits.map((): number[] => []);
    let taken = 0;
    let first = 0;
    for (const impressions of this.#impressions()) {
      const sums = logits.map((of) => of(impressions));
      for (let row = 0; row < impressions.user.length; row++) {
        if (!isTaken(first + row)) continue;
        if (taken % stride === 0) for (const [task, taskSums] of sums.entries()) samples[task]?.push(taskSums[row]!);
        taken += 1;
      }
      first += impressions.user.length;
    }
    return samples;
  }
}

/** AUCs of the true probabilities; `null` if a class has no rows. */
export interface OracleAuc {
  readonly label: string;
  /** The label whose positive rows it is measured on (`clk` for purchases); `null`: all rows. */
  readonly within: string | null;
  /** Over all rows, or the rows of the task's space if it has one; `null` if a class is missing. */
  readonly overall: number | null;
  readonly domains: readonly (number | null)[];
}

interface Scores {
  readonly truth: Float32Array;
  readonly labels: Int32Array;
  readonly domain: Int32Array;
}

/** The best AUC of each task. Takes 20 bytes per measured row. @param domainOf each user's domain */
export function oracleAucs(log: LogRows, domainOf: Int32Array, domains: number): OracleAuc[] {
  const scores = new Map<string, Scores[]>();
  for (const { impressions, tasks } of log.blocks()) {
    const clicks = tasks[0]!.labels;
    const domain = impressions.user.map((user) => domainOf[user]!);
    for (const [index, { name, labels, truth }] of tasks.entries()) {
      const isMeasured = (_: number, row: number): boolean => index === 0 || clicks[row] === 1;
      getOrMake(scores, name, () => []).push(takenRows({ truth, labels, domain }, isMeasured));
    }
  }
  return [...scores].map(([label, blocks], index) => ({
    label,
    within: index === 0 ? null : "clk",
    overall: oracleAuc(blocks, null),
    domains: Array.from({ length: domains }, (_, domain) => oracleAuc(blocks, domain)),
  }));
}

function oracleAuc(blocks: readonly Scores[], number: number | null): number | null {
  const parts = blocks.map((block) => takenRows(block, (_, row) => number === null || block.domain[row] === number));
  return exactAuc(joinFloats(parts.map(({ truth }) => truth)), joinFloats(parts.map(({ labels }) => labels)));
}

function takenRows({ truth, labels, domain }: Scores, takes: (_: number, row: number) => boolean): Scores {
  return { truth: truth.filter(takes), labels: labels.filter(takes), domain: domain.filter(takes) };
}
