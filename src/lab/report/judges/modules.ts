/** Judges of modules and domains by the loss of a trained model without them. */

import { excludesZero } from "../../../core/metrics/intervals/bootstrap.js";
import { count } from "../../../core/util/text.js";
import type { TaskEffect } from "../../gates/effects.js";
import { changeText, changeVerdict, mainChange } from "../../views/gates/counterfactuals.js";
import { trainWithout } from "./actions.js";
import { observation, observations, type RunFacts, type RunJudge } from "./facts.js";

const modules = [
  { name: "EPNet off", without: "model.switches({ epnet: false })", settings: ["switches.epnet", "epnet"] },
  { name: "PPNet off", without: "a model without .ppnet()", settings: ["switches.ppnet", "ppnet"] },
];

export const moduleJudges: readonly RunJudge[] = [
  {
    name: "module without effect",
    severity: "minor",
    when: "with EPNet or PPNet off, no task's AUC within domains changes beyond noise",
    heldBy: "test/lab/gates/corrected.test.ts",
    find: (facts) =>
      observations(modules, ({ name, without, settings }) => {
        const tasks = withinNoise(facts, name);
        const rows = count(facts.counterfactuals?.rows ?? 0, "row");
        const message = `changes nothing beyond noise: ΔAUC ${tasks} on ${rows}${movedBetween(facts, name)}`;
        return tasks === null ? null : observation(name, message, trainWithout(without, ...settings));
      }),
  },
  {
    name: "module that hurts",
    severity: "moderate",
    when: "with EPNet or PPNet off, a task's AUC within domains is better beyond noise, after the correction for all changes",
    heldBy: "test/lab/gates/corrected.test.ts",
    find: (facts) =>
      observations(modules, ({ name, without, settings }) => {
        const better = taskEffects(facts, name).flatMap((task) => {
          const change = mainChange(task);
          return changeVerdict(change) === "better" ? [`${task.tower} ${changeText(change)}`] : [];
        });
        if (better.length === 0) return null;
        const message = `AUC is higher without it in this training: ${better.join(", ")}`;
        const gains = taskEffects(facts, name).map((task) => mainChange(task).value ?? 0);
        return { ...observation(name, message, trainWithout(without, ...settings)), size: Math.max(...gains) };
      }),
  },
  {
    name: "domains without effect",
    severity: "minor",
    when: "with another domain for every row, no task's AUC within domains changes beyond noise",
    heldBy: "test/lab/gates/corrected.test.ts",
    find: (facts) => {
      const tasks = withinNoise(facts, "another domain");
      if (tasks === null) return [];
      const text = "try fewer domains, or another column as the domain: these may not differ";
      const message = `changes nothing beyond noise: ΔAUC ${tasks}${movedBetween(facts, "another domain")}`;
      const place = "another domain for every row, with its towers";
      return [observation(place, message, { text, pulls: ["domains", -1] })];
    },
  },
];

/** Every task's change within domains as text, if all are known and cover 0; else `null`. */
function withinNoise(facts: RunFacts, name: string): string | null {
  if (facts.counterfactuals?.effects.some((effect) => effect.name === name && effect.nested !== null)) return null;
  const changes = taskEffects(facts, name).map((task) => ({ tower: task.tower, auc: mainChange(task) }));
  if (changes.length === 0 || !changes.every(({ auc }) => auc.low !== null && !excludesZero(auc))) return null;
  return changes.map(({ tower, auc }) => `${tower} ${changeText(auc)}`).join(", ");
}

/** Changes between domains beyond noise, after a full stop; empty without such changes. */
function movedBetween(facts: RunFacts, name: string): string {
  const changes = taskEffects(facts, name).flatMap(({ tower, parts }) =>
    parts !== null && excludesZero(parts.between) ? [`${tower} ${changeText(parts.between)}`] : [],
  );
  if (changes.length === 0) return "";
  return `. Between domains AUC changes (${changes.join(", ")}): whole domains are scored higher or lower than before`;
}

function taskEffects({ counterfactuals }: RunFacts, name: string): readonly TaskEffect[] {
  return counterfactuals?.effects.find((effect) => effect.name === name)?.tasks ?? [];
}
