/** Where faults of rows are reported. */

/** Receives the faults of rows: a report of encoding. */
export interface ReportedRows {
  rowProblem(problem: {
    readonly column: string;
    readonly row: number;
    readonly rows: number;
    readonly message: string;
    readonly received?: string | undefined;
    readonly expected?: string | undefined;
    readonly fix?: string | undefined;
    readonly examples?: readonly { readonly row: number; readonly received: string }[];
  }): void;
}
