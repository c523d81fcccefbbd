/** What rows show that are already encoded: findings of encoding, and the facts that judges read. */
import { type Finding, findingText, ranked } from "../../errors/finding.js";
import { expressionColumn, type FeatureSpec } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { idleParts } from "../../spec/validate/warnings.js";
import { getOrMake } from "../../util/growing.js";
import { percent } from "../../util/text.js";
import { sourceColumns } from "../encode/plan.js";
import { withoutMarked } from "../encode/report.js";
import { sharingOfRows } from "../encode/sharing.js";
import type { EncodedData } from "../encoded/encoded.js";
import { type EncodedRows, isStreamed, measuredColumns, takeRows } from "../encoded/streamed.js";
import { futureLeaks, mostLeakRows } from "../summary/label-counts.js";
import type { Table } from "../table/table.js";
import { type ClassCounts, LabelClasses, overallCounts } from "./class-counts.js";
import type { DataFacts } from "./facts.js";
import { judgedRows } from "./feature-judges.js";
import { FeatureLook } from "./features.js";
import { judgedData } from "./judges.js";

/** Rows on which encoding has reported. */
interface ReportedRows extends Pick<EncodedData, "rows" | "warnings" | "notes"> {}

/**
 * The findings of encoding on some rows, one for each kind. Missing numbers that an indicator marks are no finding.
 * @param name of the rows, such as `training data`
 * @param declared the spec before its features were fitted on these rows, if a training is to learn from them
 */
export function rowFindings(name: string, rows: ReportedRows, spec: ModelSpec, declared?: ModelSpec): Finding[] {
  const kinds = new Map<string, Finding[]>();
  for (const finding of withoutMarked(rows.warnings, spec)) {
    if (finding.judge === "absent domain" && declared === undefined) continue;
    getOrMake(kinds, finding.message.replace(/\d+/g, ""), () => []).push(finding);
  }
  const rare = new Set(declared?.features.flatMap(limitedColumn));
  return [...kinds.values()].map((kind) => {
    const [first] = kind as [Finding, ...Finding[]];
    const isIntended = first.judge === "id outside the table" && kind.every(({ column }) => rare.has(column!));
    const intent = isIntended ? ", as minCount intends" : "";
    if (kind.length === 1) return { ...first, path: `${name}, ${first.path}`, message: `${first.message}${intent}` };
    const shares = kind.map((finding) => (finding.rows ?? 0) / rows.rows);
    const range = [...new Set([Math.min(...shares), Math.max(...shares)].map((share) => percent(share)))].join("–");
    const most = kind.reduce((one, other) => ((other.rows ?? 0) > (one.rows ?? 0) ? other : one)).column;
    const isOne = kind.every(({ message }) => message === first.message);
    const problem = isOne ? first.message : first.message.split(", mapped")[0];
    const message = `${kind.length} columns: ${problem}, in ${range} of the rows, most in "${most}"${intent}`;
    return { severity: first.severity, judge: first.judge, path: name, message };
  });
}

/** The same as lines, with notes on how the rows were encoded. */
export function rowNotes(name: string, rows: ReportedRows, spec: ModelSpec, declared?: ModelSpec): string[] {
  return [
    ...(rows.notes ?? []).map((note) => `${name}: ${note}`),
    ...rowFindings(name, rows, spec, declared).map(findingText),
  ];
}

/** The column of a feature whose vocabulary leaves out rare values. */
function limitedColumn(feature: FeatureSpec): string[] {
  if (feature.kind !== "id" || feature.encoding.kind !== "vocabFit") return [];
  const { minCount, most } = feature.encoding;
  return minCount > 1 || most !== null ? [expressionColumn(feature.expression)] : [];
}

/** Rows, and the table that they were encoded from. */
interface EncodedTable {
  readonly table: Table;
  readonly rows: EncodedRows;
}

/**
 * Everything that a model, training and validation rows show before a training.
 * @param declared the spec before its features were fitted
 */
export async function trainingFindings(
  spec: ModelSpec,
  declared: ModelSpec,
  train: EncodedTable,
  held: EncodedTable | null,
): Promise<Finding[]> {
  const facts = await trainingFacts(train, spec);
  const heldOut = held && (await heldOutFacts(held, train.table, spec, facts.labels));
  return ranked([
    ...idleParts(spec),
    ...rowFindings("training data", train.rows, spec, declared),
    ...(held === null ? [] : rowFindings("validation data", held.rows, spec)),
    ...(await judgedData(facts)),
    ...(heldOut === null ? [] : await judgedData(heldOut)),
  ]);
}

/** Facts of training rows. For rows on disk only some are read, which cannot show that a feature is constant. */
async function trainingFacts({ table, rows }: EncodedTable, spec: ModelSpec): Promise<DataFacts> {
  const sample = await takeRows(rows, judgedRows(rows.rows));
  const isWhole = !isStreamed(rows);
  const counted = isWhole ? undefined : { rows: sample.data.rows, of: rows.rows };
  const columns = spec.features.flatMap((feature) => {
    const column = sample.data.features.get(feature.name);
    return column === undefined ? [] : [{ feature, column }];
  });
  return {
    ...(await labelledRows("training data", spec, rows)),
    sources: (feature) => sourceColumns(table, feature, spec),
    sample,
    constants: columns.flatMap(({ feature, column }) => {
      const look = new FeatureLook(feature, null);
      if (isWhole) look.add(column, rows.rows, 0);
      return look.constant ?? [];
    }),
    sharing: columns.flatMap(({ feature, column }) => {
      if (column.kind !== "ids") return [];
      const used = new Set(column.ids.filter((id) => id >= 0)).size;
      const sharing = sharingOfRows(feature, used);
      return sharing === null ? [] : [{ ...sharing, counted }];
    }),
  };
}

/** Facts of validation rows: their labels over all rows, and their users' times, beside those of the training rows. */
async function heldOutFacts(
  held: EncodedTable,
  training: Table,
  spec: ModelSpec,
  trained: DataFacts["labels"],
): Promise<DataFacts> {
  const facts = await labelledRows("validation data", spec, held.rows);
  const { user, time } = held.table.roles;
  // Parts of one source were compared where they were split.
  const isOther = !held.table.sharesSource(training) && held.rows.rows + training.rows <= mostLeakRows;
  const isKnown = user !== undefined && time !== undefined && training.has(user) && training.has(time);
  const leaks = isOther && isKnown ? await futureLeaks(training, held.table, { user, time }) : undefined;
  return { ...facts, labels: facts.labels.map(overallCounts), trained, leaks };
}

async function labelledRows(name: string, spec: ModelSpec, rows: EncodedRows) {
  const classes = new LabelClasses(spec);
  classes.add(await measuredColumns(rows, new Set()));
  const labels: readonly ClassCounts[] = classes.classes;
  return { spec, labels, place: (column: string) => `${name}, column "${column}"`, sources: () => [] };
}
