/** What TypeScript's messages mean in a cell: what to import or install, or what to write instead of a browser's function. */

import { packageEntries } from "../../core/util/files/package-root.js";
import { installCommand } from "../commands.js";
import { exportedNames } from "./library.js";

const browsers: Readonly<Record<string, string>> = {
  alert: "display(text)",
  confirm: '(await prompt("Go on? (y/n) ")) === "y"',
  document: "({ outerHTML: `<b>text</b>` }) as the last line",
};

/** A message of the compiler with advice, if there is any. */
export function explained(messageText: string): string {
  const message = messageText.replace(
    / Do you need to change your target library\?.*$/,
    ` Node ${process.versions.node} does not have it.`,
  );
  const advice = forName(message) ?? forModule(message);
  return advice === null ? message : `${message} ${advice}`;
}

function forName(message: string): string | null {
  const [, name = ""] = /^Cannot find name '([\w$]+)'/.exec(message) ?? [];
  if (name === "") return null;
  if (Object.hasOwn(browsers, name)) return `In a cell: ${browsers[name]}`;
  const entry = packageNames().get(name);
  return entry === undefined ? null : `It is one of pepnet's: import { ${name} } from "${entry}"`;
}

let entryOfName: ReadonlyMap<string, string> | null = null;

/** The entry of each name that the package exports. Read once: an editor asks for the problems of a cell as one types. */
function packageNames(): ReadonlyMap<string, string> {
  entryOfName ??= new Map(
    [...packageEntries()]
      .reverse() // the first entry that exports a name remains
      .flatMap(([entry, file]) => exportedNames(file).map((name) => [name, entry] as const)),
  );
  return entryOfName;
}

/** Packages, but neither files nor what comes with Node. */
function forModule(message: string): string | null {
  const [, name] = /^Cannot find module '((?:@[\w.-]+\/)?[a-zA-Z][\w.-]*)(?:\/[^']*)?'/.exec(message) ?? [];
  if (name === undefined) return null;
  return `To install it: ${installCommand(name)}, in a terminal in ${process.cwd()}`;
}
