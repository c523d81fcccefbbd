/**
 * Bad input that TorchEasyRec meets with silence, a NaN or a bare KeyError: each ends here in an error that names the
 * place and the fix, or in a counted warning. One row, one case; `there` is what TorchEasyRec 1.3.16 says.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PepnetError } from "../../src/core/errors/index.js";
import { pepnet, type Run } from "../../src/index.js";

type Columns = Record<string, readonly (number | string | null)[]>;

interface Case {
  readonly what: string;
  readonly there: string;
  /** Changes the config's text. */
  readonly config?: readonly [from: string, to: string];
  /** Replaces columns of the training rows; `null` leaves one out. */
  readonly columns?: Record<string, readonly (number | string | null)[] | null>;
  /** Trains on this instead of on `train.parquet`. */
  readonly source?: string;
  /** What the error says, in this order; or, for a warning, what the run's notes say. */
  readonly error?: RegExp;
  readonly warning?: RegExp;
}

const config = `
train_input_path: "train.parquet"
eval_input_path: "test.parquet"
model_dir: "model"
train_config {
  sparse_optimizer { adagrad_optimizer { lr: 0.01 } constant_learning_rate {} }
  dense_optimizer { adam_optimizer { lr: 0.001 } constant_learning_rate {} }
  num_epochs: 1
}
data_config { batch_size: 4 dataset_type: ParquetDataset fg_mode: FG_NONE label_fields: "buy" label_fields: "scene" }
feature_configs { id_feature { feature_name: "user" expression: "user:user" num_buckets: 8 embedding_dim: 4 } }
feature_configs { id_feature { feature_name: "brand" expression: "user:brand" num_buckets: 5 embedding_dim: 4 } }
feature_configs { id_feature { feature_name: "scene" expression: "user:scene" num_buckets: 2 embedding_dim: 4 } }
feature_configs { raw_feature { feature_name: "price" expression: "item:price" } }
model_config {
  feature_groups { group_name: "all" feature_names: "user" feature_names: "brand" feature_names: "scene" feature_names: "price" group_type: DEEP }
  feature_groups { group_name: "domain" feature_names: "scene" group_type: DEEP }
  feature_groups { group_name: "uia" feature_names: "user" group_type: DEEP }
  pepnet {
    ppnet_hidden_units: 8
    ppnet_dropout_ratio: 0.1
    ppnet_activation: "nn.ReLU"
    domain_input_name: "scene"
    task_domain_num: 2
    task_towers { tower_name: "buy" label_name: "buy" mlp { hidden_units: 4 } losses { binary_cross_entropy {} } metrics { auc {} } }
  }
}`;

const rows: Columns = {
  user: [0, 1, 2, 3, 4, 5, 6, 7],
  brand: [0, 1, 2, 3, 4, 0, 1, 2],
  scene: [0, 1, 0, 1, 0, 1, 0, 1],
  price: [1, 2, 3, 4, 5, 6, 7, 8],
  buy: [0, 1, 0, 1, 1, 0, 1, 0],
};

