/**
 * The kernel on the newest Node of each line, from a snapshot: Node's own code differs, and faults of snapshots abort the
 * process. What Node's modules answer there is compared with a plain process of the same Node.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeLines, nodeOfLine } from "../../scripts/node-lines.mjs";
import { KernelClient, type KernelOptions } from "../../src/kernel/client.js";
import { internalsOption, kernelMain, kernelStarter } from "../../src/kernel/kernel-spec.js";

const usersCode = path.join(__dirname, "users-code.cjs");
const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-node-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A kernel's program on a Node, in a folder with a cache of its own. */
function place(node: string): {
  readonly program: readonly string[];
  readonly options: KernelOptions;
  readonly store: string;
} {
  const cwd = mkdtempSync(path.join(folder, "line-"));
  const cache = path.join(cwd, "cache");
  const options = { cwd, env: { ...process.env, PEPNET_CACHE: cache } };
  return { program: [node, internalsOption, kernelMain], options, store: path.join(cache, "snapshots") };
}

/** Runs a cell that must succeed. Returns the types of its outputs, or its result's text. */
async function run(kernel: KernelClient, code: string): Promise<{ readonly types: string[]; readonly text: string }> {
  const types: string[] = [];
  let text = "";
  const { reply } = kernel.execute(code, ({ content }) => {
    types.push(...Object.keys(content.data ?? {}));
    text += content.data?.["text/plain"] ?? "";
  });
  const { content } = await reply;
  expect([content.status, content.evalue, ...(content.traceback ?? [])]).toEqual(["ok", undefined]);
  return { types, text };
}

const model = `const { table } = taobaoLike({ rows: 500, seed: 1 });
const run = await pepnet()
  .features(idFeature("user_id").buckets(2000).embedding(4), idFeature("occupation").buckets(3).embedding(4))
  .labels("clk").group("domain", ["occupation"]).group("uia", ["user_id"])
  .epnet().ppnet({ hidden: [8] }).domains("occupation", ["student", "worker", "retired"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .fit(table, { steps: 4 });`;

/** All lines before a release; in CI the oldest and the newest, without the one on which all other tests run. */
const isOther = (line: number): boolean => line !== Number(process.versions.node.split(".")[0]);
const lines = process.env["PEPNET_LONG"] ? nodeLines : [nodeLines[0]!, nodeLines.at(-1)!].filter(isOther);

describe.skipIf(process.platform === "win32").each(lines)("on the newest Node %i", (line) => {
  const node = nodeOfLine(line);
  const name = node === null ? `no Node ${line} has a package for this system` : "";

  describe.skipIf(node === null)(name || "a kernel from a snapshot", () => {
    const { program, options, store } = place(node ?? "");
    let kernel: KernelClient;
    beforeAll(async () => {
      const [shell = "", ...script] = kernelStarter;
      spawnSync(shell, [...script, "--build", ...program], options);
      expect(readdirSync(store)).toEqual([expect.stringMatching(/\.snapshot$/)]);
      const argv = [...kernelStarter, ...program, "--connection-file", "{connection_file}"];
      kernel = await KernelClient.start({ ...options, argv });
      const { stdout } = spawnSync("ps", ["-o", "args=", "-p", String(kernel.pid)], { encoding: "utf8" });
      expect(stdout).toContain(`${node} --snapshot-blob ${store}`);
    });
    afterAll(() => kernel?.shutDown());

    it("runs a cell", async () => {
      expect((await run(kernel, "process.versions.node.split('.')[0]")).text).toBe(`'${line}'`);
    });

    it("draws a chart", async () => {
      const { types } = await run(kernel, 'await plot([{ x: 1, y: 2 }, { x: 2, y: 3 }], { x: "x", y: "y" })');
      expect(types).toEqual(expect.arrayContaining(["image/png", "application/vnd.plotly.v1+json"]));
    });

    it("fits a model, draws its evaluation, and writes and reads a file", async () => {
      await run(kernel, model);
      expect((await run(kernel, "run.history.points.length > 0")).text).toBe("true");
      expect((await run(kernel, "run.evaluation.chart()")).types).toContain("image/png");
      await run(kernel, 'await (await dataset([{ a: 1 }, { a: 2 }])).toParquet("rows.parquet")');
      expect((await run(kernel, '(await dataset("rows.parquet")).rows')).text).toBe("2");
    });

    it("gives cells Node's modules as they are, in its thread and in others", async () => {
      const plain = JSON.parse(execFileSync(node!, ["--no-warnings", usersCode], { encoding: "utf8" }));
      expect(JSON.stringify(plain)).not.toContain("Error");
      const file = path.join(String(options.cwd), "answers.json");
      const answers = `await require(${JSON.stringify(usersCode)}).answers(0)`;
      await run(kernel, `require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(${answers}))`);
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(plain);
    });

    it("ends with exit code 0, and leaves its snapshot alone", async () => {
      await kernel.shutDown();
      expect(kernel.death).toBe("exit code 0");
      expect(readdirSync(store)).toEqual([expect.stringMatching(/\.snapshot$/)]);
    });
  });
});
