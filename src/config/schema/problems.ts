/**
 * Problems of a syntax tree that does not match the schema, with their places.
 */
import type { Problem } from "../../errors/index.js";
import { clipped } from "../../util/text/format.js";
import { didYouMean } from "../../util/text/near.js";
import { join } from "../paths/config-path.js";
import type { SyntaxField, SyntaxValue } from "../text/syntax.js";
import { type ConfigReport, placed, showSyntax } from "./report.js";
import { type MessageType, oneofSiblings } from "./schema.js";

/** A name that the message does not have. */
export function unknownField(report: ConfigReport, field: SyntaxField, type: MessageType, path: string): Problem {
  const names = type.fieldsArray.map((field) => field.name);
  const name = clipped(field.name);
  return placed(report, field.at, {
    path: join(path, name),
    message: `${type.name} has no field "${name}"`,
    received: JSON.stringify(name),
    expected: names.length === 0 ? "no fields" : `one of ${names.join(", ")}`,
    fix: didYouMean(field.name, names),
  });
}

/** Several members of one oneof. */
export function reportOneofs(
  report: ConfigReport,
  written: Map<string, SyntaxField[]>,
  type: MessageType,
  path: string,
): void {
  for (const oneof of type.oneofsArray) {
    const chosen = oneof.fieldsArray.filter((field) => written.has(field.name));
    const second = chosen[1];
    if (second === undefined) continue;
    report.problems.add(() =>
      placed(report, written.get(second.name)?.[0]?.at ?? null, {
        path: join(path, second.name),
        message: `${type.name} can have only one ${oneof.name}`,
        received: chosen.map((field) => field.name).join(" and "),
        expected: `one of ${[second.name, ...oneofSiblings(second)].join(", ")}`,
        fix: "keep one of them",
      }),
    );
  }
}

/** A singular field that is written more than once. */
export function repeatedField(report: ConfigReport, places: readonly SyntaxField[], path: string): Problem {
  return placed(report, places.at(-1)?.at ?? null, {
    path,
    message: `written ${places.length} times; the last value counts, as in TorchEasyRec`,
    received: `${places
      .slice(0, 5)
      .map((place) => showSyntax(place.value))
      .join(", ")}${places.length > 5 ? ", …" : ""}`,
    expected: "one value",
  });
}

/** A value of the wrong type. */
export function wrongType(
  report: ConfigReport,
  value: SyntaxValue,
  path: string,
  expected: string,
  fix?: string,
): Problem {
  const received = showSyntax(value);
  return placed(report, value.at, { path, message: `${received} is not a valid value`, received, expected, fix });
}
