/**
 * Limits for the number of domains, towers and layers, because each one adds to the compile time.
 */
import type { Problem } from "../../errors/index.js";
import { grouped } from "../../util/text/format.js";
import { type ModelSpec, towersPerTask } from "../model.js";

/** The maximum number of domains. 300 domains take a minute to compile. */
export const mostDomains = 1000;

/** The maximum number of towers: tasks × domains. */
const mostTowers = 2000;

/** The maximum number of layers of one MLP or of PPNet. */
export const mostLayers = 100;

/** The maximum number of listed problems of one kind: each unknown name is compared with all known names. */
export const mostListed = 20;

/** Every task has one tower per domain. */
export function towerCountProblems(spec: ModelSpec): Problem[] {
  const towers = spec.towers.length * (spec.domains === null ? 1 : towersPerTask(spec));
  if (!(towers > mostTowers)) return [];
  return [
    {
      path: "towers",
      message: "too many towers",
      received: `${grouped(spec.towers.length)} tasks in ${grouped(towersPerTask(spec))} domains each`,
      expected: `at most ${grouped(mostTowers)} towers in all`,
      fix: "group domains, or share towers between them: .switches({ sharedTowers: true })",
    },
  ];
}

/** The problems of the first items, and the number of further problems. */
export function listed<Item>(items: readonly Item[], path: string, problemsOf: (item: Item) => Problem[]): Problem[] {
  const problems = items.slice(0, mostListed).flatMap(problemsOf);
  const more = items.length - mostListed;
  return more <= 0 ? problems : [...problems, { path, message: `${grouped(more)} more problems of this kind` }];
}
