/** The `train.sh` of an export, and stand-ins for the programs that it calls. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type ExportedTexts, exportReadme, trainScript } from "../../../src/core/bridge/export.js";
import type { ExportedTraining } from "../../../src/core/bridge/exported-training.js";
import { emptySpec } from "../../../src/core/spec/model.js";
import { idFeature, pepnet } from "../../../src/index.js";

interface ScriptedTraining {
  readonly rows: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly dropRemainder?: boolean;
  readonly modelDir?: string;
  readonly validation?: number | null;
}

export function scriptFor(training: ScriptedTraining): string {
  return trainScript(textsFor(training));
}

/** The folder's README.md, of a model with a tower on the label `clk`. */
export function readmeFor(training: ScriptedTraining): string {
  const texts = textsFor(training);
  const { towers } = pepnet()
    .features(idFeature("user").buckets(4).embedding(4))
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").mlp(4).bce()).spec;
  return exportReadme({ ...texts, spec: { ...texts.spec, towers } });
}

function textsFor(scripted: ScriptedTraining): ExportedTexts {
  const { rows, batchSize, steps, dropRemainder = false, modelDir = "model", validation = null } = scripted;
  const training = { ...emptySpec.training, batchSize, steps, epochs: null, dropRemainder };
  const trained: ExportedTraining = { training, saves: {}, note: null, reason: "", notes: [], repeats: false };
  return {
    spec: { ...emptySpec, training },
    trained,
    modelDir,
    rows: { train: rows, validation },
    notes: [],
    shuffled: false,
    ownConfig: false,
  };
}

/** A `PATH` on which these shell commands stand for programs. */
export async function pathWithTools(folder: string, tools: Readonly<Record<string, string>>): Promise<string> {
  const bin = path.join(folder, "tools");
  await mkdir(bin);
  for (const [name, command] of Object.entries(tools)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${command}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  return `${bin}:${process.env.PATH}`;
}
