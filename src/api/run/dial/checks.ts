/** What a dial refuses: models without gates to scale, gammas that are not positive, unknown names, other studies. */
import { DataError, type Problem, SpecError } from "../../../errors/index.js";
import { hasEpnet, hasPpnet, type ModelSpec } from "../../../spec/index.js";
import type { ReportedStudy } from "../../report/index.js";
import type { DialGammas } from "./state.js";

/** Throws a SpecError if the model has no gates, or trains its gammas. */
export function assertScalable(spec: ModelSpec): void {
  const hasGates = hasEpnet(spec) || hasPpnet(spec);
  if (hasGates && !spec.switches.learnableGamma) return;
  throw new SpecError({
    path: "run.dial",
    message: hasGates ? "the model trains its gammas, so there is none to turn" : "the model has no gates",
    expected: "a model with EPNet or PPNet and fixed gammas",
  });
}

/** Throws a SpecError with every gamma that cannot be set. */
export function assertGammas(now: DialGammas, setting: Partial<DialGammas>): void {
  const problems = (["epnet", "ppnet"] as const).flatMap((module): Problem[] => {
    const gamma = setting[module];
    if (gamma == null) return [];
    const path = `dial.set: ${module}`;
    if (now[module] === null) return [{ path, message: `the model has no ${module === "epnet" ? "EPNet" : "PPNet"}` }];
    if (gamma > 0 && Number.isFinite(gamma)) return [];
    return [{ path, message: "must be a positive number", received: String(gamma), expected: "such as 1.5" }];
  });
  if (problems.length > 0) throw new SpecError(problems);
}

/** The place of a name. Throws a DataError if it is unknown. */
export function oneOf(path: string, what: string, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  throw new DataError({
    path: `${path}: ${what}`,
    message: `no such ${what}`,
    received: JSON.stringify(name),
    expected: names.length === 0 ? `a model with ${what}s` : `one of ${names.join(", ")}`,
  });
}

/**
 * Returns the study. Throws a SpecError if there is none, it has no curve over a gamma, or it is of another model: with
 * other gammas, tasks or domains.
 */
export function assertStudy(
  study: ReportedStudy | null,
  gammas: DialGammas,
  towers: readonly string[],
  domainNames: readonly string[],
): ReportedStudy {
  const ablate = 'await model.ablate(train, { variants: { "epnet.gamma": [0.5, 1, 4] }, seeds: 5 })';
  if (study === null) {
    const fix = `run.dial(data, { study: ${ablate} })`;
    throw new SpecError({ path: "run.dial: study", message: "the dial was opened without a study", fix });
  }
  const { facts } = study;
  const curves = facts.responses.filter(({ path }) => path === "epnet.gamma" || path === "ppnet.gamma");
  const problem = (message: string, received: string, expected: string): Problem => ({
    path: "run.dial: study",
    message,
    received,
    expected,
  });
  const problems: Problem[] = [];
  if (curves.length === 0) {
    const expected = "three values of a gamma or more, and two seeds or more";
    problems.push({ ...problem("the study has no curve over a gamma", "none", expected), fix: ablate });
  }
  for (const path of new Set(curves.map((curve) => curve.path))) {
    const [trained, studied] = [
      path === "epnet.gamma" ? gammas.epnet : gammas.ppnet,
      curves.find((curve) => curve.path === path)!.modelValue,
    ];
    if (trained === studied) continue;
    problems.push(problem(`${path} of the study's model is not the run's`, String(studied), String(trained)));
  }
  const names = (list: readonly string[]): string => (list.length === 0 ? "none" : list.join(", "));
  const tasks = facts.tasks.map(({ tower }) => tower);
  if (!tasks.some((tower) => towers.includes(tower))) {
    problems.push(problem("the study compares none of the run's tasks", names(tasks), names(towers)));
  }
  if (names(facts.domainNames) !== names(domainNames)) {
    problems.push(problem("the study's domains are not the run's", names(facts.domainNames), names(domainNames)));
  }
  if (problems.length > 0) throw new SpecError(problems);
  return study;
}
