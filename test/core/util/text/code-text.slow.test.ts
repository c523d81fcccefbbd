/** Names of anybody inside code, commands and Markdown: read back, they are the name and nothing else. */

import { execFileSync } from "node:child_process";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { expect, it } from "vitest";
import { markdownCode, shellPath, stringLiteral } from "../../../../src/core/util/code-text.js";
import { visible, visibleLine } from "../../../../src/core/util/text.js";
import { python } from "../../../kernel/python.js";

const pieces = [
  '"',
  "'",
  "`",
  "``",
  "\\",
  "$(id)",
  "$" + "{x}",
  "`id`",
  ";",
  "\n",
  "\r",
  "\t",
  "|",
  "<img src=x onerror=1>",
  "*",
  "_",
  "#",
  "-",
  "--help",
  " ",
  "!",
  "%",
  "é",
  "😀",
  "\u202e",
  "\u2028",
  "\u009b",
  "\u001b[2J",
  "EOF",
];
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join("")),
);
const noNull = anyText.map((text) => Buffer.from(text.replaceAll("\0", "")).toString());
const lists = fc.array(noNull, { minLength: 40, maxLength: 40 });

it.skipIf(process.platform === "win32")("a path in a shell is that path on one visible line, and no option", () => {
  fc.assert(
    fc.property(lists, (texts) => {
      const printed = execFileSync("bash", ["-c", `printf '%s\\0' ${texts.map(shellPath).join(" ")}`], {
        encoding: "utf8",
      });
      expect(texts.map(shellPath).join("")).toBe(visibleLine(texts.map(shellPath).join("")));
      expect(printed.split("\0").slice(0, -1)).toEqual(
        texts.map((text) => (text.startsWith("-") ? `./${text}` : text)),
      );
    }),
    { numRuns: 10, seed: 1 },
  );
});

it("a literal is that text in JavaScript, on one line of visible characters", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const literal = stringLiteral(text);
      expect(new Function(`return ${literal};`)()).toBe(text);
      expect(visible(literal)).toBe(literal);
      expect(literal).not.toMatch(/[\r\n]/);
    }),
    { numRuns: 500, seed: 2 },
  );
});

it.skipIf(python === null)("a literal is that text in Python", () => {
  const program = "import ast, json, sys; print(json.dumps([ast.literal_eval(line) for line in json.load(sys.stdin)]))";
  fc.assert(
    fc.property(lists, (texts) => {
      const input = JSON.stringify(texts.map(stringLiteral));
      const read = execFileSync(python as string, ["-c", program], { input, encoding: "utf8" });
      expect(JSON.parse(read)).toEqual(texts);
    }),
    { numRuns: 10, seed: 3 },
  );
});

it("inline code of Markdown shows that text, and nothing of it is Markdown or HTML", () => {
  const markdown = new MarkdownIt({ html: true, linkify: true });
  const unescaped = (html: string): string =>
    html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  fc.assert(
    fc.property(noNull, (text) => {
      const inText = /^<p>a <code>([\s\S]*)<\/code> b<\/p>\n$/.exec(markdown.render(`a ${markdownCode(text)} b`));
      const inTable = /<td><code>([^<]*)<\/code><\/td>\n<td>b<\/td>/.exec(
        markdown.render(`| x | y |\n|---|---|\n| ${markdownCode(text, "table")} | b |\n`),
      );
      for (const found of [inText, inTable]) {
        expect(found, text).not.toBeNull();
        expect(found?.[1]).not.toContain("<");
      }
      const shown = unescaped(inText?.[1] ?? "").trim();
      expect(shown.replace(/\\u[\da-f]{4}/g, "")).toBe(
        text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "").trim(),
      );
    }),
    { numRuns: 500, seed: 4 },
  );
});

it("visible text shows control characters and leaves lines, tabs and words alone", () => {
  expect(visible("a\tb\r\nc é 😀 日本")).toBe("a\tb\r\nc é 😀 日本");
  expect(visible("\u001b]0;x\u0007\u009b2J\r\u202e\u0000")).toBe("\\u001b]0;x\\u0007\\u009b2J\\u000d\\u202e\\u0000");
});
