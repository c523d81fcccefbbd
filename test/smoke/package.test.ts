/** The package loads by its name in a plain process, and has what its list of files promises. See test/package. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import * as source from "../../src/index.js";

const root = path.resolve(__dirname, "../..");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

async function node(program: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], { cwd: path.join(root, "dist") });
  return JSON.parse(stdout);
}

it("exports by its name what the sources export", async () => {
  const names = await node('console.log(JSON.stringify(Object.keys(require("pepnet")).sort()))');
  expect(names).toEqual(Object.keys(source).sort());
});

it.each(Object.keys(manifest.exports))("has the entry %s, compiled and typed", (entry) => {
  const target = manifest.exports[entry];
  for (const file of typeof target === "string" ? [target] : [target.types, target.default]) {
    expect(existsSync(path.join(root, file)), file).toBe(true);
  }
});

it("trains and predicts in a process that knows nothing of the sources", async () => {
  const program = `
    const { dataset, idFeature, pepnet } = require("pepnet");
    (async () => {
      const rows = Array.from({ length: 400 }, (_, row) => ({ user: row % 20, scene: row % 2, clk: row % 4 < 2 ? 1 : 0 }));
      const data = await dataset(rows);
      const model = pepnet()
        .features(idFeature("user").buckets(20).embedding(4), idFeature("scene").buckets(2).embedding(4))
        .labels("clk").group("domain", ["scene"]).group("uia", ["user"]).epnet().ppnet({ hidden: [4] })
        .domains("scene", 2).tower("ctr", (t) => t.label("clk").mlp(4).bce())
        .train({ epochs: 1, batchSize: 100 });
      const run = await model.fit(data);
      const scores = await run.predict(data);
      console.log(JSON.stringify({ steps: run.history.points.at(-1).step, keys: Object.keys(scores) }));
      process.exit(0);
    })();`;
  expect(await node(program)).toMatchObject({ steps: 4 });
});
