/** The sources as the tests of the house see them: files, what they import, and their syntax. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** The folder of the sources. */
export const source: string = path.resolve(__dirname, "../../src");

/** Every TypeScript file, relative to `src`, with `/` between folders. */
export const files: readonly string[] = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.split(path.sep).join("/"))
  .sort();

/** A file's text. */
export function textOf(file: string): string {
  return readFileSync(path.join(source, file), "utf8");
}

const syntaxes = new Map<string, ts.SourceFile>();

/** A file's syntax, with parents set: parsed once for all tests of a process. */
export function syntaxOf(file: string): ts.SourceFile {
  const syntax = syntaxes.get(file) ?? ts.createSourceFile(file, textOf(file), ts.ScriptTarget.ES2022, true);
  syntaxes.set(file, syntax);
  return syntax;
}

/** What a file imports, types included, however it does so: statically, by `import(…)`, `require` or in a type. */
export function specifiersOf(file: string): string[] {
  return ts.preProcessFile(textOf(file), true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The place that a relative import of a file means. */
export function targetOf(file: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** Files that a file imports. */
export function importedBy(file: string): string[] {
  const targets = specifiersOf(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => targetOf(file, specifier).replace(/\.js$/, ".ts"));
  return [...new Set(targets)].filter((target) => files.includes(target));
}

/** The houses, in their one direction: each may import those before it. */
export const houses: readonly string[] = ["core", "lab", "api", "kernel"];

/** Rooms of the house `kernel` besides the kernel itself. */
const kernelRooms = ["notebook", "cli"];

/** The house that a file is in; `""` for `src` itself. */
export function houseOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : "";
}

/** The folder of the room that a file is in: `core/data`, `api`, `kernel/cli`; `""` for `src` itself. */
export function roomFolder(file: string): string {
  const [house = "", room = ""] = file.split("/");
  if (!file.includes("/")) return "";
  return house === "core" || house === "lab" || kernelRooms.includes(room) ? `${house}/${room}` : house;
}

/** The room's name: `data`, `api`, `cli`. */
export function roomOf(file: string): string {
  return path.posix.basename(roomFolder(file));
}

/** Line of a node, from 1. */
export function lineOf(syntax: ts.SourceFile, place: number): number {
  return syntax.getLineAndCharacterOfPosition(place).line + 1;
}
