/** Syntax that TypeScript learnt after the version in the kernel: its own complaints do not say so. */

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
    instead: "the import without it; JSON needs none",
  },
  {
    pattern: /^\s*import\s+defer\b/m,
    what: "`import defer`",
    since: "5.9",
    instead: "await import(…) where it is needed",
  },
];

/** Says which syntax of the source is too new, and what to write instead; nothing where none is. */
export function newerSyntax(source: string, version: string): string[] {
  return newer
    .filter(({ pattern }) => pattern.test(source))
    .map(({ what, since, instead }) => {
      return `${what} is TypeScript ${since}, and the kernel's is ${version}; write ${instead} instead`;
    });
}
