/**
 * Colours of text for people. Node decides whether a stream has them: a terminal does, unless `NO_COLOR` is set or `TERM`
 * is `dumb`; `FORCE_COLOR` turns them on anywhere, and `FORCE_COLOR=0` off.
 */
import { WriteStream } from "node:tty";
import { inspect } from "node:util";
import type { DoctorFinding } from "../../kernel/index.js";
import { visible, visibleBlock } from "../../util/text/visible.js";

export type Style = "bold" | "dim" | "red" | "yellow" | "cyan" | "green";

export function hasColours(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  if (stream.isTTY !== true && environment["FORCE_COLOR"] === undefined) return false;
  return WriteStream.prototype.getColorDepth.call(stream as WriteStream, environment) > 1;
}

export function styled(stream: { readonly isTTY?: boolean }, style: Style, text: string): string {
  const [start, end] = inspect.colors[style] as [number, number];
  return hasColours(stream) ? `\u001b[${start}m${visible(text)}\u001b[${end}m` : visible(text);
}

export function printStyled(stream: NodeJS.WriteStream, line: string): void {
  stream.write(hasColours(stream) ? Buffer.from(`${line}\n`) : `${line}\n`);
}

export function printFindings(findings: readonly DoctorFinding[], json: boolean | undefined): void {
  console.log(json ? JSON.stringify(findings, null, 2) : findings.map(findingLines).join("\n"));
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

function findingLines({ check, ok, found, fix }: DoctorFinding): string {
  const line = `${ok ? "ok   " : "WRONG"} ${check}: ${visibleBlock(found)}`;
  return fix === undefined ? line : `${line}\n      fix: ${fix}`;
}
