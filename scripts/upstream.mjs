// `npm run upstream -- PATH [--accept]`: what a checkout of TorchEasyRec changes in the schema of configs and in the modules
// of PEPNet, beside what this release knows. `--accept` records the checkout's modules as known.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fail, install, root } from "./setup.mjs";

/** Files without which a folder is no checkout. */
const expected = ["tzrec/protos/pipeline.proto", "tzrec/models/pepnet.py"];

/**
 * The report, and whether anything differs.
 *
 * @param {string} checkout
 * @returns {Promise<{ text: string, differs: boolean }>}
 */
export async function upstreamReport(checkout) {
  const { schemaChanges, fieldEffects } = await import("./upstream-schema.mjs");
  const { moduleChanges, recorded } = await import("./upstream-modules.mjs");
  const changes = schemaChanges(path.join(checkout, "tzrec", "protos"));
  const modules = moduleChanges(checkout);
  const known = /\d+\.\d+\.\d+/.exec(readFileSync(path.join(root, "src/core/config/proto/pipeline.proto"), "utf8"))[0];
  const lines = [`TorchEasyRec ${versionOf(checkout)}, beside ${known}, which this release knows`, ""];
  lines.push(changes.length === 0 ? "Schema: no differences" : "Schema: + new, - removed, ~ changed");
  const effects = fieldEffects();
  for (const { type, state, changes: list } of changes) {
    lines.push(`  ${type}${state === "changed" ? "" : ` (${state})`}`);
    for (const { sign, name, text } of list) {
      const effect = state === "changed" && sign !== "+" ? effects.get(`${type}.${name}`) : undefined;
      lines.push(
        `    ${sign} ${name}${text.startsWith("=") ? " " : ": "}${text}${effect === undefined ? "" : `  (${effect})`}`,
      );
    }
  }
  lines.push("", `Modules of PEPNet, beside ${recorded().from}`);
  for (const each of modules) lines.push(...moduleLines(each));
  const changedModules = modules.filter(
    ({ missing, changed, removed, other }) => missing || changed.length + removed.length + other.length > 0,
  );
  return { text: lines.join("\n"), differs: changes.length > 0 || changedModules.length > 0 };
}

function moduleLines({ file, missing, unchanged, changed, removed, other }) {
  if (missing) return [`  - ${file}: not in the checkout`];
  const lists = [
    ["~", "changed", changed],
    ["-", "removed", removed],
    ["+", "new, or not recorded here", other],
  ].filter(([, , names]) => names.length > 0);
  if (lists.length === 0) return [`  = ${file}: unchanged (${unchanged.length} parts)`];
  return [
    `  ${file}: ${unchanged.length} parts unchanged`,
    ...lists.map(([sign, what, names]) => `    ${sign} ${what}: ${names.join(", ")}`),
  ];
}

function versionOf(checkout) {
  const file = path.join(checkout, "tzrec", "version.py");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return /__version__ = "([^"]+)"/.exec(text)?.[1] ?? "(of no version in tzrec/version.py)";
}

async function main(args) {
  const usage = "npm run upstream -- path/to/TorchEasyRec";
  const unknown = args.filter((arg) => arg.startsWith("-") && arg !== "--accept");
  const [given, ...more] = args.filter((arg) => !arg.startsWith("-"));
  if (given === undefined || more.length + unknown.length > 0)
    fail(`expected one path and perhaps --accept, not: ${args.join(" ") || "nothing"}`, usage);
  // npm keeps in INIT_CWD where the command was given.
  const checkout = path.resolve(process.env.INIT_CWD ?? ".", given);
  const lacking = expected.filter((file) => !existsSync(path.join(checkout, file)));
  if (lacking.length > 0)
    fail(
      `${checkout} is no checkout of TorchEasyRec: it has no ${lacking.join(" and no ")}`,
      "name the folder that has tzrec/: git clone https://github.com/alibaba/TorchEasyRec, then its path",
    );
  await install("run");
  const { text, differs } = await upstreamReport(checkout).catch((error) =>
    fail(error.message, "check out a released version, whose files protoc compiles"),
  );
  console.log(text);
  if (args.includes("--accept")) {
    const { acceptModules } = await import("./upstream-modules.mjs");
    acceptModules(checkout, versionOf(checkout));
    console.log("\nRecorded the modules in scripts/upstream-modules.json");
  } else if (differs) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
