// Fingerprints of TorchEasyRec's modules that this library computes, to tell which of their classes and methods changed.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** What PEPNet is made of, in a checkout. */
export const watched = [
  "tzrec/models/pepnet.py",
  "tzrec/modules/personalized_net.py",
  "tzrec/modules/task_tower.py",
  "tzrec/models/multi_task_rank.py",
];

const record = path.join(root, "scripts", "upstream-modules.json");

/** The fingerprints that this release was written against, with where they are from. */
export function recorded() {
  return JSON.parse(readFileSync(record, "utf8"));
}

/** Fingerprints of a file's functions, classes and methods, such as `PEPNet.predict`; a class alone is what else it has. */
export function fingerprints(source) {
  const parts = new Map();
  let [owner, name] = [null, null];
  // A string that stands alone is a docstring.
  const code = source.replace(/^[ \t]*[rRuU]?("""|''')[\s\S]*?\1[ \t]*\r?$/gm, "");
  for (const line of code.split(/\r?\n/)) {
    const text = line.replace(/(^|\s)#.*$/, "");
    if (text.trim() === "") continue;
    const [, indent, keyword, named] = /^( *)(?:async )?(class|def) (\w+)/.exec(text) ?? [];
    if (indent === "") {
      owner = keyword === "class" ? named : null;
      name = named;
    } else if (indent === "    " && owner !== null) name = `${owner}.${named}`;
    else if (/^[^\s)\]}]/.test(text))
      [owner, name] = [null, null]; // imports and constants
    else if (/^ {4}[^\s)\]}]/.test(text) && owner !== null) name = owner;
    if (name !== null) parts.set(name, (parts.get(name) ?? "") + text);
  }
  // Line breaks, and the commas that follow from them, are the formatter's.
  const plain = (text) => text.replace(/\s+/g, "").replace(/,([)\]}])/g, "$1");
  return Object.fromEntries([...parts].map(([part, text]) => [part, hash(plain(text))]));
}

function hash(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function partsIn(checkout) {
  return watched.map((file) => {
    const place = path.join(checkout, file);
    return [file, existsSync(place) ? fingerprints(readFileSync(place, "utf8")) : null];
  });
}

/**
 * Compares the modules of a checkout with the record: by file the parts that are unchanged, changed, removed, and not in
 * the record, which are new or were not recorded. `missing`: the checkout lacks the file.
 */
export function moduleChanges(checkout, { files } = recorded()) {
  return partsIn(checkout).map(([file, parts]) => {
    const old = files[file] ?? {};
    if (parts === null)
      return { file, missing: true, unchanged: [], changed: [], removed: Object.keys(old), other: [] };
    const names = Object.keys(parts);
    return {
      file,
      missing: false,
      unchanged: names.filter((name) => old[name] === parts[name]),
      changed: names.filter((name) => old[name] !== undefined && old[name] !== parts[name]),
      removed: Object.keys(old).filter((name) => parts[name] === undefined),
      other: names.filter((name) => old[name] === undefined),
    };
  });
}

/** Makes a checkout's modules the record. */
export function acceptModules(checkout, version, file = record) {
  const files = Object.fromEntries(partsIn(checkout).filter(([, parts]) => parts !== null));
  writeFileSync(file, `${JSON.stringify({ from: `TorchEasyRec ${version}`, files }, null, 2)}\n`);
}
