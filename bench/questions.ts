/** `questions`: how often a domain is suggested where there is none, and missed where it is planted. */

import { atOnce } from "../src/core/util/turns.js";
import { screenDomains } from "../src/lab/domains/screen.js";
import { type Kind, plantedLog, screened } from "../test/lab/domains/planted.js";
import { foundIn, isFalselyClear, nullKinds } from "../test/lab/domains/screen-rates.js";
import type { PlantedKind } from "../test/lab/domains/worlds.js";
import type { Measurement } from "./figure.js";
import { cost } from "./timing.js";

const nulls: readonly (readonly [kind: Kind, logs: number])[] = [
  ["rates", 40],
  ["pairs", 40],
  ["noise", 40],
];
const planted: readonly (readonly [kind: Kind, gain: number])[] = [
  ["slopes", 0.005],
  ["category", 0.02],
  ["item", 0.02],
];
const small: readonly (readonly [kind: PlantedKind, strength: number, logs: number, heavy?: boolean])[] = [
  ["slope", 0.15, 40],
  ["slope", 0.26, 20],
  ["slope", 0.26, 20, true],
  ["table", 0.2, 20],
  ["item", 0.35, 20],
  ["habit", 0.35, 20],
];
const plantedLogs = 20;
/** Of each kind of log without a domain. */
const nullLogs = 12;

export const questionsMeasurement: Measurement = {
  name: "questions",
  onlyByName: true,
  async run(report) {
    const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => 1001 + at);
    for (const kind of nullKinds) {
      const clear = seeds(nullLogs).filter((seed) => isFalselyClear(kind, seed)).length;
      report(`questions.null.${kind.replaceAll(" ", "-")}.clear.of-${nullLogs}`, clear, "count");
    }
    for (const [kind, strength, logs, heavy = false] of small) {
      const { named, wrong, gain } = foundIn(kind, strength, seeds(logs), heavy);
      const name = `questions.small.${kind}-${gain.toFixed(4)}${heavy ? ".heavy" : ""}`;
      report(`${name}.named.of-${logs}`, named, "count");
      report(`${name}.wrong.of-${logs}`, wrong, "count");
    }
    for (const [kind, logs] of nulls) {
      report(`questions.no-domain.${kind}.named.of-${logs}`, screened(kind, 0, seeds(logs)).wrong, "count");
    }
    for (const [kind, gain] of planted) {
      const { right, wrong } = screened(kind, gain, seeds(plantedLogs));
      const name = `questions.planted.${kind}-${gain}`;
      report(`${name}.right.of-${plantedLogs}`, right, "count");
      report(`${name}.wrong.of-${plantedLogs}`, wrong, "count");
    }
    const log = plantedLog(2, "item", 0.02);
    const screen = async () => atOnce(screenDomains(log, { label: "y", seed: 1 }));
    await screen();
    report("questions.candidate", (await cost(screen)).cpu / log.candidates.length, "ms");
  },
};
