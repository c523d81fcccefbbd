/** Names in calls of results are types: a typo is a red squiggle that lists the names, and tab completes them. */
import { beforeAll, describe, expect, test } from "vitest";
import { correct, defined, notebook, typos } from "../api/typos.js";
import { type Compiler, compile, compilers, completions, diagnose, installDeclarations } from "./compiler.js";

let folder: string;

beforeAll(() => {
  folder = installDeclarations("name-type-tests");
});

const imports = `import {
  baselines, dataset, everyDomain, freezeGate, idFeature, moduleOff, pepnet, plot, rawFeature, suggestDomain, swapDomain,
  loadRun, type AnyModel, type Dataset, type EvaluationResult, type FitOptions, type Model, type Run, type Study,
} from "pepnet";
`;
const row =
  "{ user_id: number; item_id: number; scene: number; price: number; tss: number; clk: number; buy: number; p_clk: number }";
const start = `${imports}
declare const rows: ${row}[];
declare const plans: string;
declare const page: string;
export async function cell() {
const data = await dataset(rows);
${notebook}`;

const cell = (...lines: readonly string[]) => `${start}${lines.join("\n")}\n}\n`;

/** What the compiler says of each of these lines. */
function said(ts: Compiler, lines: readonly string[], strict: boolean): string[] {
  const program = compile(ts, folder, cell(...lines), { strict });
  const file = program.getSourceFiles().find(({ fileName }) => fileName.endsWith("snippet.ts"))!;
  const first = start.split("\n").length - 1;
  const texts = lines.map(() => "");
  for (const { start: at, messageText } of program.getSemanticDiagnostics(file)) {
    texts[file.getLineAndCharacterOfPosition(at!).line - first] +=
      `${ts.flattenDiagnosticMessageText(messageText, "\n")}\n`;
  }
  return texts;
}

/** Where types know no names. */
const open = `
const log = await dataset("log.csv");
log.split({ a: 1 }, { by: { time: "anything" }, leaks: { user: "anyone", time: "any time" } });
const logged = await model.fit(log, { validation: null });
logged.evaluate(log, { by: "anything", user: "anyone" });
logged.evaluate(null, { by: { column: "anything" } });
logged.evaluate("other.csv", { by: "anything" });
run.evaluate("other.csv", { by: "anything", user: "anyone" });
run.evaluate({ shop: [1] }, { by: "shop" });
plot("file.csv", { x: "anything" });
const column: string = String(1);
log.describe({ labels: [column], domain: column });
dataset("log.csv", { user: "anyone", time: column });
const anyRun: Run = run;
anyRun.evaluation?.auc(column);
anyRun.compare(test, { with: run, tasks: [column] });
const anyStudy: Study = study;
anyStudy.difference(column, column);
anyStudy.response(column, column);
const options: FitOptions = { earlyStopping: { monitor: { tower: "anything", metric: "own" } } };
model.fit(train, options);
const anyModel = pepnet.fromConfig("text");
const opened = await anyModel.fit(train, { earlyStopping: { monitor: { tower: column } } });
(await opened.evaluate(test)).auc(column, column);
opened.counterfactual(test, { changes: [swapDomain(column), freezeGate("ppnet", { tower: column })] });
(await opened.evaluate(test, { by: "price" })).auc("anything");
const names: string[] = ["epnet.gamma"];
(await model.ablate(train, { variants: Object.fromEntries(names.map((name) => [name, [1, 4]])) })).difference(column, "ctr");
(await model.ablate(train, { variants: [{ "epnet.gamma": 1 }] })).difference("epnet.gamma 1", "ctr");
for (const each of study.variants) study.difference(each.name, "ctr");
`;

/** Types with names are types without, for functions over data sets, runs and studies. */
const functions = `
async function measured(each: Run, rows: Dataset) { return (await each.evaluate(rows, { by: "anything" })).auc("anything"); }
const auc: number | null = await measured(run, test);
async function first<R extends Run>(each: R) { return each.evaluation?.auc("anything"); }
await first(run);
async function fitted<F extends string, L extends string, G extends string, T extends string>(each: Model<F, L, G, T>) {
  return (await (await each.fit(train)).evaluate(test)).tasks.map(({ tower }) => tower);
}
await fitted(model);
const anyOne: AnyModel = model;
let again = await model.fit(train);
again = await model.fit(train, { steps: 2 });
const other = await model.tower("more", (t) => t.label("clk").bce()).fit(data);
const runs: Run[] = [run, other, await loadRun("folder")];
run.compare(test, { with: runs });
run.compare(test, { with: other });
const evaluated: EvaluationResult = evaluation;
const studies: readonly Study[] = [study, listed, based, map.study];
(await run.recalibrate(test)).run.evaluation?.auc("ctr", "live");
const counted = await pepnet().features(idFeature("scene").vocab().embedding(4)).labels("clk").group("domain", ["scene"]).epnet()
  .domains("scene", 2).tower("ctr", (t) => t.label("clk").bce()).fit(train);
(await counted.evaluate(test)).auc("ctr", "scene=1");
return [auc, anyOne, again, evaluated, studies];
`;

