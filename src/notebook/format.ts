/** The notebook format (nbformat 4.5) as far as it is read and written here. */

/** Text as notebooks store it: one string, or its lines. */
export type Multiline = string | readonly string[];

/** An output of a code cell. */
export type Output =
  | { readonly output_type: "stream"; readonly name: string; text: Multiline }
  | { readonly output_type: "display_data"; data: Record<string, unknown>; metadata: object }
  | {
      readonly output_type: "execute_result";
      readonly execution_count: number;
      data: Record<string, unknown>;
      metadata: object;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** A cell. */
export interface NotebookCell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  metadata: { tags?: readonly string[]; [key: string]: unknown };
  source: Multiline;
  /** Of a markdown cell: pictures by name, each by its MIME type. */
  attachments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  outputs?: Output[];
  execution_count?: number | null;
}

/** A notebook file. */
export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

/** Text in one piece. */
export function joinLines(text: Multiline | undefined): string {
  return typeof text === "string" ? text : (text ?? []).join("");
}

/** The first line of a cell that says something: no comment where there is another. */
export function firstLine(cell: NotebookCell): string {
  const lines = joinLines(cell.source)
    .split("\n")
    .map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("//")) ?? lines.find((line) => line !== "") ?? "";
}

/** Text as lines that keep their ends, so that a saved notebook has readable differences. */
export function splitLines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** Whether a cell has an editor's tag. */
export function hasTag(cell: NotebookCell, tag: string): boolean {
  return Array.isArray(cell.metadata.tags) && cell.metadata.tags.includes(tag);
}
