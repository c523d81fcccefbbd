/** The search of the site finds the guide that answers what newcomers ask, before any name of the reference. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { search, sectionsOf } from "../../scripts/docs-search.mjs";
import { packageRoot } from "../../src/core/util/files/package-root.js";

const folder = path.join(packageRoot, "docs");
const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
const sections = pages.flatMap((name) => sectionsOf(readFileSync(path.join(folder, name), "utf8"), name));

/** Questions, and the pages that answer them: one must be among the first three results. */
it.each([
  ["compare gamma 1 and 2", /^ablations\.md|how-to\.md#find-what-gamma/],
  ["does the gate matter", /^gates\.md#whether|^how-to\.md#does-a-domain/],
  ["new users", /new-users|cold-start/],
  ["csv", /^data\.md#csv-files/],
  ["early stopping", /#stop-early-and-resume/],
  ["resume training after a crash", /#stop-early-and-resume|^runs\.md/],
  ["export onnx", /^serving\.md/],
  ["confidence interval", /^what-a-verdict-means\.md|^ablations\.md#intervals/],
  ["learning rate", /^how-to\.md#tune-the-learning-rate/],
  ["overfitting", /^training\.md#overfitting/],
  ["explain one row", /^gates\.md#one-row/],
  ["pandas", /^how-to\.md#train-on-a-csv|^data\.md/],
  ["reproducible notebook", /^reproducible-notebooks\.md/],
  ["sequence features", /^features\.md#behaviour-sequences/],
  ["share results", /^how-to\.md#sharing-results/],
  ["calibration", /^metrics\.md#calibration/],
  ["install kernel", /^command-line\.md#the-kernel/],
  ["why is my auc 0.5", /^symptoms\.md#auc-is-05/],
  ["auc is 1", /^symptoms\.md#auc-is-1/],
  ["auc nan", /^symptoms\.md#auc-is-missing/],
  ["auc lower than in the paper", /^symptoms\.md#auc-is-below/],
  ["nan loss", /nan/],
  ["predict and evaluate give different results", /^symptoms\.md#predict-and-evaluate/],
  ["id out of range", /^symptoms\.md#an-id-is-out/],
  ["cvr from ctr and ctcvr", /^symptoms\.md#cvr-from/],
  ["use a gpu", /^symptoms\.md#can-i-use-a-gpu/],
  ["learned weights of tasks", /^symptoms\.md#one-task/],
  ["results differ between runs", /^symptoms\.md#results-differ|^reproducible-notebooks/],
  ["out of memory", /^symptoms\.md#it-needs|^large-data\.md/],
  ["validation auc drops after one epoch", /^symptoms\.md#validation-auc|^training\.md#overfitting/],
  ["predicted probability too high", /^symptoms\.md#predicted-prob|^metrics\.md#re?calibration/],
])("%s", (question, answer) => {
  const addresses = search(sections, question, 3).map(({ address }: { address: string }) => address);
  expect(addresses.filter((address: string) => answer.test(address))).not.toEqual([]);
});

/**
 * Of threads of RecBole, DeepCTR, EasyRec and PaddleRec, written down with their answers before the search was asked.
 * At first it found 12 of the 15.
 */
const apart: readonly (readonly [question: string, answer: RegExp])[] = [
  ["how to test for cold start users", /new-users|cold-start/],
  ["how to use my own dataset", /^data\.md(#open)?$|train-on-a-csv|first-evening/],
  ["pre-defined train, validation and test sets", /^data\.md#split|^training\.md/],
  ["ctr and cvr have exactly the same auc", /^symptoms\.md|^metrics\.md#within/],
  ["multi-class classification", /^metrics\.md|^features\.md#dates-labels/],
  ["early stopping for a classification and a regression task", /stop-early|early-stopping/],
  ["online serving with the same features as training", /^serving\.md|^priors\.md#tomorrow|serve-a-model/],
  ["predict for one user", /serve-a-model|^serving\.md|^command-line\.md#train-evaluate|one-row/],
  ["weight rare positive samples", /imbalanced|^metrics\.md#weights/],
  ["train auc is high but test auc is low", /#overfitting|^symptoms\.md#validation-auc/],
  ["load pretrained item embeddings", /vectors-of-another-model/],
  ["variable length list of clicked items", /behaviour-sequences|history-and-negatives/],
  ["feature importance", /^importance\.md/],
  ["how many negatives per positive", /negatives/],
  ["a domain that was not in the training data", /^launch\.md|add-a-domain|starting-from-other/],
];

it.each(apart)("among the first five: %s", (question, answer) => {
  const addresses = search(sections, question, 5).map(({ address }: { address: string }) => address);
  expect(addresses.filter((address: string) => answer.test(address))).not.toEqual([]);
});

it("finds nothing for words that no page has, and no more than two sections of a page", () => {
  expect(search(sections, "zebra")).toEqual([]);
  expect(search(sections, "the of a")).toEqual([]);
  const found = search(sections, "gates of domains", 10).map(({ page }: { page: string }) => page);
  for (const page of found) expect(found.filter((each: string) => each === page).length).toBeLessThanOrEqual(2);
});
