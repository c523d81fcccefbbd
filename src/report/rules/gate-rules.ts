/** Rules on the gates, and on their effects in counterfactuals. */
import type { TaskEffect } from "../../gates/index.js";
import type { Interval } from "../../metrics/index.js";
import { siteName } from "../../spec/index.js";
import { count, fixed, percent, signed } from "../../util/text/format.js";
import { mainChange } from "../../views/index.js";
import type { ReportFacts } from "../facts.js";
import { higherRate, lowerRate, trainLonger, trainWithout, weightDecay } from "./actions.js";
import type { Rule } from "./rule.js";

/** A gate with at least this share of values near γ/2 is still. */
const STILL = 0.9;
/** A gate with at least this share of closed or fully open values is saturated. */
const SATURATED = 0.25;
const DEAD = 0.25;
/** Ids are rare if at least this share of rows has a rarely seen id. */
const COLD = 0.3;

export const gateRules: readonly Rule[] = [
  {
    name: "still gates",
    severity: "minor",
    when: `at least ${percent(STILL)} of a gate's values are within 0.02 γ of γ/2`,
    find: ({ gates }) =>
      (gates?.gates ?? []).flatMap((gate) =>
        gate.overall.identity >= STILL
          ? [
              {
                seen: `${siteName(gate)}'s gates barely move: P(|g − γ/2| < 0.02 γ) = ${fixed(gate.overall.identity)} with γ = ${gate.gamma}.`,
                actions: [
                  trainLonger,
                  higherRate,
                  {
                    text: `use ${gate.module === "epnet" ? "model.switches({ epnet: false })" : "a model without PPNet"}, which should perform as well`,
                  },
                ],
              },
            ]
          : [],
      ),
  },
  {
    name: "saturated gates",
    severity: "moderate",
    when: `at least ${percent(SATURATED)} of a gate's values are below 0.05 γ or above 0.95 γ`,
    find: ({ gates }) =>
      (gates?.gates ?? []).flatMap((gate) => {
        const { closed, open } = gate.overall;
        if (closed + open < SATURATED) return [];
        return [
          {
            seen: `${siteName(gate)}: ${percent(closed)} of the values are below 0.05 γ and ${percent(open)} above 0.95 γ.`,
            actions: [
              lowerRate,
              weightDecay,
              ...(open > closed ? [{ text: "try a larger γ, since most are open" }] : []),
            ],
          },
        ];
      }),
  },
  {
    name: "dead units",
    severity: "minor",
    when: `at least ${percent(DEAD)} of a gate's units do not vary over rows`,
    find: ({ gates }) =>
      (gates?.gates ?? []).flatMap((gate) =>
        gate.overall.deadUnits >= DEAD && gate.overall.identity < STILL
          ? [
              {
                seen: `${siteName(gate)}: ${percent(gate.overall.deadUnits)} of ${gate.units} units vary less than 0.001 over rows.`,
                actions: [
                  { text: "add features that vary between rows to the gate's group" },
                  { text: "make the layer smaller" },
                ],
              },
            ]
          : [],
      ),
  },
  {
    name: "rare ids",
    severity: "minor",
    when: `at least ${percent(COLD)} of the rows have an id that training rarely saw`,
    find: ({ gates }) => {
      const byField = new Map((gates?.cold ?? []).map((cold) => [cold.field, cold]));
      return [...byField.values()].flatMap(({ field, coldRows, warmRows, fewerThan }) => {
        const part = coldRows / Math.max(1, coldRows + warmRows);
        if (part < COLD) return [];
        return [
          {
            seen: `${field}: ${percent(part)} of the rows have a value with fewer than ${fewerThan} training rows.`,
            actions: [
              { text: "add features that new users and items also have: PPNet cannot personalise for rare ids" },
            ],
          },
        ];
      });
    },
  },
  {
    name: "module without effect",
    severity: "minor",
    when: "with EPNet or PPNet off, no task's AUC within domains changes beyond noise",
    find: (facts) =>
      [
        { name: "EPNet off", without: "model.switches({ epnet: false })", settings: ["switches.epnet", "epnet"] },
        { name: "PPNet off", without: "a model without .ppnet()", settings: ["switches.ppnet", "ppnet"] },
      ].flatMap(({ name, without, settings }) => {
        const tasks = withinNoise(facts, name);
        if (tasks === null) return [];
        return [
          {
            seen: `${name} changes nothing beyond noise: ΔAUC ${tasks} on ${count(facts.counterfactuals?.rows ?? 0, "row")}.${movedBetween(facts, name)}`,
            actions: [trainWithout(without, ...settings)],
          },
        ];
      }),
  },
  {
    name: "domains without effect",
    severity: "minor",
    when: "with another domain for every row, no task's AUC within domains changes beyond noise",
    find: (facts) => {
      const tasks = withinNoise(facts, "another domain");
      if (tasks === null) return [];
      return [
        {
          seen: `Another domain for every row, with its towers, changes nothing beyond noise: ΔAUC ${tasks}.${movedBetween(facts, "another domain")}`,
          actions: [
            {
              text: "try fewer domains, or another column as the domain: these may not differ",
              pulls: ["domains", -1],
            },
          ],
        },
      ];
    },
  },
];

/** Every task's change within domains if all are known and cover 0, else `null`. */
function withinNoise(facts: ReportFacts, name: string): string | null {
  const changes = taskEffects(facts, name).map((task) => ({ tower: task.tower, auc: mainChange(task) }));
  if (changes.length === 0 || !changes.every(({ auc }) => auc.low !== null && !isBeyondNoise(auc))) return null;
  return changes.map(({ tower, auc }) => `${tower} ${changeText(auc)}`).join(", ");
}

/** A sentence, after a space, on changes between domains beyond noise; empty without such changes. */
function movedBetween(facts: ReportFacts, name: string): string {
  const changes = taskEffects(facts, name).flatMap(({ tower, parts }) =>
    parts !== null && isBeyondNoise(parts.between) ? [`${tower} ${changeText(parts.between)}`] : [],
  );
  if (changes.length === 0) return "";
  return ` Between domains AUC changes (${changes.join(", ")}): whole domains are scored higher or lower than before.`;
}

function taskEffects({ counterfactuals }: ReportFacts, name: string): readonly TaskEffect[] {
  return counterfactuals?.effects.find((effect) => effect.name === name)?.tasks ?? [];
}

function isBeyondNoise({ low, high }: Interval): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}

function changeText({ value, low, high }: Interval): string {
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}
