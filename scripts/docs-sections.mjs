// The sections of the guides on the documentation's site, which its search offers.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { sectionsOf } from "./docs-search.mjs";
import { root } from "./setup.mjs";

/** @throws if a page has no guide in docs/, or lacks a section of it */
export function guideSections(site) {
  const folder = path.join(root, "docs");
  const guides = readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => readFileSync(path.join(folder, name), "utf8"));
  const documents = path.join(site, "documents");
  return readdirSync(documents).flatMap((name) => {
    const html = readFileSync(path.join(documents, name), "utf8");
    const title = /<title>(.*?) \|/.exec(html)?.[1].replaceAll("&amp;", "&").replaceAll("&#39;", "'");
    const guide = guides.find((markdown) => markdown.startsWith(`# ${title}\n`));
    if (guide === undefined) throw new Error(`no page of docs/ has the title "${title}"`);
    const sections = sectionsOf(guide, path.posix.join("documents", name));
    const lost = sections.filter(
      ({ address }) => address.includes("#") && !html.includes(`id="${address.split("#")[1]}"`),
    );
    if (lost.length > 0) throw new Error(`${name} has no ${lost.map(({ address }) => address).join(", ")}`);
    return sections;
  });
}
