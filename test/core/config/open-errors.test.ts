import { describe, expect, it } from "vitest";
import { openConfig } from "../../../src/core/config/index.js";
import { ConfigError, type Problem } from "../../../src/core/errors/index.js";
import { changed, smallConfig } from "./small-config.js";

function problemsOf(text: string, path = "pipeline.config"): readonly Problem[] {
  try {
    openConfig(text, { path });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("a syntax error gives line, column and a caret", () => {
  const caretColumn = (snippet: string): number => {
    const [, code, caret] = snippet.split("\n") as [string, string, string];
    return caret.indexOf("^") - code.indexOf("| ") - 1;
  };

  it.each([
    ["a brace that is never closed", "train_config {\n  num_epochs: 1\n", 1, 14, '"{" is never closed'],
    [
      "a list that is never closed",
      "data_config {\n  label_fields: ['a',\n  batch_size: 3 }",
      3,
      13,
      'unexpected ":" in a list',
    ],
    ["a value that is missing", "train_config {\n  num_epochs: }", 2, 15, 'unexpected "}"'],
    ["a string without its end", 'model_dir: "abc\n', 1, 12, "a string without a closing quote"],
    ["an unknown escape", 'model_dir: "a\\q"', 1, 14, "unknown escape \\q"],
    ["a stray character", "model_dir: %", 1, 12, 'unexpected "%"'],
    ["a closing brace too many", "train_config {} }", 1, 17, 'unexpected "}"'],
    ["a colon that is missing", 'model_dir "x"', 1, 11, 'unexpected "x" after "model_dir"'],
  ])("%s", (_, text, line, column, message) => {
    const [problem, ...others] = problemsOf(text);
    expect(others).toEqual([]);
    expect(problem?.path).toBe("pipeline.config");
    expect(problem?.message).toBe(`${message} at line ${line}, column ${column}`);
    expect(problem?.received).toContain(`${line} | `);
    expect(caretColumn(problem?.received ?? "")).toBe(column);
  });

  it("in JSON too", () => {
    const [problem] = problemsOf('{\n  "model_dir": "x",\n  "num_epochs" 3\n}', "pipeline.json");
    expect(problem?.message).toBe('unexpected "3" at line 3, column 16');
    expect(problem?.expected).toBe('":"');
  });

  it("under the place in a long line, which is cut", () => {
    const [problem] = problemsOf(`model_dir: "${"x".repeat(300)}" %`);
    const [, code, caret] = (problem?.received ?? "").split("\n") as [string, string, string];
    expect(code[caret.indexOf("^")]).toBe("%");
    expect(code.length).toBeLessThan(120);
  });
});

describe("what does not fit the schema is found all at once, each with its path", () => {
  it("an unknown field suggests the near one", () => {
    const [problem] = problemsOf(changed("ppnet_hidden_units", "ppnet_hiden_units"));
    expect(problem?.path).toBe("model_config.pepnet.ppnet_hiden_units");
    expect(problem?.message).toBe('PEPNet has no field "ppnet_hiden_units" (pipeline.config, line 24, column 5)');
    expect(problem?.fix).toContain('"ppnet_hidden_units"');
  });

  it("wrong types say what was expected and how to write it", () => {
    const text = changed(
      "num_epochs: 1",
      'num_epochs: "1" num_steps: -3 use_tensorboard: 2 log_step_count_steps: 1.5',
    ).replace('tower_name: "cvr"', "tower_name: cvr");
    expect(problemsOf(text).map(({ path, expected, fix }) => [path, expected, fix])).toEqual([
      ["train_config.num_steps", "an integer from 0 to 4294967295", undefined],
      ["train_config.num_epochs", "an integer from 0 to 4294967295", "write 1 without quotes"],
      ["train_config.log_step_count_steps", "an integer from 0 to 4294967295", undefined],
      ["train_config.use_tensorboard", "true or false", undefined],
      ["model_config.pepnet.task_towers[1].tower_name", "a string", 'put it in quotes: "cvr"'],
    ]);
  });

  it("enum names", () => {
    const [dataset, group] = problemsOf(changed("ParquetDataset", "ParquetDatset").replace("DEEP", '"DEEP"'));
    expect(dataset).toMatchObject({ path: "data_config.dataset_type", fix: "did you mean ParquetDataset?" });
    expect(group).toMatchObject({ path: "model_config.feature_groups[0].group_type", fix: "write DEEP" });
  });

  it("two members of a oneof", () => {
    const [problem] = problemsOf(
      changed("adam_optimizer { lr: 0.001 }", "adam_optimizer { lr: 1 } sgd_optimizer { lr: 1 }"),
    );
    expect(problem?.path).toBe("train_config.dense_optimizer.adam_optimizer");
    expect(problem?.received).toContain("^");
    expect(problem?.message).toContain("DenseOptimizer can have only one optimizer");
  });

  it("a message where a value is due, and the other way round", () => {
    expect(
      problemsOf(changed("pepnet {", "kernel: 3.5 losses: 1 num_class {} pepnet {")).map(({ path }) => path),
    ).toEqual(["model_config.num_class", "model_config.losses[0]", "model_config.kernel"]);
  });

  it("a field that is written twice counts once, as in TorchEasyRec, with a warning", () => {
    const { message, warnings } = openConfig(changed("num_epochs: 1", "num_epochs: 1 num_epochs: 2"));
    expect(message["train_config"]).toMatchObject({ num_epochs: 2 });
    expect(warnings.map((warning) => warning.path)).toEqual(["train_config.num_epochs"]);
  });

  it("our own settings line", () => {
    expect(problemsOf(`# pepnet: {"sed": 7, "domainNames": 3}\n${smallConfig}`)).toMatchObject([
      { path: "# pepnet.sed", fix: 'did you mean "seed"?' },
      { path: "# pepnet.domainNames", expected: "a list of names" },
    ]);
    expect(problemsOf(`# pepnet: {"sharedTowers": {"column": 3}}\n${smallConfig}`)).toMatchObject([
      {
        path: "# pepnet.sharedTowers",
        expected: 'the domains of a shared tower, such as {"column":"scene","count":3}',
      },
    ]);
    expect(problemsOf(`# pepnet: {seed: 7}\n${smallConfig}`)).toMatchObject([{ path: "# pepnet" }]);
  });
});
