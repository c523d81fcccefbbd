/** docs/images/numbers.json: the phrases with numbers that docs/concepts.md takes from its pictures, word by word. */
import { existsSync, readFileSync } from "node:fs";
import { projectFile } from "./files.js";

/** By picture and name. */
export type Numbers = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What was written last; nothing before the first time. */
export function readNumbers(): Numbers {
  const file = projectFile("docs", "images", "numbers.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Numbers) : {};
}

/** The page with current phrases, and the phrases that it lacks. */
export function withNumbers(page: string, before: Numbers, now: Numbers): { text: string; missing: string[] } {
  let text = page;
  const missing: string[] = [];
  for (const [picture, says] of Object.entries(now)) {
    for (const [name, phrase] of Object.entries(says)) {
      const old = before[picture]?.[name];
      if (old !== undefined) text = text.replace(old, () => phrase);
      if (!text.includes(phrase)) missing.push(phrase);
    }
  }
  return { text, missing };
}
