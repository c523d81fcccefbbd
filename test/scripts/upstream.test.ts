/** `npm run upstream`: what a checkout of TorchEasyRec changes, here one that is made up from this repository's files. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { upstreamReport } from "../../scripts/upstream.mjs";
import { acceptModules, fingerprints, moduleChanges } from "../../scripts/upstream-modules.mjs";
import { fieldEffects } from "../../scripts/upstream-schema.mjs";

const root = path.resolve(__dirname, "../..");
const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet upstream-"));
afterAll(() => rmSync(folder, { recursive: true }));

let checkout: string;
let tests = 0;
beforeEach(() => {
  checkout = path.join(folder, `${tests++}`);
  const protos = path.join(checkout, "tzrec", "protos");
  mkdirSync(path.join(checkout, "tzrec", "models"), { recursive: true });
  cpSync(path.join(root, "src/core/config/proto"), protos, { recursive: true });
  rmSync(path.join(protos, "google"), { recursive: true });
  // As there: files import each other from the checkout's folder.
  for (const name of readdirSync(protos, { recursive: true }) as string[])
    if (name.endsWith(".proto")) edit(`tzrec/protos/${name}`, /^import "(?!google)/gm, 'import "tzrec/protos/');
  write("tzrec/models/pepnet.py", model);
  write("tzrec/version.py", '__version__ = "9.8.7"\n');
});

const write = (file: string, text: string): void => writeFileSync(path.join(checkout, file), text);
function edit(file: string, from: string | RegExp, to: string): void {
  const place = path.join(checkout, file);
  const text = readFileSync(place, "utf8");
  if (typeof from === "string") expect(text).toContain(from);
  writeFileSync(place, text.replace(from, to));
}

const model = `
import torch


class PEPNet(MultiTaskRank):
    """A model."""

    size = 3

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def predict(self, batch):
        """Runs it.

        Args:
            batch: rows
        """
        return self.tower(batch, self.size)


def helper(x):
    return x
`;

/** The report's lines on the schema. */
async function schemaLines(): Promise<string[]> {
  const { text } = await upstreamReport(checkout);
  const lines = text.split("\n");
  return lines.slice(3, lines.indexOf("", 3));
}

describe("the schema", () => {
  test("of this release has no differences, however its files import each other and write defaults", async () => {
    edit("tzrec/protos/data.proto", /optional uint64 batch_cost_size = 26/, "$& [default = 0]");
    edit("tzrec/protos/feature.proto", /message IdFeature \\{/, "// an id\n$&");
    edit(
      "tzrec/protos/pipeline.proto",
      "required string model_dir = 3;",
      'required string model_dir = 3 [default = ""];',
    );
    const { text } = await upstreamReport(checkout);
    expect(text).toMatch(
      /^TorchEasyRec 9\.8\.7, beside 1\.3\.16, which this release knows\n\nSchema: no differences\n/,
    );
  });

  test("lists new, removed and changed fields, values and messages, and what became of the old ones here", async () => {
    const data = "tzrec/protos/data.proto";
    edit(
      data,
      "message DataConfig {",
      "message DataConfig {\n  optional Clock clock = 40;\n  optional Zone zone = 41;",
    );
    edit(
      data,
      "enum FgMode {",
      "message Clock {\n  repeated Hand hands = 1;\n}\nmessage Hand {\n  optional float length = 1 [default = 2];\n}\nenum Zone {\n  UTC = 0;\n}\nenum FgMode {\n  FG_NEXT = 9;",
    );
    edit(data, /\n +optional uint32 num_workers = 6[^;]*;/, "");
    edit(data, "KafkaDataset = 5;", "KafkaDataset = 6;");
    edit(data, "optional uint32 batch_size = 1 [default = 1024]", "optional uint64 batch_size = 1 [default = 1024]");
    edit("tzrec/protos/train.proto", "optional uint32 num_steps = 3", "repeated uint32 num_steps = 33");
    edit(
      "tzrec/protos/models/multi_task_rank.proto",
      "optional float ppnet_gamma = 6 [default = 2]",
      "optional float ppnet_gamma = 6 [default = 1]",
    );
    edit(
      "tzrec/protos/models/multi_task_rank.proto",
      "optional uint32 epnet_hidden_unit = 1;",
      "optional uint32 epnet_hidden_units = 1;",
    );
    expect(await schemaLines()).toEqual([
      "  DataConfig",
      "    ~ batch_size: type uint32 → uint64  (trains here)",
      "    - num_workers: optional uint32 = 6 [default = 8]  (opens here, with a stand-in or without effect)",
      "    + clock: optional Clock = 40",
      "    + zone: optional Zone = 41",
      "  Clock (new)",
      "    + hands: repeated Hand = 1",
      "  Hand (new)",
      "    + length: optional float = 1 [default = 2]",
      "  Zone (new)",
      "    + UTC = 0",
      "  DatasetType",
      "    ~ KafkaDataset: number 5 → 6",
      "  FgMode",
      "    + FG_NEXT = 9",
      "  PEPNet",
      "    - epnet_hidden_unit: optional uint32 = 1  (trains here)",
      "    ~ ppnet_gamma: default 2 → 1  (trains here)",
      "    + epnet_hidden_units: optional uint32 = 1, the number of epnet_hidden_unit",
      "  TrainConfig",
      "    ~ num_steps: number 3 → 33, label optional → repeated  (trains here)",
    ]);
  });

  test("names a removed message, and another model without its messages", async () => {
    const models = "tzrec/protos/models/others.proto";
    edit(models, /message DeepFM \{[^}]*\}/, "message NextModel {\n  optional Inner inner = 1;\n}\nmessage Inner {}");
    edit("tzrec/protos/model.proto", "DeepFM deepfm = 101;", "NextModel next_model = 101;");
    expect(await schemaLines()).toEqual([
      "  ModelConfig",
      "    - deepfm: oneof model DeepFM = 101",
      "    + next_model: oneof model NextModel = 101, the number of deepfm",
      "  DeepFM (removed)",
    ]);
  });

  test("has an effect for each field that the table of docs/torcheasyrec.md lists", () => {
    const effects = fieldEffects();
    expect(effects.size).toBeGreaterThan(400);
    expect(effects.get("TrainConfig.num_epochs")).toBe("trains here");
    expect(effects.get("TDMSampler.remain_ratio")).toBe("refused here");
  });
});

