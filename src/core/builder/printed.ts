/** The text that a terminal and a REPL show for a builder: its settings so far, or what is missing. */
import { inspect } from "node:util";
import { isObject } from "../util/json.js";
import { visible } from "../util/text.js";

interface Builder {
  readonly name: string;
  toSpec(): object;
}

/** Freezes a builder, and gives it a text. */
export function printedBuilder<B extends Builder>(what: string, builder: B): B {
  const text = (): string => visible(`${what} "${builder.name}": ${settingsOf(builder)}`);
  for (const name of ["toString", inspect.custom]) Object.defineProperty(builder, name, { value: text });
  return Object.freeze(builder);
}

function settingsOf(builder: Builder): string {
  try {
    const specs = [builder.toSpec()].flat() as object[];
    return specs.map((spec) => (specs.length === 1 ? "" : "\n  ") + settingsText(spec, builder.name)).join("");
  } catch (error) {
    const [first = ""] = (error as Error).message.split("\n");
    return `unfinished, ${first.slice(first.indexOf(": ") + 2)}`;
  }
}

function settingsText(spec: object, builder: string): string {
  const { kind: _, ...settings } = spec as { readonly kind?: string };
  return Object.entries(chosenOf(settings))
    .filter(([key, value]) => !(key === "name" && value === builder) && value !== `context:${builder}`)
    .map(([key, value]) => `${key} ${inspect(value, { compact: true, breakLength: Infinity, maxArrayLength: 10 })}`)
    .join(", ");
}

/** Without values that are absent, off or empty, at all depths. */
function chosenOf(settings: object): object {
  const entries = Object.entries(settings)
    .map(([key, value]) => [key, isObject(value) ? chosenOf(value) : value] as const)
    .filter(([, value]) => {
      const isOff = value === null || value === undefined || value === "" || value === false;
      return !isOff && !(typeof value === "object" && Object.keys(value).length === 0);
    });
  return Object.fromEntries(entries);
}
