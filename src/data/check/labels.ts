/** Labels with one class only, and positives outside a task's space. */
import { domainName, type ModelSpec } from "../../spec/index.js";
import { Fault } from "../encode/report.js";
import type { EncodedData } from "../encoded.js";
import type { Table } from "../table.js";
import type { Finding } from "./finding.js";
import { columnPath, located } from "./reported.js";

/** Findings about labels, overall and by domain; columns that encoding refuses (`faulty`) are left alone. */
export async function labelFindings(
  all: EncodedData,
  spec: ModelSpec,
  table: Table,
  faulty: ReadonlySet<string>,
): Promise<Finding[]> {
  const labels = new Map([...all.labels].filter(([name]) => !faulty.has(name)));
  const data = { ...all, labels, domains: faulty.has(spec.domains?.column ?? "") ? null : all.domains };
  const findings: Finding[] = [];
  const told = new Set<string>();
  for (const tower of spec.towers) {
    const binary = tower.losses.some(({ kind }) => kind === "binary_cross_entropy" || kind === "binary_focal_loss");
    const values = data.labels.get(tower.label);
    if (values === undefined || values.length !== table.rows) continue;
    if (binary && !told.has(tower.label)) findings.push(...oneClass(tower.label, values, data, spec, table));
    told.add(tower.label);
    const indicator = tower.taskSpace === null ? undefined : data.labels.get(tower.taskSpace.indicatorLabel);
    if (tower.taskSpace?.outWeight === 0 && indicator?.length === values.length) {
      const outside = new Fault();
      for (let row = 0; row < values.length; row++) {
        if ((values[row] as number) > 0 && !((indicator[row] as number) > 0)) outside.note(row, values[row] as number);
      }
      if (outside.rows > 0)
        findings.push(await outsideSpace(tower.label, tower.taskSpace.indicatorLabel, outside, table));
    }
  }
  return findings;
}

async function outsideSpace(label: string, indicator: string, rows: Fault, table: Table): Promise<Finding> {
  return {
    severity: "warning",
    path: columnPath(table, label),
    message: `positive where "${indicator}" is not: the task's loss leaves these rows out`,
    rows: rows.rows,
    examples: await located(rows.examples, table),
    expected: `"${label}" above 0 only where "${indicator}" is`,
    fix: "mend the labels, or give the rows outside the task's space a weight",
  };
}

/** A label that is 0 in all rows, or 1, overall or in a domain that has rows. */
function oneClass(label: string, values: Float32Array, data: EncodedData, spec: ModelSpec, table: Table): Finding[] {
  const count = data.domains?.length === values.length ? (spec.domains?.count ?? 0) : 0;
  const rows = new Int32Array(count + 1);
  const positives = new Int32Array(count + 1);
  for (let row = 0; row < values.length; row++) {
    const domain = count > 0 ? (data.domains?.[row] as number) : -1;
    const positive = (values[row] as number) > 0 ? 1 : 0;
    rows[count]! += 1;
    positives[count]! += positive;
    if (domain >= 0 && domain < count) {
      rows[domain]! += 1;
      positives[domain]! += positive;
    }
  }
  const single = (at: number): boolean => rows[at]! > 0 && (positives[at] === 0 || positives[at] === rows[at]);
  const finding = (at: number, where: string): Finding => ({
    severity: "warning",
    path: columnPath(table, label),
    message: `label "${label}" is ${positives[at] === 0 ? 0 : 1} in every row${where}: there is nothing to rank, and no AUC`,
    rows: rows[at] as number,
    examples: [],
    expected: "rows of both classes",
    fix: "bring rows of the other class, or take the domain or the task out",
  });
  if (single(count)) return [finding(count, "")];
  return Array.from({ length: count }, (_, domain) => domain)
    .filter(single)
    .map((domain) => finding(domain, ` of domain ${domain} (${domainName(spec, domain)})`));
}
