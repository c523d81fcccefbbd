/** Findings of `pepnet doctor` and `pepnet kernel doctor`, as lines of text. */
import type { DoctorFinding } from "../../kernel/index.js";
import { visibleBlock } from "../../util/text/visible.js";

/** Prints the findings and sets the exit code to 1 if one is a problem. */
export function printFindings(findings: readonly DoctorFinding[], json: boolean | undefined): void {
  console.log(json ? JSON.stringify(findings, null, 2) : findings.map(findingLines).join("\n"));
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

function findingLines({ check, ok, found, fix }: DoctorFinding): string {
  const line = `${ok ? "ok   " : "WRONG"} ${check}: ${visibleBlock(found)}`;
  return fix === undefined ? line : `${line}\n      fix: ${fix}`;
}
