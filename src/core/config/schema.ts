/** TorchEasyRec's schema, read by protobufjs from our `.proto` files. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type protobufjs from "protobufjs";
import type { Problem } from "../errors/index.js";
import { packageRoot } from "../util/files/package-root.js";
import { clipped, grouped } from "../util/text.js";
import { describePlace, type Source, type SyntaxValue } from "./tokens.js";

/** Imports in the files are relative to this folder, as with `protoc -I`. */
const folder = path.join(packageRoot, "src", "core", "config", "proto");

/** Loads a file and all its imports into one root. Field names keep their spelling. */
function readProtos(protobuf: typeof protobufjs, file: string): protobufjs.Root {
  const root = new protobuf.Root();
  const files = new Set([file]);
  for (const name of files) {
    const { imports } = protobuf.parse(readFileSync(path.join(folder, name), "utf8"), root, { keepCase: true });
    for (const imported of imports ?? []) files.add(imported);
  }
  root.resolveAll();
  return root;
}

export type MessageType = protobufjs.Type;
export type FieldType = protobufjs.Field;

let root: protobufjs.Root | undefined;

/** Loaded with the first config, so that a notebook starts without it. */
function library(): typeof protobufjs {
  return require("protobufjs");
}

export function messageType(name: string): MessageType {
  root ??= readProtos(library(), "pipeline.proto");
  return root.lookupType(name.includes(".") ? name : `tzrec.protos.${name}`);
}

/** Whether the type's fields are not listed here: such a message is kept as written. */
export function isOpen(type: MessageType): boolean {
  return (type.extensions?.length ?? 0) > 0;
}

export function fieldMessage(field: FieldType): MessageType | null {
  return !field.map && field.resolvedType instanceof library().Type ? field.resolvedType : null;
}

export function fieldEnum(field: FieldType): Readonly<Record<string, number>> | null {
  return field.resolvedType instanceof library().Enum ? field.resolvedType.values : null;
}

export function mapTypes(field: FieldType): { readonly key: string; readonly value: string } | null {
  return field instanceof library().MapField ? { key: field.keyType, value: field.type } : null;
}

export function oneofSiblings(field: FieldType): readonly string[] {
  return field.partOf?.fieldsArray.map((sibling) => sibling.name).filter((name) => name !== field.name) ?? [];
}

/** The default of a singular scalar or enum field, as a value of the config tree. */
export function fieldDefault(field: FieldType): string | number | boolean {
  const names = fieldEnum(field);
  if (names !== null) {
    const [name] = Object.entries(names).find(([, number]) => number === field.defaultValue) ?? [""];
    return name;
  }
  const value: unknown = field.defaultValue;
  return typeof value === "object" ? Number(String(value)) : (value as string | number | boolean);
}

export interface ConfigReport {
  readonly problems: Findings;
  readonly warnings: Findings;
}

/** The maximum number of listed findings. An entirely invalid text would have one per word. */
const mostFindings = 100;

export class Findings {
  readonly #list: Problem[] = [];
  #more = 0;

  constructor(private readonly source: Source | null) {}

  /** `received` becomes the place in the text, if there is one. @param make called only if the finding is listed */
  add(at: number | null, make: () => Problem): void {
    if (this.#list.length === mostFindings) {
      this.#more++;
      return;
    }
    const problem = make();
    if (this.source === null || at === null) this.#list.push(problem);
    else {
      const { place, snippet } = describePlace(this.source, at);
      this.#list.push({
        ...problem,
        message: `${problem.message} (${this.source.name}, ${place})`,
        received: snippet,
      });
    }
  }

  list(): readonly Problem[] {
    if (this.#more === 0) return this.#list;
    const message = `${grouped(this.#more)} more problems, which are not listed`;
    return [...this.#list, { path: this.source?.name ?? "config", message }];
  }
}

export function showSyntax(value: SyntaxValue): string {
  if (value.kind === "list") return "a list";
  if (value.kind === "message") return "a message { … }";
  return value.kind === "string" ? JSON.stringify(clipped(value.text)) : clipped(value.text);
}