for (const [name, ts] of Object.entries(compilers)) {
  for (const strict of [true, false]) {
    describe(`${name}, ${strict ? "strict" : "not strict"}`, () => {
      test("every typo is an error, which lists the names", () => {
        const texts = said(
          ts,
          typos.map(({ call }) => `${call};`),
          strict,
        );
        const unsaid = typos.filter(({ typo, names }, at) => {
          return !texts[at]!.includes(typo) || !names.some((each) => texts[at]!.includes(each));
        });
        expect(unsaid.map(({ call }) => call)).toEqual([]);
      });

      test("names that exist compile", () => {
        expect(said(ts, correct, strict).filter((text) => text !== "")).toEqual([]);
      });

      test("so does any name where only the running program knows them", () => {
        expect(diagnose(ts, folder, cell(open), { strict })).toEqual([]);
      });

      test("functions over runs, models and studies with any names take all", () => {
        expect(diagnose(ts, folder, cell(functions), { strict })).toEqual([]);
      });

      test("the compiler can write the types down, as for later cells", () => {
        const values = `import type {} from "pepnet/types";\n${cell(`return { ${defined.join(", ")} };`)}`;
        expect(diagnose(ts, folder, values, { strict, declaration: true })).toEqual([]);
      });
    });
  }
}

/** What tab offers at `▮`. */
const offers: readonly (readonly [call: string, names: readonly string[]])[] = [
  ['evaluation.auc("▮")', ["ctr", "cvr"]],
  ['evaluation.auc("ctr", "▮")', ["home", "live"]],
  ['run.evaluation.auc("▮")', ["ctr", "cvr"]],
  ['study.difference("▮", "ctr")', ["the model", "wider"]],
  ['study.difference("wider", "▮")', ["ctr", "cvr"]],
  ['study.difference("wider", "ctr", "▮")', ["home", "live"]],
  ['study.response("▮", "ctr")', ["epnet.gamma"]],
  ['found.difference("▮")', ["ctr", "cvr"]],
  ['what.effect("▮", "ctr")', ["domain live", "EPNet off"]],
  ['carried.named("▮")', ["ctr", "cvr"]],
  ['dial.movedRows({ tower: "▮" })', ["ctr", "cvr"]],
  ['run.counterfactual(test, { changes: [swapDomain("▮")] })', ["home", "live"]],
  ['run.counterfactual(test, { changes: [freezeGate("ppnet", { tower: "▮" })] })', ["ctr", "cvr"]],
  ['run.evaluate(test, { by: "▮" })', ["price", "tss"]],
  ['run.evaluate(null, { by: "▮" })', ["price", "tss"]],
  ['run.gates(test, { user: "▮" })', ["user_id", "user"]],
  ['run.compare(test, { with: run, tasks: ["▮"] })', ["ctr", "cvr"]],
  ['data.split({ a: 1 }, { by: { time: "▮" } })', ["tss"]],
  ['data.roles({ user: "▮" })', ["user_id"]],
  ['data.describe({ labels: ["▮"] })', ["clk", "buy"]],
  ['model.fit(train, { earlyStopping: { monitor: { tower: "▮" } } })', ["ctr", "cvr"]],
  ['model.transfer(train, { together: [["▮"]] })', ["home", "live"]],
  ['suggestion.ablate(model, train, { columns: ["▮"] })', ["scene"]],
];

describe.each([true, false])("tab offers the names, strict: %s", (strict) => {
  test.each(offers)("%s", (call, names) => {
    const [ts] = Object.values(compilers);
    const offered = completions(ts!, folder, cell(`${call};`), strict).map((each) => each.replaceAll('"', ""));
    expect(offered).toEqual(expect.arrayContaining([...names]));
  });
});
