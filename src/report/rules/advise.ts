/** Turns findings into suggestions: the worst first, without advice that was followed or that contradicts other advice. */
import type { ReportFacts } from "../facts.js";
import type { Action, Finding, Rule, Severity, Suggestion } from "./rule.js";

/** Largest number of listed findings per rule; the others are only counted. */
const LISTED = 3;

const ORDER: readonly Severity[] = ["serious", "moderate", "minor"];

const ALL_DONE = "The run already does what usually helps: look at the rows and features behind it";
const OPPOSITE = "A finding above asks for the opposite: act on that one first, then look again";

/** The suggestions of rules: serious ones first, else in the order of the rules. */
export function advise(rules: readonly Rule[], facts: ReportFacts): Suggestion[] {
  const sorted = ORDER.flatMap((severity) => rules.filter((rule) => rule.severity === severity));
  /** The direction in which earlier suggestions pull a setting. */
  const pulled = new Map<string, number>();
  return sorted.flatMap((rule) => {
    const findings = rule.find(facts);
    return findings.slice(0, LISTED).map((finding, index) => {
      const more = findings.length - LISTED;
      const rest = more > 0 && index === LISTED - 1 ? ` The same holds for ${more} more.` : "";
      const { name, severity } = rule;
      return { rule: name, severity, seen: finding.seen + rest, next: nextText(finding, facts, pulled) };
    });
  });
}

function nextText({ actions }: Finding, facts: ReportFacts, pulled: Map<string, number>): string {
  const open = actions.filter(({ isDone }) => isDone === undefined || !isDone(facts));
  const possible = open.filter((action) => !contradicts(action, pulled));
  for (const { pulls } of possible) if (pulls !== undefined) pulled.set(...pulls);
  if (possible.length === 0) return `${open.length === 0 ? ALL_DONE : OPPOSITE}.`;
  const text = possible.map((action) => action.text).join(", or ");
  return `${text.startsWith("fit(") || text.startsWith("model.") ? text : text[0]!.toUpperCase() + text.slice(1)}.`;
}

function contradicts({ pulls }: Action, pulled: ReadonlyMap<string, number>): boolean {
  return pulls !== undefined && pulled.get(pulls[0]) === -pulls[1];
}
