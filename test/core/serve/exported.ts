/** Models that are exported for tests, and what every export is asked. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { Run } from "../../../src/api/run/run.js";
import { enginePredictor } from "../../../src/api/stream.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import { encodingSpec } from "../../../src/core/serve/encoders-shape.js";
import { exportModel } from "../../../src/core/serve/export.js";
import { openModel } from "../../../src/core/serve/served-model.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { sharedPath } from "../../shared.js";
import { expectSame, type Named, servingPython } from "./same.js";

/** A run that was trained before the tests of a file, and exported into a folder that is removed after them. */
export class Exported {
  run!: Run;
  folder!: string;

  constructor(name: string, train: () => Promise<Run>) {
    beforeAll(async () => {
      this.folder = await mkdtemp(path.join(os.tmpdir(), name));
      this.run = await train();
      await this.run.export(this.served());
    });
    afterAll(async () => {
      await this.run.dispose();
      await rm(this.folder, { recursive: true });
    });
  }

  /** A folder for an export. */
  served(name = "served"): string {
    return path.join(this.folder, name);
  }

  /** What Python predicts of rows from an export alone. */
  async inPython(rows: readonly object[], served: string = this.served()): Promise<Named> {
    const [input, output] = [path.join(this.folder, "in.json"), path.join(this.folder, "out.json")];
    await writeFile(input, JSON.stringify(rows));
    execFileSync(servingPython as string, [path.join(__dirname, "serve.py"), served, input, output]);
    return JSON.parse(await readFile(output, "utf8")) as Named;
  }

  /** Runs the calls of the export's README as they stand. */
  async expectCalls(): Promise<void> {
    const page = readFileSync(path.join(this.served(), "README.md"), "utf8");
    const snippet = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] as string;
    await symlink(path.resolve(__dirname, "..", "..", "..", "node_modules"), path.join(this.folder, "node_modules"));
    const options = { cwd: this.served(), encoding: "utf8" } as const;
    expect(execFileSync(servingPython as string, ["-c", snippet("python")], options)).toMatch(/^\[.+ .+\]\n$/);
    expect(execFileSync(process.execPath, ["-e", snippet("js")], options)).toMatch(/^Float32Array\(2\)/);
  }

  /** Exports a model of the real TorchEasyRec, and returns what its engine predicts of its evaluation rows. */
  async expectWholeRun(name: string): Promise<Named> {
    const file = (part: string) => sharedPath("golden", name, part);
    const spec = specFromConfig(readFileSync(file("pipeline.config"), "utf8"));
    const engine = await createEngine(spec, { weights: await readSafetensors(file("final.safetensors")) });
    await exportModel(engine, this.served(name));
    const data = await encode(await openTable(file("eval.parquet")), spec, { labels: false });
    const expected = await enginePredictor(engine, true)(data);
    const model = await openModel(this.served(name), 2);
    const readBack = encodingSpec(model.encoders, false);
    const encoded = await encode(await openTable(file("eval.parquet")), readBack, { labels: false });
    expectSame(Object.fromEntries(await model.predict(encoded)), expected);
    await Promise.all([model.release(), engine.dispose()]);
    return expected;
  }
}