const cases: readonly Case[] = [
  {
    what: "Parquet without rows",
    there: "finishes, no checkpoint",
    source: "empty.parquet",
    error: /empty\.parquet[\s\S]*no rows/,
  },
  {
    what: "a NaN in a raw feature",
    there: "every weight NaN",
    columns: { price: [1, 2, Number.NaN, 4, 5, 6, 7, 8] },
    error: /price[\s\S]*NaN/,
  },
  {
    what: "a NaN in a float label",
    there: "every weight NaN",
    columns: { buy: [0, 1, Number.NaN, 1, 1, 0, 1, 0] },
    error: /buy[\s\S]*NaN/,
  },
  {
    what: "label 2 for binary cross entropy",
    there: "trains",
    columns: { buy: [0, 1, 2, 1, 1, 0, 1, 0] },
    error: /buy[\s\S]*2[\s\S]*0 or 1|0 to 1|between 0 and 1/,
  },
  {
    what: "a null id",
    there: "accepted",
    columns: { brand: [0, null, 2, 3, 4, 0, 1, 2] },
    warning: /"brand".*\(1 rows?\)/,
  },
  {
    what: "an id out of range or negative",
    there: "a warning, row 0",
    columns: { brand: [0, 7, -2, 3, 4, 0, 1, 2] },
    warning: /"brand".*\(\d rows?\)/,
  },
  {
    what: "an unknown activation",
    there: "'NoneType' object is not callable, at the first forward",
    config: ["nn.ReLU", "nn.Relu"],
    error: /ppnet[\s\S]*nn\.Relu[\s\S]*nn\.ReLU/,
  },
  {
    what: "domain 2 of 2",
    there: "index 2 is out of bounds",
    columns: { scene: [0, 1, 2, 1, 0, 1, 0, 1] },
    error: /scene[\s\S]*2/,
  },
  {
    what: "domain −1",
    there: "Index 3849 is out of bounds: -1",
    columns: { scene: [0, 1, -1, 1, 0, 1, 0, 1] },
    error: /scene[\s\S]*-1/,
  },
  {
    what: "task_domain_num unset",
    there: "index 1 … size 1",
    config: ["task_domain_num: 2", ""],
    error: /task_domain_num/,
  },
  {
    what: "a missing feature column",
    there: "KeyError: 'cate_id' from a worker",
    columns: { brand: null },
    error: /brand/,
  },
  { what: "a missing label column", there: "KeyError: 'buy'", columns: { buy: null }, error: /buy/ },
  {
    what: "a file of 0 bytes",
    there: "Parquet file size is 0 bytes",
    source: "zero.parquet",
    error: /zero\.parquet[\s\S]*0 bytes|zero\.parquet[\s\S]*empty/,
  },
  { what: "a pattern that matches nothing", there: "clear", source: "none-*.parquet", error: /none-\*\.parquet/ },
  {
    what: "a null label",
    there: "zero_copy_only was True, no column",
    columns: { buy: [0, null, 0, 1, 1, 0, 1, 0] },
    error: /buy[\s\S]*null/,
  },
  {
    what: "a label as text",
    there: "clear",
    columns: { buy: ["0", "yes", "0", "1", "1", "0", "1", "0"] },
    error: /buy[\s\S]*yes/,
  },
  {
    what: "an id as text where a number is due",
    there: "no column named",
    columns: { brand: ["0", "nike", "2", "3", "4", "0", "1", "2"] },
    error: /brand[\s\S]*nike/,
  },
  {
    what: "a typo of a feature in a group",
    there: "KeyError: 'brandd'",
    config: ['feature_names: "brand"', 'feature_names: "brandd"'],
    error: /brandd[\s\S]*brand/,
  },
  {
    what: "a label or domain not in label_fields",
    there: "KeyError: 'bought'",
    config: ['label_name: "buy"', 'label_name: "bought"'],
    error: /bought/,
  },
  { what: "no group all", there: "clear", config: ['group_name: "all"', 'group_name: "every"'], error: /all/ },
  {
    what: "a wrong number of dropout ratios",
    there: "an assertion, clear",
    config: ["ppnet_dropout_ratio: 0.1", "ppnet_dropout_ratio: [0.1, 0.2]"],
    error: /dropout[\s\S]*2/,
  },
  {
    what: "uia without hidden units",
    there: "list index out of range",
    config: ["ppnet_hidden_units: 8", ""],
    error: /hidden/,
  },
  {
    what: "an unknown config field",
    there: "clear, with line and column",
    config: ["ppnet_activation", "ppnet_activaton"],
    error:
      /line \d+, column \d+[\s\S]*ppnet_activaton[\s\S]*ppnet_activation|ppnet_activaton[\s\S]*line \d+[\s\S]*ppnet_activation/,
  },
  {
    what: "neither epochs nor steps, or both",
    there: "an assertion, clear",
    config: ["num_epochs: 1", "num_epochs: 1 num_steps: 3"],
    error: /num_epochs|epochs[\s\S]*steps/,
  },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-table-"));
  await writeFile(path.join(folder, "zero.parquet"), "");
  const instance = await DuckDBInstance.create();
  const columns = Object.keys(rows).map((name) => `0 as ${name}`);
  const empty = path.join(folder, "empty.parquet").replaceAll("'", "''");
  await (await instance.connect()).run(`copy (select ${columns} where false) to '${empty}'`);
  instance.closeSync();
});
afterAll(() => rm(folder, { recursive: true }));

async function trained({ config: change, columns, source }: Case): Promise<Run> {
  const text = change === undefined ? config : config.replace(change[0], change[1]);
  if (change !== undefined) expect(text).not.toBe(config);
  const table = Object.fromEntries(Object.entries({ ...rows, ...columns }).filter(([, values]) => values !== null));
  const data = source === undefined ? (table as Columns) : path.join(folder, source);
  return pepnet.fromConfig(text).fit(data as Columns, { validation: null, quiet: true });
}

describe("what TorchEasyRec's users stumble over", () => {
  it("is as many cases as its table has", () => expect(cases).toHaveLength(24));

  it("is no fault of the model and the rows that the cases change", async () => {
    const { notes } = await trained({ what: "", there: "" });
    expect(notes.filter((note) => !/fewer than 100 steps/.test(note))).toEqual([]);
  });

  it.each(cases)("$what (there: $there)", async (each) => {
    if (each.error === undefined) {
      const { notes } = await trained(each);
      expect(notes.join("\n")).toMatch(each.warning as RegExp);
      return;
    }
    const error = await trained(each).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PepnetError);
    const [problem] = (error as PepnetError).problems;
    expect((error as PepnetError).message).toMatch(each.error);
    expect(problem?.path).toBeTruthy();
    expect(problem?.fix ?? problem?.expected, (error as PepnetError).message).toBeTruthy();
  });
});
