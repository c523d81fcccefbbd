/** `npm run bench [-- NAME… --json --list]`: runs measurements and prints their figures. */
import { ablationMeasurement } from "./ablation.js";
import { benchmarkMeasurement } from "./benchmark.js";
import { type ChildTask, childOption } from "./child.js";
import { dataLargeMeasurement } from "./data-10m.js";
import { dataCsvMeasurement } from "./data-csv.js";
import { denseAdamMeasurement } from "./dense-adam.js";
import { estimated, estimateMeasurement, fitted } from "./estimate.js";
import { type Measurement, machine, type Report, rounded } from "./figure.js";
import { firstEveningMeasurements } from "./first-evening.js";
import { firstStepMeasurement, firstStepMillis } from "./first-step.js";
import { fitDaysMeasurement } from "./fit-days.js";
import { fitOverheadMeasurement } from "./fit-overhead.js";
import { gatesMeasurement } from "./gates.js";
import { importanceMeasurement } from "./importance.js";
import { intervalsMeasurement } from "./intervals.js";
import { kernelMeasurement } from "./kernel/measurement.js";
import { loopMeasurement } from "./loop.js";
import { memoryMeasurement, peakMegabytes } from "./memory.js";
import { messagesMeasurement } from "./messages.js";
import { sampleSpec } from "./models.js";
import { packageMeasurement } from "./package.js";
import { packageSizeMeasurement } from "./package-size.js";
import { predictionMeasurement } from "./prediction.js";
import { priorsMeasurement } from "./priors.js";
import { priorsMovielensMeasurement } from "./priors-movielens.js";
import { questionsMeasurement } from "./questions.js";
import { scaleMeasurement } from "./scale.js";
import { scaleModelMeasurements } from "./scale-models.js";
import { smallMeasurement } from "./small.js";
import { stepMeasurements } from "./steps.js";
import { floorsMeasurement } from "./studies/floors.js";
import { lessNoiseMeasurement } from "./studies/less-noise.js";
import { chosenWorlds, statisticsMeasurement } from "./studies/statistics.js";
import { timeToVerdictMeasurement } from "./studies/time-to-verdict.js";
import { interruptMeasurement, threadBlockMeasurement } from "./thread-block.js";
import { togetherMeasurement } from "./together.js";
import { torchMeasurements } from "./torch/comparison.js";
import { truthMeasurement } from "./truth.js";
import { vocabularyMeasurement } from "./vocabulary.js";

const engineMeasurements: readonly Measurement[] = [
  smallMeasurement, // first: it times a process's first run
  ...stepMeasurements,
  predictionMeasurement,
  intervalsMeasurement,
  importanceMeasurement,
  questionsMeasurement,
  loopMeasurement,
  messagesMeasurement,
  fitOverheadMeasurement,
  fitDaysMeasurement,
  gatesMeasurement,
  vocabularyMeasurement,
  denseAdamMeasurement,
  firstStepMeasurement,
  ...firstEveningMeasurements,
  threadBlockMeasurement,
  interruptMeasurement,
  memoryMeasurement,
  estimateMeasurement,
  dataCsvMeasurement,
  dataLargeMeasurement,
  priorsMeasurement,
  priorsMovielensMeasurement,
  ...scaleModelMeasurements,
  scaleMeasurement,
  ablationMeasurement,
  benchmarkMeasurement,
  togetherMeasurement,
  statisticsMeasurement,
  floorsMeasurement,
  lessNoiseMeasurement,
  timeToVerdictMeasurement,
  truthMeasurement,
  packageMeasurement,
  packageSizeMeasurement,
  kernelMeasurement,
];
const options = ["--json", "--list", "--torch", "--worlds"];

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === childOption) return child(args[1] as ChildTask, Number(args[2]));
  const worlds = args.indexOf("--worlds");
  if (worlds >= 0) chosenWorlds.file = args[worlds + 1] ?? null;
  const names = args.filter((arg, at) => !arg.startsWith("-") && (worlds < 0 || at !== worlds + 1));
  // scripts/bench.mjs prepares PyTorch for the same names.
  const usesTorch = ["--torch", "--list"].some((option) => args.includes(option)) || names.some(isTorch);
  const measurements = usesTorch ? [...engineMeasurements, ...torchMeasurements] : engineMeasurements;
  const refusal = refused(args, names, measurements);
  if (refusal !== null) {
    console.error(refusal);
    return 2;
  }
  if (args.includes("--list")) {
    for (const { name } of measurements) console.log(name);
    return 0;
  }
  const print = args.includes("--json") ? printJson : printLine;
  for (const measurement of measurements) {
    if (measurement.onlyByName && names.length === 0) continue;
    if (names.length > 0 && !names.some((name) => meets(measurement, name))) continue;
    await measurement.run((name, ...figure) => {
      if (names.length === 0 || names.some((prefix) => name.startsWith(prefix))) print(name, ...figure);
    });
  }
  return 0;
}

const isTorch = (name: string): boolean => /^(?:torch|sequence)-/.test(name);

/** The reason why a call is invalid, if it is. */
function refused(
  args: readonly string[],
  names: readonly string[],
  measurements: readonly Measurement[],
): string | null {
  if (args.at(-1) === "--worlds") return "--worlds needs a file: study-statistics --worlds FILE";
  const option = args.find((arg) => arg.startsWith("-") && !options.includes(arg));
  if (option !== undefined) return `unknown option ${option}; expected one of ${options.join(", ")}`;
  const unknown = names.find((name) => !named(measurements, name));
  if (unknown === undefined) return null;
  const available = measurements.map(({ name }) => name).join(", ");
  return `no figure begins with "${unknown}"; the measurements are ${available}`;
}

function named(measurements: readonly Measurement[], name: string): boolean {
  return measurements.some((measurement) => meets(measurement, name));
}

/** Whether a prefix matches the measurement's name or the names of its figures. */
function meets({ name }: Measurement, prefix: string): boolean {
  return name.startsWith(prefix) || prefix.startsWith(`${name}.`);
}

const printJson: Report = (name, value, unit, beside) =>
  console.log(JSON.stringify({ name, value: rounded(value), unit, machine: machine(), ...beside }));

const printLine: Report = (name, value, unit) =>
  console.log(`${name.padEnd(62)} ${String(rounded(value)).padStart(9)} ${unit}`);

async function child(task: ChildTask, rows: number): Promise<number> {
  console.log((await measuredInChild(task, rows)).join(" "));
  return 0;
}

async function measuredInChild(task: ChildTask, rows: number): Promise<readonly number[]> {
  switch (task) {
    case "memory":
      return [await peakMegabytes()];
    case "first-step":
      return [await firstStepMillis(sampleSpec())];
    case "estimate":
      return estimated(rows);
    case "estimated-fit":
      return fitted(rows);
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
