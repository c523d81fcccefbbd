/** Draws docs/images and writes what docs/concepts.md says of them; `npm run docs:pictures [-- NAME…]`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { figurePng } from "../../src/lab/render/png.js";
import { projectFile } from "./files.js";
import { type Numbers, readNumbers, withNumbers } from "./numbers.js";
import { pictures } from "./pictures.js";
import { Trained } from "./trained.js";

const page = projectFile("docs", "concepts.md");

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.filter((name) => !(name in pictures));
  if (unknown.length > 0)
    throw new Error(`no picture ${unknown.join(", ")}; there are ${Object.keys(pictures).join(", ")}`);
  mkdirSync(projectFile("docs", "images"), { recursive: true });
  const trained = new Trained();
  const before = readNumbers();
  const now: Record<string, Numbers[string]> = { ...before };
  for (const [name, draw] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const { chart, says } = await draw(trained);
    const png = await figurePng(chart.figure, { width: 760, scale: 1.25 });
    if (png === null) throw new Error("no picture can be drawn here");
    writeFileSync(projectFile("docs", "images", `${name}.png`), png);
    console.log(`${name}.png, ${Math.round(png.length / 1000)} kB: ${chart.title}`);
    now[name] = says;
  }
  writeFileSync(projectFile("docs", "images", "numbers.json"), `${JSON.stringify(now, null, 2)}\n`);
  const { text, missing } = withNumbers(readFileSync(page, "utf8"), before, now);
  writeFileSync(page, text);
  for (const phrase of missing) console.log(`docs/concepts.md does not say: ${phrase}`);
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
