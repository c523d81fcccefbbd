/** docs/concepts.md says what its pictures show: `npm run docs:pictures` draws them and writes their numbers. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { loadImage } from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";
import { readNumbers, withNumbers } from "../../docs/pictures/numbers.js";
import { pictures, untrained } from "../../docs/pictures/pictures.js";
import { Trained } from "../../docs/pictures/trained.js";

const docs = path.resolve(__dirname, "../../docs");
const page = readFileSync(path.join(docs, "concepts.md"), "utf8");
const phrases = Object.values(readNumbers()).flatMap((says) => Object.values(says));

describe("docs/concepts.md", () => {
  test("says each phrase of its pictures, word by word", () => {
    expect(phrases.length).toBeGreaterThan(20);
    for (const phrase of phrases) expect(page, phrase).toContain(phrase);
  });

  test("has no other fraction or per cent than theirs", () => {
    const prose = page.replace(/```[\s\S]*?```|`[^`\n]*`|\]\([^)]*\)/g, "");
    const rest = phrases.reduce((text, phrase) => text.replaceAll(phrase.replace(/`[^`]*`/g, ""), ""), prose);
    expect(rest.match(/\d+\.\d+|\d+ ?%|×\s*\d/g) ?? []).toEqual([]);
  });

  test("shows every picture but those of other pages, and says what is seen for those who cannot see it", () => {
    const shown = [...page.matchAll(/!\[([^\]]{20,})\]\(images\/([\w-]+)\.png\)/g)].map(([, , name]) => name);
    expect([...shown].sort()).toEqual(
      Object.keys(pictures)
        .filter(
          (name) =>
            ![
              "audit",
              "conflicts",
              "gates",
              "benchmark",
              "importance",
              "launch",
              "transfer",
              "together",
              "which-domain",
              "worth",
            ].includes(name),
        )
        .sort(),
    );
  });
});

describe("docs/images", () => {
  test("is what the command draws, and each is small", async () => {
    const files = readdirSync(path.join(docs, "images")).filter((file) => file.endsWith(".png"));
    expect(files.sort()).toEqual(
      Object.keys(pictures)
        .map((name) => `${name}.png`)
        .sort(),
    );
    for (const file of files) {
      const { width } = await loadImage(path.join(docs, "images", file));
      expect(width, file).toBe(950);
      expect(statSync(path.join(docs, "images", file)).size, file).toBeLessThan(100_000);
    }
  });

  test.each(untrained)("%s shows today's numbers", async (name) => {
    const drawn = await (pictures[name] as (typeof pictures)[string])(new Trained());
    expect(drawn.says).toEqual(readNumbers()[name]);
  });
});

test("drawing again puts new numbers in place of the old ones", () => {
  const before = { a: { mean: "a mean of 1.5", gone: "2.5 of it" } };
  const now = { a: { mean: "a mean of 1.6", more: "3.5 more" } };
  const { text, missing } = withNumbers("There is a mean of 1.5.", before, now);
  expect(text).toBe("There is a mean of 1.6.");
  expect(missing).toEqual(["3.5 more"]);
});
