/** The README of an exported model: its inputs and outputs, and how to call it from Python and Node. */
import { markdownCode, stringLiteral } from "../util/text/code-text.js";
import type { EncodersFile, FeatureEncoder } from "./format/encoder-types.js";
import { type ServedPort, servedPorts } from "./format/ports.js";

/** The page as Markdown, with runnable snippets. */
export function readmeText(encoders: EncodersFile): string {
  const { features, outputs } = encoders;
  return `# An exported PEPNet

\`model.onnx\` (opset 17) contains the embedding tables and all weights; \`encoders.json\` says how the columns of the data
become its inputs; \`checksums.sha256\` checks both (\`sha256sum -c checksums.sha256\`). The number of rows is free.

| input | type | shape | from |
|---|---|---|---|
${features.flatMap(inputRows).join("\n")}

Ids are rows of the embedding tables, computed by \`encoders.json\`. Several ids of a row are side by side; −1 is padding
and means no value (a zero vector). The width, \`values\`, is free, and 1 for one id per row.${sequenceSentences(features)}

| output | shape |
|---|---|
${outputs.map(({ name, classes }) => `| ${markdownCode(name, "table")} | [rows${classes === 1 ? "" : `, ${classes}`}] |`).join("\n")}

\`probs_\` are probabilities, \`probs1_\` those of the second of two classes, \`y_\` predicted numbers.${domainSentence(encoders)}

The snippets use two rows without ids and with zeros for numbers; replace them with encoded rows.

Python (\`pip install onnxruntime numpy\`):

\`\`\`python
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("model.onnx")
feeds = {
${features.flatMap((feature) => pythonFeeds(feature)).join("\n")}
}
names = [output.name for output in session.get_outputs()]
predictions = dict(zip(names, session.run(names, feeds)))
print(predictions[${stringLiteral(outputs[0]?.name ?? "")}])
\`\`\`

Node (\`npm install onnxruntime-node\`):

\`\`\`js
const ort = require("onnxruntime-node");

async function main() {
  const session = await ort.InferenceSession.create("model.onnx");
  const predictions = await session.run({
${features.flatMap((feature) => nodeFeeds(feature)).join("\n")}
  });
  console.log(predictions[${stringLiteral(outputs[0]?.name ?? "")}].data);
}

main();
\`\`\`

Or with \`pepnet\`, which also encodes: \`pepnet predict --model FOLDER in.parquet out.parquet\`, or
\`(await loadModel("FOLDER")).predict(data)\`.
`;
}

function domainSentence({ domains }: EncodersFile): string {
  if (domains === null) return "";
  return ` Outputs end in the number of the domain (${markdownCode(domains.column)}) whose tower computes them.`;
}

function sequenceSentences(features: readonly FeatureEncoder[]): string {
  if (!features.some(({ kind }) => kind === "sequence")) return "";
  return `

Sequences have at least one position; shorter rows are padded with −1 (numbers with 0). \`.length\` is each row's number of
positions.`;
}

function inputRows(feature: FeatureEncoder): string[] {
  const columns = feature.columns.map(inCell).join(" or ");
  const cross = feature.kind === "ids" ? feature.cross?.map(inCell).join(" × ") : undefined;
  const from = [columns, cross].filter(Boolean).join(" or ");
  return servedPorts(feature).map(
    ({ name, type, shape }) => `| ${inCell(name)} | ${type} | [${shape.join(", ")}] | ${from} |`,
  );
}

function inCell(name: string): string {
  return markdownCode(name, "table");
}

/** The shape in the snippets: two rows, one value. */
function snippetShape({ shape }: ServedPort): readonly number[] {
  return shape.map((dim) => (dim === "rows" ? 2 : typeof dim === "number" ? dim : 1));
}

/** −1 for ids, 0 for lengths and numbers, 1 for weights. */
function filler(feature: FeatureEncoder, { name, type }: ServedPort): number {
  if (feature.kind === "ids" && name === feature.weights) return 1;
  return type === "int64" && name === feature.name ? -1 : 0;
}

function pythonFeeds(feature: FeatureEncoder): string[] {
  return servedPorts(feature).map((port) => {
    const shape = snippetShape(port);
    const dims = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
    return `    ${stringLiteral(port.name)}: np.full(${dims}, ${filler(feature, port)}, np.${port.type}),`;
  });
}

function nodeFeeds(feature: FeatureEncoder): string[] {
  return servedPorts(feature).map((port) => {
    const shape = snippetShape(port);
    const count = shape.reduce((product, dim) => product * dim, 1);
    const value = filler(feature, port);
    const array = port.type === "int64" ? "BigInt64Array" : "Float32Array";
    const values = `new ${array}(${count})${value === 0 ? "" : `.fill(${value}${port.type === "int64" ? "n" : ""})`}`;
    return `    ${stringLiteral(port.name)}: new ort.Tensor("${port.type}", ${values}, [${shape.join(", ")}]),`;
  });
}
