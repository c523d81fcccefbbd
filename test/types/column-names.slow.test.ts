/** The options of `suggestModel` complete the names of typed columns, and still accept any text. */
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const file = path.join(__dirname, "column-names.example.ts");
const text = `import { dataset, suggestModel } from "../../src/index.js";
const rows = [{ price: 3, shop: "a", clk: 1 }];
const labels = ["clk"];
void suggestModel(rows, { labels, domain: "any text" });
void dataset("log.csv").then((log) => suggestModel(log, { labels: ["clk"] }));
void dataset(rows).then((data) => suggestModel(data, { labels: [""] }));`;

test("suggestModel completes labels by the rows' columns", () => {
  const read = (name: string) => (name === file ? text : ts.sys.readFile(name));
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
  };
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const content = read(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => __dirname,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: read,
  });
  const names = service.getCompletionsAtPosition(file, text.indexOf('[""]') + 2, {})!.entries.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["price", "shop", "clk"]));
  const faults = service
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
  expect(faults).toEqual([]);
});
