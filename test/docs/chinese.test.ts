/** The Chinese pages say what their English twins say: the same programs, numbers, pictures and headings, and links both ways. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(__dirname, "../..");
const read = (page: string): string => readFileSync(path.join(root, page), "utf8");

/** A page's parts that do not depend on its language. */
function partsOf(page: string) {
  const text = read(page);
  const blocks = text.match(/^```\w+\n[\s\S]*?^```/gm) ?? [];
  const prose = text.replace(/^```\w+\n[\s\S]*?^```/gm, "").replaceAll(/\]\([^)]*\)/g, "]");
  return {
    blocks,
    images: [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, image]) => image),
    levels: text.match(/^#+ /gm),
    rows: text.match(/^\|/gm)?.length ?? 0,
    // "two" may be a word in one language and a digit in the other.
    numbers: [...prose.matchAll(/[−±]?\d+(?:,\d{3})*(?:\.\d+)?%?/g)]
      .map(([number]) => number)
      .filter((each) => each.length > 1),
  };
}

test.each([
  ["README.md", "README.zh-CN.md"],
  ["docs/concepts.md", "docs/concepts.zh-CN.md"],
  ["docs/first-evening.md", "docs/first-evening.zh-CN.md"],
])("%s and %s", (english, chinese) => {
  const [first, second] = [partsOf(english), partsOf(chinese)];
  expect(second.blocks).toEqual(first.blocks);
  expect(second.images).toEqual(first.images);
  expect(second.levels).toEqual(first.levels);
  expect(second.rows).toBe(first.rows);
  expect(second.numbers.sort()).toEqual(first.numbers.sort());
  expect(read(english)).toContain(`](${path.basename(chinese)})`);
  expect(read(chinese)).toContain(`](${path.basename(english)})`);
});
