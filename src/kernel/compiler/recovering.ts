/**
 * Replaces a broken converter. If code makes the compiler throw, the next cell usually compiles normally; but if the
 * converter no longer works, every later cell would fail. A new converter then replaces it: the session holds the
 * notebook's variables and their declarations, so nothing is lost.
 */
import type { Converter, ConvertResult } from "tslab/dist/converter";
import { isMissingModule } from "./lookups.js";

export interface WatchingConverter extends Converter {
  anew<T>(work: () => T): T;
  readonly suggestsNames: boolean;
}

export function recovering(create: () => WatchingConverter): Converter {
  let converter = create();
  const modules = new Map<string, Parameters<Converter["addModule"]>>();

  const replace = (): void => {
    try {
      converter.close();
    } catch {
      // it is broken
    }
    converter = create();
    for (const module of modules.values()) converter.addModule(...module);
  };
  const use = <T>(work: (converter: WatchingConverter) => T): T => {
    try {
      return work(converter);
    } catch (error) {
      if (works(converter)) throw error;
      replace();
      return work(converter);
    }
  };

  return {
    convert: (...parameters) => use((current) => convertLookingTwice(current, ...parameters)),
    inspect: (...parameters) => use((current) => current.inspect(...parameters)),
    complete: (...parameters) => use((current) => current.complete(...parameters)),
    addModule: (...parameters) => {
      modules.set(parameters[0], parameters);
      return use((current) => current.addModule(...parameters));
    },
    close: () => converter.close(),
  };
}

function convertLookingTwice(
  converter: WatchingConverter,
  ...parameters: Parameters<Converter["convert"]>
): ConvertResult {
  const first = converter.convert(...parameters);
  if (!isMissingModule(first.diagnostics) && !lacksSuggestions(first.diagnostics, converter)) return first;
  return converter.anew(() => converter.convert(...parameters));
}

/** TypeScript's error codes for names and namespaces that it does not find, without a suggestion. */
const missingName = new Set([2304, 2503]);

function lacksSuggestions(diagnostics: ConvertResult["diagnostics"], converter: WatchingConverter): boolean {
  return diagnostics.some(({ code }) => missingName.has(code)) && !converter.suggestsNames;
}

function works(converter: Converter): boolean {
  try {
    return converter.convert("", "const probe = 1;").diagnostics.length === 0;
  } catch {
    return false;
  }
}
