interface Habit {
  readonly pattern: RegExp;
  instead(match: RegExpExecArray): string;
}

const shell = (command: string): string =>
  `console.log((await import("node:child_process")).execSync(${JSON.stringify(command)}, { encoding: "utf8" }))`;

const habits: readonly Habit[] = [
  {
    pattern: /^%%?time(?:it)?\b/,
    instead: () => 'console.time("cell") before the code and console.timeEnd("cell") after it',
  },
  {
    pattern: /^[%!]\s*(?:pip|npm|conda)\s+(?:install|i|add)\s+(.*)$/,
    instead: ([, names]) => `npm install ${names} in a terminal in the notebook's folder, then import it here`,
  },
  { pattern: /^%cd\s+(.*)$/, instead: ([, folder]) => `process.chdir(${JSON.stringify(folder)})` },
  { pattern: /^%pwd\b/, instead: () => "process.cwd()" },
  { pattern: /^%env\b/, instead: () => "process.env" },
  { pattern: /^%%(?:html|svg)\b/, instead: () => "({ outerHTML: `<b>text</b>` }) as the last line" },
  { pattern: /^%(?:matplotlib|plot)\b/, instead: () => "the chart as the last line, such as plot(rows, { x, y })" },
  { pattern: /^%(?:whos?|reset)\b/, instead: () => "nothing; restart the kernel to remove all variables" },
  { pattern: /^%?(?:%%bash|%%sh|%sx)\b/, instead: () => shell("ls") },
  { pattern: /^!\s*(\S.*)$/, instead: ([, command]) => shell(command!.trim()) },
  { pattern: /^%%?\w+/, instead: () => "TypeScript" },
];

/** The advice for the first line that is a command; `null` if none is. For cells that do not compile. */
export function habitAdvice(source: string): string | null {
  for (const text of source.split("\n")) {
    const line = text.trim();
    if (!/^[%!]/.test(line)) continue;
    for (const { pattern, instead } of habits) {
      const match = pattern.exec(line);
      if (match) return `\`${line}\`. Write ${instead(match)}`;
    }
  }
  return null;
}

/** The name in `name?`, `?name` or `name??`, or `null`. */
export function questionedName(source: string): string | null {
  const [, after, before] = /^\s*(?:([\w$.]+)\s*\?{1,2}|\?{1,2}\s*([\w$.]+))\s*;?\s*$/.exec(source) ?? [];
  return after ?? before ?? null;
}
