/** Paths, line ends and signals that work on Windows and macOS, too. Names in archives, lists and addresses are allowed. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { files, lineOf, source, syntaxOf } from "./sources.js";

type Breach = (node: ts.Node, syntax: ts.SourceFile) => boolean;

const scripts = path.resolve(source, "../scripts");
const sources: readonly { readonly name: string; readonly syntax: ts.SourceFile }[] = [
  ...files.map((file) => ({ name: `src/${file}`, syntax: syntaxOf(file) })),
  ...readdirSync(scripts)
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => ({ name: `scripts/${file}`, syntax: parse(readFileSync(path.join(scripts, file), "utf8")) })),
];

/** Code with the number of its breaches. */
const samples: readonly (readonly [Breach, string, number])[] = [
  [joinsBySlash, `x = \`\${folder}/file\`; y = folder + "/file"; z = "data/" + name;`, 3],
  [joinsBySlash, `x = \`https://\${host}/a\`; y = \`<b>\${a}</b>\`; z = a / b; w = path.join(a, "b/c");`, 0],
  [cutsAtSlash, 'a.split("/"); a.lastIndexOf("/"); a.startsWith("/")', 3],
  [cutsAtSlash, "a.split(path.sep); a.split(/[/]/)", 0],
  [namesPlatformPlace, `x = "/tmp/a"; y = process.env.HOME; const { HOME } = process.env; z = \`file://\${a}\``, 4],
  [namesPlatformPlace, 'x = tmpdir(); y = homedir(); z = "/temporary"', 0],
  [sendsSignal, 'child.kill("SIGINT"); process.kill(pid, "SIGHUP")', 2],
  [sendsSignal, 'child.kill(); child.kill("SIGKILL"); process.kill(pid, 0)', 0],
  [cutsFileAtNewline, 'readFileSync(file, "utf8").split("\\n")', 1],
  [cutsFileAtNewline, 'text.split("\\n"); readFileSync.name', 1],
  [cutsFileAtNewline, 'text.split("\\n")', 0],
  [cutsFileAtNewline, 'readFileSync(file); String((error as Error).message).split("\\n")', 0],
];

it("paths are joined by node:path, not by `/`", () => {
  breachesOnlyIn(joinsBySlash, {
    "src/api/export.ts": "a command for a cluster's shell",
    "src/kernel/cli/notebook.ts": "counts: 3/7",
    "src/core/data/fit-features.ts": "a formula",
    "src/core/data/sources/duckdb.ts": "DuckDB reads `./` on every system",
    "src/core/engine/tfjs-node.ts": "a module's name",
    "src/kernel/doctor.ts": "names in the list of an installation",
    "src/kernel/install.ts": "a name in the list of an installation",
    "src/kernel/process/session.ts": "names of the compiler's files, which have `/`",
    "src/core/train/event-log.ts": "tags of TensorBoard",
    "src/core/util/random.ts": "the name of a generator",
    "src/core/util/code-text.ts": "a shell's argument",
    "scripts/packages.mjs": "names in package-lock.json",
    "scripts/preinstall.mjs": "a module's name",
    "scripts/typedoc-grouped.mjs": "an address in the site",
    "scripts/wheel.mjs": "a line for Python, which reads `/` on every system",
  });
});

it("paths are not cut at `/`", () => {
  breachesOnlyIn(cutsAtSlash, {
    "src/kernel/repository.ts": "a reference of git",
    "src/kernel/notebook/verify.ts": "a name in a record, written by slashPath",
    "scripts/packages.mjs": "a package's name",
    "scripts/test.mjs": "names of test files, which have `/` on every system",
    "scripts/typedoc-grouped.mjs": "an address in the site",
  });
});

it("folders and addresses of files come from Node, not from their spelling", () => {
  breachesOnlyIn(namesPlatformPlace, {
    "src/kernel/repository.ts": "git's null device, beside that of Windows",
    "src/lab/render/addresses.ts": "the base of relative addresses",
    "src/core/train/saved/lock.ts": "a file of Linux, which may be missing",
  });
});

it("signals that Windows lacks are sent only beside what Windows does instead", () => {
  breachesOnlyIn(sendsSignal, { "src/kernel/client.ts": "a message on Windows" });
});

