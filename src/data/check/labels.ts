/**
 * Checks for labels with one class only, and for positives outside a task's space, part by part.
 */
import { domainName, ignoredClass, ignoresRows, isBinary, type ModelSpec, type TowerSpec } from "../../spec/index.js";
import type { EncodedData } from "../encoded/encoded.js";
import { Fault } from "../table/row-problem.js";
import type { Table } from "../table/table.js";
import type { Finding } from "./finding.js";
import { columnPath, located } from "./reported.js";

/** Numbers of rows and positives of one label: per domain, then in total. */
interface ClassCounts {
  readonly rows: Float64Array;
  readonly positives: Float64Array;
}

/** The label checks, in total and by domain. */
export class LabelCounts {
  readonly #classes = new Map<string, ClassCounts>();
  /** By tower name. */
  readonly #outside = new Map<string, Fault>();
  readonly #domains: number;
  #rows = 0;

  constructor(private readonly spec: ModelSpec) {
    this.#domains = spec.domains?.count ?? 0;
  }

  /** Checks some more rows. */
  add(part: EncodedData): void {
    for (const tower of this.spec.towers) {
      const values = part.labels.get(tower.label);
      // A non-numeric column has no values here; encoding has rejected it.
      if (values === undefined || values.length !== part.rows) continue;
      if (isBinary(tower) && this.#isFirst(tower)) this.#count(tower, values, part.domains);
      const indicator = tower.taskSpace === null ? undefined : part.labels.get(tower.taskSpace.indicatorLabel);
      if (tower.taskSpace?.outWeight === 0 && indicator?.length === values.length) {
        this.#noteOutside(tower.name, values, indicator);
      }
    }
    this.#rows += part.rows;
  }

  /** Skips columns that encoding rejects (`faulty`). */
  async findings(table: Table, faulty: ReadonlySet<string>): Promise<Finding[]> {
    const findings: Finding[] = [];
    const byDomain = !faulty.has(this.spec.domains?.column ?? "");
    for (const tower of this.spec.towers) {
      if (faulty.has(tower.label)) continue;
      const counts = this.#classes.get(tower.label);
      if (counts !== undefined && isBinary(tower) && this.#isFirst(tower)) {
        findings.push(...oneClass(tower.label, counts, byDomain ? this.#domains : 0, this.spec, table));
      }
      const outside = this.#outside.get(tower.name);
      const indicator = tower.taskSpace?.indicatorLabel ?? "";
      if (outside !== undefined && !faulty.has(indicator)) {
        findings.push(await outsideSpace(tower.label, indicator, outside, table));
      }
    }
    return findings;
  }

  /** Whether no earlier tower has the same label. */
  #isFirst({ name, label }: TowerSpec): boolean {
    return this.spec.towers.find((tower) => tower.label === label)?.name === name;
  }

  /** Rows and positives of each binary label, over all domains. */
  get rates(): ReadonlyMap<string, { readonly rows: number; readonly positives: number }> {
    const all = this.#domains;
    const counts = [...this.#classes].map(([label, { rows, positives }]) => {
      return [label, { rows: rows[all]!, positives: positives[all]! }] as const;
    });
    return new Map(counts);
  }

  #count(tower: TowerSpec, values: Float32Array, domains: Int32Array | null): void {
    const { label } = tower;
    const ignores = ignoresRows(tower);
    const all = this.#domains;
    const counts = this.#classes.get(label) ?? {
      rows: new Float64Array(all + 1),
      positives: new Float64Array(all + 1),
    };
    this.#classes.set(label, counts);
    for (let row = 0; row < values.length; row++) {
      if (ignores && values[row] === ignoredClass) continue;
      const domain = domains?.length === values.length ? domains[row]! : -1;
      const positive = values[row]! > 0 ? 1 : 0;
      counts.rows[all]! += 1;
      counts.positives[all]! += positive;
      if (domain >= 0 && domain < all) {
        counts.rows[domain]! += 1;
        counts.positives[domain]! += positive;
      }
    }
  }

  #noteOutside(tower: string, values: Float32Array, indicator: Float32Array): void {
    for (let row = 0; row < values.length; row++) {
      if (!(values[row]! > 0) || indicator[row]! > 0) continue;
      const outside = this.#outside.get(tower) ?? new Fault();
      this.#outside.set(tower, outside);
      outside.note(this.#rows + row, values[row]!);
    }
  }
}

async function outsideSpace(label: string, indicator: string, rows: Fault, table: Table): Promise<Finding> {
  return {
    severity: "warning",
    path: columnPath(table, label),
    message: `positive in rows where "${indicator}" is not: the task's loss ignores these rows`,
    rows: rows.rows,
    examples: await located(rows.examples, table),
    expected: `"${label}" above 0 only where "${indicator}" is`,
    fix: "correct the labels, or set a weight for the rows outside the task's space",
  };
}

/** A label that is 0 (or 1) in all rows, in total or in a domain with rows. */
function oneClass(label: string, counts: ClassCounts, domains: number, spec: ModelSpec, table: Table): Finding[] {
  const { rows, positives } = counts;
  const all = rows.length - 1;
  const single = (at: number): boolean => rows[at]! > 0 && (positives[at] === 0 || positives[at] === rows[at]);
  const finding = (at: number, where: string): Finding => ({
    severity: "warning",
    path: columnPath(table, label),
    message: `label "${label}" is ${positives[at] === 0 ? 0 : 1} in every row${where}, so ranking and AUC are not possible`,
    rows: rows[at]!,
    examples: [],
    expected: "rows of both classes",
    fix: "add rows of the other class, or remove the domain or the task",
  });
  if (single(all)) return [finding(all, "")];
  return Array.from({ length: domains }, (_, domain) => domain)
    .filter(single)
    .map((domain) => finding(domain, ` of domain ${domain} (${domainName(spec, domain)})`));
}
