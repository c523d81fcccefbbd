/** Names of strangers in what an export writes for people to run: its code calls the model by these names, and runs nothing else. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import MarkdownIt from "markdown-it";
import { beforeAll, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { exportReadme, trainScript } from "../../../src/core/bridge/export.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { python } from "../../kernel/python.js";

const tail = [
  `"'\\`,
  '"""]; print("ran") #',
  "\n```\n",
  `\${process.exit(9)}\`touch ran\`$(touch ran)|<script>|`,
  "\u001b[31m\u009b2J\u202e\u2028\r",
].join("");
const name = (start: string): string => `${start}${tail}`;
const [id, domain, price, label, task] = ["id", "domain", "price", "label", "task"].map(name) as [
  string,
  string,
  string,
  string,
  string,
];
const model = pepnet()
  .features(idFeature(id).buckets(9).embedding(4), idFeature(domain).buckets(2).embedding(4), rawFeature(price))
  .labels(label)
  .group("domain", [domain])
  .group("uia", [id, price])
  .epnet()
  .ppnet({ hidden: [4] })
  .domains(domain, 2)
  .tower(task, (t) => t.label(label).mlp(4).bce().auc())
  .train({ epochs: 1, batchSize: 8, seed: 1 });
const rows = Array.from({ length: 16 }, (_, row) => ({
  [id]: row % 9,
  [domain]: row % 2,
  [price]: row / 16,
  [label]: row % 3 === 0 ? 1 : 0,
}));

let folder: string;
let page: string;
let spec: ModelSpec;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-names-"));
  const run = await model.fit(rows);
  await run.export(path.join(folder, "served"));
  spec = run.spec;
  await run.dispose();
  symlinkSync(path.resolve(__dirname, "..", "..", "..", "node_modules"), path.join(folder, "node_modules"));
  page = readFileSync(path.join(folder, "served", "README.md"), "utf8");
});

const blocks = (text: string): readonly { readonly info: string; readonly content: string }[] =>
  new MarkdownIt({ html: true }).parse(text, {}).filter(({ type }) => type === "fence");

it("the page holds two pieces of code, tables of two, and nothing of a name is Markdown or HTML", () => {
  expect(blocks(page).map(({ info }) => info)).toEqual(["python", "js"]);
  const html = new MarkdownIt({ html: true }).render(page);
  expect(html.match(/<table>/g)).toHaveLength(2);
  expect(html).not.toContain("<script");
  expect(html.match(/<tr>/g)).toHaveLength(1 + 3 + 1 + 4);
});

it("the code of Node runs, and asks for the outputs by their names", () => {
  const code = blocks(page)[1]?.content as string;
  const printed = execFileSync(process.execPath, ["-e", code], { cwd: path.join(folder, "served"), encoding: "utf8" });
  expect(printed).toMatch(/^Float32Array\(2\)/);
});

it.skipIf(python === null)("the code of Python holds the names as strings, and no other statement", () => {
  const program = [
    "import ast, json, sys",
    "tree = ast.parse(sys.stdin.read())",
    "texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]",
    "print(json.dumps([[type(s).__name__ for s in tree.body], texts]))",
  ].join("\n");
  const [statements, texts] = JSON.parse(
    execFileSync(python as string, ["-c", program], { input: blocks(page)[0]?.content, encoding: "utf8" }),
  ) as [string[], string[]];
  expect(statements).toEqual(["Import", "Import", "Assign", "Assign", "Assign", "Assign", "Expr"]);
  expect(new Set(texts)).toEqual(new Set(["model.onnx", id, domain, price, `logits_${task}_0`]));
});

it("a model that fails says so once, in an error: onnxruntime prints nothing of its names", () => {
  const program = `
    const { sessionOptions } = require(${JSON.stringify(path.resolve("dist/core/engine/compiled/onnxruntime.js"))});
    const ort = require("onnxruntime-node");
    const ids = new ort.Tensor("int64", BigInt64Array.of(99n, 99n), [2, 1]);
    const numbers = new ort.Tensor("float32", new Float32Array(2), [2, 1]);
    ort.InferenceSession.create("model.onnx", sessionOptions(1))
      .then((session) => session.run(Object.fromEntries(
        session.inputNames.map((name) => [name, name.startsWith("price") ? numbers : ids]))))
      .then(() => console.log("no error"), (error) => console.log(error.message.includes("out of data bounds")));`;
  const ended = spawnSync(process.execPath, ["-e", program], { cwd: path.join(folder, "served"), encoding: "utf8" });
  expect([ended.stdout, ended.stderr]).toEqual(["true\n", ""]);
});

it.skipIf(process.platform === "win32")(
  "the script of an export to TorchEasyRec runs nothing of its folder's name",
  () => {
    const modelDir = name("-m").replaceAll("\0", "");
    const notes = [`domains are in "${domain}_domain"`];
    const trained = {
      training: spec.training,
      saves: {},
      note: null,
      notes,
      reason: "It trains 1 epoch.",
      repeats: false,
    };
    const texts = {
      spec,
      trained,
      modelDir,
      notes,
      rows: { train: 1, validation: null },
      shuffled: false,
      ownConfig: false,
    };
    const programs = "torchrun() { :; }; python() { printf '%s\\0' \"$@\"; };";
    const printed = execFileSync("bash", ["-c", `${programs}\n${trainScript(texts)}`], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(printed.split("\0").slice(0, -1)).toEqual(["convert_weights.py", `./${modelDir}`, "weights.safetensors"]);
    expect(readdirSync(folder)).not.toContain("ran");
    const html = new MarkdownIt({ html: true }).render(exportReadme(texts));
    expect(html).not.toContain("<script");
    expect(html.match(/<h[1-6]>/g)).toHaveLength(8);
  },
);
