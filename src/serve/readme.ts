/** The README of an exported model: its inputs and outputs, and how to call it from Python and Node. */
import { markdownCode, stringLiteral } from "../util/text/code-text.js";
import type { EncodersFile, FeatureEncoder } from "./served/encoders.js";

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
and means no value (a zero vector). The width, \`values\`, is free, and 1 for one id per row.

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

function inputRows(feature: FeatureEncoder): string[] {
  const columns = feature.columns.map(inCell).join(" or ");
  if (feature.kind === "values") return [`| ${inCell(feature.name)} | float32 | [rows, ${feature.dim}] | ${columns} |`];
  const cross = feature.cross?.map(inCell).join(" × ");
  const from = [columns, cross].filter(Boolean).join(" or ");
  const idsRow = `| ${inCell(feature.name)} | int64 | [rows, values] | ${from} |`;
  return feature.weights === null
    ? [idsRow]
    : [idsRow, `| ${inCell(feature.weights)} | float32 | [rows, values] | ${from} |`];
}

function inCell(name: string): string {
  return markdownCode(name, "table");
}

function pythonFeeds(feature: FeatureEncoder): string[] {
  const name = stringLiteral(feature.name);
  if (feature.kind === "values") return [`    ${name}: np.zeros((2, ${feature.dim}), np.float32),`];
  const ids = `    ${name}: np.full((2, 1), -1, np.int64),`;
  return feature.weights === null
    ? [ids]
    : [ids, `    ${stringLiteral(feature.weights)}: np.ones((2, 1), np.float32),`];
}

function nodeFeeds(feature: FeatureEncoder): string[] {
  const tensor = (name: string, type: string, values: string, width: number): string =>
    `    ${stringLiteral(name)}: new ort.Tensor("${type}", ${values}, [2, ${width}]),`;
  if (feature.kind === "values") {
    return [tensor(feature.name, "float32", `new Float32Array(${2 * feature.dim})`, feature.dim)];
  }
  const ids = tensor(feature.name, "int64", "BigInt64Array.of(-1n, -1n)", 1);
  return feature.weights === null ? [ids] : [ids, tensor(feature.weights, "float32", "Float32Array.of(1, 1)", 1)];
}