describe("the modules of PEPNet", () => {
  const parts = (text: string) =>
    moduleChanges(checkout, { from: "", files: { "tzrec/models/pepnet.py": fingerprints(text) } })[0]!;

  test("are unchanged where only comments, docstrings and line breaks differ", () => {
    write(
      "tzrec/models/pepnet.py",
      model
        .replace("size: int) -> None:", "\n        size: int,\n    ) -> None:  # rows")
        .replace('"""A model."""', '"""Another text.\n\n    It has lines.\n    """')
        .replace("import torch", "import torch\nimport os"),
    );
    expect(parts(model)).toMatchObject({ changed: [], removed: [], other: [] });
    expect(fingerprints(model.replaceAll("\n", "\r\n"))).toEqual(fingerprints(model));
    expect(parts(model).unchanged).toEqual(["PEPNet", "PEPNet.__init__", "PEPNet.predict", "helper"]);
  });

  test.each([
    ["self.tower(batch, self.size)", "self.tower(batch)", { changed: ["PEPNet.predict"] }],
    ["self.size = size", "self.size = size + 1", { changed: ["PEPNet.__init__"] }],
    ["size = 3", "size = 4", { changed: ["PEPNet"] }],
    ["def helper", "def other", { removed: ["helper"], other: ["other"] }],
    ["    return x\n", "    return -x\n", { changed: ["helper"] }],
  ])("tell that %j became %j", (from, to, expected) => {
    write("tzrec/models/pepnet.py", model.replace(from, to));
    expect(parts(model)).toMatchObject({ changed: [], removed: [], other: [], ...expected });
  });

  test("appear in the report, also those that the record or the checkout lacks", async () => {
    const { text, differs } = await upstreamReport(checkout);
    expect(differs).toBe(true);
    expect(text).toContain(
      "\n  tzrec/models/pepnet.py: 0 parts unchanged\n    ~ changed: PEPNet, PEPNet.__init__, PEPNet.predict\n    - removed: PEPNet._multi_task_output_to_prediction,",
    );
    expect(text).toContain("    + new, or not recorded here: helper\n");
    expect(text).toContain("  - tzrec/modules/personalized_net.py: not in the checkout\n");
  });

  test("become the record with --accept", () => {
    const record = path.join(folder, "record.json");
    acceptModules(checkout, "9.8.7", record);
    expect(JSON.parse(readFileSync(record, "utf8"))).toEqual({
      from: "TorchEasyRec 9.8.7",
      files: { "tzrec/models/pepnet.py": fingerprints(model) },
    });
  });
});

describe("the command", () => {
  const upstream = (...args: string[]) => {
    const { INIT_CWD: _given, ...env } = process.env;
    const options = { encoding: "utf8", cwd: folder, env } as const;
    return spawnSync(process.execPath, [path.join(root, "scripts/upstream.mjs"), ...args], options);
  };

  test("prints the report, and fails if something differs", () => {
    const { status, stdout } = upstream(path.relative(folder, checkout));
    expect(stdout).toContain("Schema: no differences");
    expect(status).toBe(1);
  });

  test("says what is expected of a path that is no checkout", () => {
    const { status, stdout, stderr } = upstream(folder);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(
      `${folder} is no checkout of TorchEasyRec: it has no tzrec/protos/pipeline.proto and no tzrec/models/pepnet.py`,
    );
    expect(stderr).toContain("name the folder that has tzrec/");
    expect(upstream().stderr).toContain("expected one path and perhaps --accept, not: nothing");
    expect(upstream("a", "b").stderr).toContain("not: a b");
    expect(upstream("--acept", checkout).stderr).toContain("--acept");
  });

  test("names a file that cannot be read", () => {
    edit("tzrec/protos/train.proto", "message TrainConfig {", "message TrainConfig");
    const { status, stderr } = upstream(checkout);
    expect(status).toBe(1);
    expect(stderr).toMatch(/train\.proto is not a \.proto file that protobufjs reads: .*line \d+/);
    edit("tzrec/protos/train.proto", "message TrainConfig", "message TrainConfig {\n  optional Nowhere nowhere = 50;");
    expect(upstream(checkout).stderr).toMatch(/do not fit together: .*Nowhere/);
  });
});
