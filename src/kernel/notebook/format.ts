/** Notebooks as files hold them: cells, outputs and their texts. */

/** Text as notebooks store it: one string, or its lines. */
export type Multiline = string | readonly string[];

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

export interface NotebookCell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  metadata: { tags?: readonly string[]; [key: string]: unknown };
  source: Multiline;
  /** Pictures of a markdown cell by name, each by MIME type. */
  attachments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  outputs?: Output[];
  execution_count?: number | null;
}

export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export function joinLines(text: Multiline | undefined): string {
  return typeof text === "string" ? text : (text ?? []).join("");
}

/** The first meaningful line of a cell: a comment only if there is nothing else. */
export function firstLine(cell: NotebookCell): string {
  const lines = joinLines(cell.source)
    .split("\n")
    .map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("//")) ?? lines.find((line) => line !== "") ?? "";
}

export function splitLines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** An output's metadata without seeds and files, which belong to the environment that the notebook records once. */
export function ownMetadata({ metadata }: { readonly metadata?: object }): object {
  const { pepnet: _, ...rest } = (metadata ?? {}) as { readonly pepnet?: unknown };
  return rest;
}

export function hasTag(cell: NotebookCell, tag: string): boolean {
  return Array.isArray(cell.metadata.tags) && cell.metadata.tags.includes(tag);
}
