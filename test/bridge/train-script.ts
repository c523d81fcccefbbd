/** The `train.sh` of an export, and stand-ins for the programs that it calls. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { trainScript } from "../../src/bridge/export.js";
import type { ExportedTraining } from "../../src/bridge/exported-training.js";
import { emptySpec } from "../../src/spec/model.js";

interface ScriptedTraining {
  readonly rows: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly dropRemainder?: boolean;
}

export function scriptFor({ rows, batchSize, steps, dropRemainder = false }: ScriptedTraining): string {
  const training = { ...emptySpec.training, batchSize, steps, epochs: null, dropRemainder };
  const trained: ExportedTraining = { training, saves: {}, note: null, reason: "", notes: [], repeats: false };
  return trainScript({
    spec: { ...emptySpec, training },
    trained,
    modelDir: "model",
    rows: { train: rows, validation: null },
    notes: [],
    shuffled: false,
    ownConfig: false,
  });
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