it("files that may have `\\r\\n` are not cut at `\\n`", () => {
  breachesOnlyIn(cutsFileAtNewline, {
    "src/core/data/sources/csv/csv-source.ts": "a file that this source wrote",
    "src/kernel/process/session.ts": "compiled code",
  });
});

it.each(samples)("%o: the breaches of %s", (breach, text, count) => {
  expect(breaches(parse(text), breach)).toHaveLength(count);
});

/** Expects breaches in the named files only, and in each of them, so that no stale permission remains. */
function breachesOnlyIn(breach: Breach, allowed: Readonly<Record<string, string>>): void {
  const all = sources.flatMap(({ name, syntax }) =>
    breaches(syntax, breach).map((node) => ({
      name,
      place: `${name}:${lineOf(syntax, node.getStart(syntax))}: ${node.getText(syntax)}`,
    })),
  );
  expect(all.filter(({ name }) => !(name in allowed)).map(({ place }) => place)).toEqual([]);
  const names = all.map(({ name }) => name);
  expect(Object.keys(allowed).filter((name) => !names.includes(name))).toEqual([]);
}

function breaches(syntax: ts.SourceFile, breach: Breach): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (breach(node, syntax)) nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return nodes;
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile("sample.ts", text, ts.ScriptTarget.ES2022, true);
}

/** `${a}/b`, `a/${b}`, `a + "/b"` and `"a/" + b`, except in addresses and tags of HTML. */
function joinsBySlash(node: ts.Node): boolean {
  if (ts.isTemplateExpression(node)) {
    const texts = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
    if (/<\/|:\/\//.test(texts.join("…"))) return false;
    return texts.some((text, at) => (at > 0 && text.startsWith("/")) || (at < texts.length - 1 && text.endsWith("/")));
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return false;
  const { left, right } = node;
  return (
    (ts.isStringLiteralLike(left) && /[^</]\/$|^\/$/.test(left.text)) ||
    (ts.isStringLiteralLike(right) && /^\/[^/>]*/.test(right.text))
  );
}

/** `split("/")`, `lastIndexOf("/")` and the like. */
function cutsAtSlash(node: ts.Node): boolean {
  const [method, argument] = methodCall(node);
  const cuts = ["split", "indexOf", "lastIndexOf", "startsWith", "endsWith", "includes"].includes(method);
  return cuts && argument !== undefined && ts.isStringLiteralLike(argument) && argument.text === "/";
}

/** `/tmp`, `/dev/…`, `/proc/…`, `/usr/…`, `/home/…`, `file://`, and HOME from the environment. */
function namesPlatformPlace(node: ts.Node): boolean {
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
    return /^\/(?:tmp|dev|proc|usr|home|var|etc)(?:\/|$)|^file:\/\//.test(node.text);
  }
  return ts.isIdentifier(node) && (node.text === "HOME" || node.text === "USERPROFILE");
}

/** `kill("SIGINT")`; SIGKILL and SIGTERM end a process on Windows, too, and 0 asks whether it runs. */
function sendsSignal(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || methodCall(node)[0] !== "kill") return false;
  return node.arguments.some(
    (argument) => ts.isStringLiteralLike(argument) && !["SIGKILL", "SIGTERM"].includes(argument.text),
  );
}

/** `split("\n")` in a source that reads files of text, except of an error's message. */
function cutsFileAtNewline(node: ts.Node, syntax: ts.SourceFile): boolean {
  const [method, argument] = methodCall(node);
  if (method !== "split" || argument === undefined || !ts.isStringLiteralLike(argument)) return false;
  const receiver = (node as ts.CallExpression).expression.getText(syntax);
  return (
    argument.text === "\n" &&
    !/\bmessage\)*\.split$/.test(receiver) &&
    /\bread(?:File|Whole|Text|SmallFile|First)/.test(syntax.text)
  );
}

/** The name of a called method and its first argument. */
function methodCall(node: ts.Node): readonly [string, ts.Expression | undefined] {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return ["", undefined];
  return [node.expression.name.text, node.arguments[0]];
}
