/** The folder of this package, its version, and its files in other languages. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export const packageRoot: string = findPackageRoot(__dirname);

/**
 * A file of `src` in another language, such as a page's script; `{{name}}` is replaced by a value.
 * @param name from `src`
 */
export function assetText(name: string, values: Readonly<Record<string, unknown>> = {}): string {
  const text = readFileSync(path.join(packageRoot, "src", name), "utf8").replaceAll("\r\n", "\n");
  return text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => String(values[key]));
}

interface PackageFile {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

function packageFile(): PackageFile {
  return JSON.parse(readFileSync(path.join(packageRoot, "package.json"), "utf8"));
}

export function packageVersion(): string {
  return packageFile().version;
}

/** What the package is imported by (`pepnet`, `pepnet/metrics` …) and the file of each one's declarations. */
export function packageEntries(): ReadonlyMap<string, string> {
  const all = Object.entries(packageFile().exports).map(
    ([entry, target]) => [`pepnet${entry.slice(1)}`, target] as const,
  );
  return new Map(
    all.flatMap(([name, to]) => (typeof to === "string" ? [] : [[name, path.join(packageRoot, to.types)]])),
  );
}

function findPackageRoot(from: string): string {
  const root = foldersAbove(from).find((folder) => existsSync(path.join(folder, "package.json")));
  if (root === undefined) throw new Error(`no package.json above ${from}`);
  return root;
}

/** A folder and those that contain it, the innermost first. */
export function foldersAbove(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
