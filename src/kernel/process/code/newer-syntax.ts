/** Detects syntax that is newer than the kernel's TypeScript, whose error messages do not explain it. */

interface Newer {
  readonly pattern: RegExp;
  readonly what: string;
  readonly since: string;
  readonly instead: string;
}

const newer: readonly Newer[] = [
  {
    pattern: /^\s*(?:await\s+)?using\s+[\w$]+\s*[=:]/m,
    what: "`using`",
    since: "5.2",
    instead: "const and try … finally",
  },
  {
    pattern: /^\s*(?:import|export)\b[^;\n]*\b(?:with|assert)\s*\{/m,
    what: "an import attribute (`with { … }`)",
    since: "5.3",
    instead: "the import without it; JSON needs no attribute",
  },
  {
    pattern: /^\s*import\s+defer\b/m,
    what: "`import defer`",
    since: "5.9",
    instead: "await import(…) where it is needed",
  },
];

/** Names the syntax that is too new and what to write instead; empty if there is none. */
export function newerSyntax(source: string, version: string): string[] {
  return newer
    .filter(({ pattern }) => pattern.test(source))
    .map(({ what, since, instead }) => {
      return `${what} needs TypeScript ${since}, and the kernel has ${version}; write ${instead} instead`;
    });
}
