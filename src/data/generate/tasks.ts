/** The labels of a generated log: clicks, and what follows them, each with its true probabilities. */
import type { Random } from "../../util/random.js";
import { drawLabels, type Impressions, logits, probabilities } from "./chances.js";
import type { TaobaoSettings } from "./settings.js";
import { drawMoreEffects, type World } from "./world.js";

/** One label. */
export interface GeneratedTask {
  readonly name: string;
  /** 0 and 1, [rows]. */
  readonly labels: Int32Array;
  /** Of a positive label (given a click, where `within` is not null), [rows]. */
  readonly truth: Float32Array;
  /** Rows that can be positive: 1 there, [rows]; `null`: all. */
  readonly within: Int32Array | null;
}

const laterNames = ["cart", "fav", "share"];

/** Draws the labels, in order; more tasks change nothing about those before them. */
export function drawTasks(settings: TaobaoSettings, world: World, shown: Impressions, source: Random): GeneratedTask[] {
  const { clickRate, purchaseRate, noise } = settings;
  const labels = source.fork("labels");
  const pClick = probabilities(logits(shown, world, world.click, true), clickRate, null, noise);
  const clk = drawLabels(pClick, null, labels);
  const pBuy = probabilities(logits(shown, world, world.purchase, false), purchaseRate, clk, noise);
  const buy = drawLabels(pBuy, clk, labels);
  const tasks: GeneratedTask[] = [
    { name: "clk", labels: clk, truth: pClick, within: null },
    { name: "buy", labels: buy, truth: pBuy, within: clk },
  ];
  for (let index = 2; index < settings.tasks; index++) {
    const name = laterNames[index - 2] ?? `action_${index + 1}`;
    const own = source.fork(`task ${name}`);
    const effects = drawMoreEffects(settings, world.ads, own.fork("effects"));
    const truth = probabilities(logits(shown, world, effects, false), purchaseRate, clk, noise);
    tasks.push({ name, labels: drawLabels(truth, clk, own.fork("labels")), truth, within: clk });
  }
  return tasks.slice(0, settings.tasks);
}
