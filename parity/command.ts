/**
 * `npm run parity -- PATH… [--engine NAME]`: compares this library's numbers with TorchEasyRec's. Prints one line per
 * case and engine with its largest difference, and a last line `N passed, N failed`. Exit codes: 0 all passed, 1 some
 * failed, 2 misused.
 */
import { parseArgs } from "node:util";
import type { EngineName } from "../src/core/engine/engine.js";
import { percent } from "../src/core/util/text.js";
import { type CaseReport, passed, worstOf } from "./check.js";
import { type Engines, parityReports } from "./run.js";

const engineNames: readonly EngineName[] = ["compiled", "cpu", "wasm", "tfjs-node"];
const usage = `usage: npm run parity -- PATH… [--engine ${engineNames.join("|")}]
  PATH      a file like golden/pepnet.json or golden/dense_optimizers.json, or a folder like golden/whole-run
  --engine  one engine (may be repeated); default: every available engine (cpu, which is slow, for files only)`;

/** Runs the command and returns its exit code. */
export async function runParity(argv: readonly string[], print: (line: string) => void): Promise<number> {
  const options = readArguments(argv);
  if (options === null) {
    print(usage);
    return 2;
  }
  const { places, engines } = options;
  const counts = { passed: 0, failed: 0 };
  const count = (good: boolean) => (good ? counts.passed++ : counts.failed++);
  for (const place of places) {
    try {
      for await (const found of parityReports(place, engines)) {
        count(passed(found));
        print(lineOf(found));
      }
    } catch (error) {
      count(false);
      print(`✗ ${place}: ${(error as Error).message}`);
    }
  }
  print(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** `null` if the command is misused. */
function readArguments(argv: readonly string[]): { places: readonly string[]; engines: Engines } | null {
  const options = { engine: { type: "string", multiple: true } } as const;
  try {
    const { positionals, values } = parseArgs({ args: [...argv], allowPositionals: true, options });
    const known = values.engine?.every((name) => engineNames.includes(name as EngineName)) ?? true;
    if (!known || positionals.length === 0) return null;
    return { places: positionals, engines: (values.engine as EngineName[] | undefined) ?? null };
  } catch {
    return null;
  }
}

/** `✓ full · compiled: largest difference 1.2e-8 in losses.x (3% of what is allowed), 61 compared`. */
function lineOf(report: CaseReport): string {
  const title = [report.name, report.engine].filter((part) => part !== null).join(" · ");
  if (report.error !== null) return `✗ ${title}: ${report.error}`;
  const worst = worstOf(report.checks);
  if (worst === null) return `✗ ${title}: nothing to compare`;
  if (worst.share === Number.POSITIVE_INFINITY)
    return `✗ ${title}: ${worst.name} is missing, not a number, or of another size`;
  const share = `${percent(worst.share)} of what is allowed`;
  const failed = report.checks.filter((check) => check.share > 1).length;
  const rest = failed > 0 ? `, ${failed} of ${report.checks.length} too far` : `, ${report.checks.length} compared`;
  return `${passed(report) ? "✓" : "✗"} ${title}: largest difference ${worst.difference.toExponential(1)} in ${worst.name} (${share})${rest}${report.note === null ? "" : `; ${report.note}`}`;
}
