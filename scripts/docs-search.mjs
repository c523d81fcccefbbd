// The search of the documentation's site: sections of guides that fit a question, before the names that typedoc finds.
// Plain JavaScript: docs.mjs writes it into the site, and a test asks it what newcomers ask.

const ignored = new Set(
  "a an and are as at be been by can could do does for from get had has have how i if in into is it its me my no not of on or our should so some than that the their them then there these they this to too two up us use using want was way we what when where which who why will with without you your".split(
    " ",
  ),
);

/** Words for the same thing: a section that has another one of the line fits nearly as well. */
const synonyms = [
  "compare comparison ablate ablation study studies variant variants versus vs",
  "baseline baselines benchmark",
  "new cold unseen fresh",
  "save saved store persist keep",
  "load open restore read",
  "export deploy serve serving production onnx inference",
  "predict prediction predictions score scores scoring",
  "csv tsv file files",
  "pandas dataframe danfo frame polars",
  "test validation heldout unseen",
  "low lower drop drops below fall falls",
  "missing null nan empty na",
  "drift shift leak leakage",
  "confidence interval intervals uncertainty error significance significant verdict",
  "audit sound fault faults bug broken dead saturated frozen exploding nan gradient debug diagnose",
  "conflict conflicts seesaw gradient cosine negative transfer interference",
  "importance important matter matters effect counterfactual",
  "explain explanation interpret why",
  "install installation setup start pip wheel npm",
  "jupyter notebook notebooks jupyterlab vscode",
  "reproduce reproducible reproducibility verify provenance same",
  "stop stopping patience early",
  "hyperparameter hyperparameters tune tuning search sweep grid",
  "learning rate optimizer optimiser adam schedule",
  "overfit overfitting regularise regularize dropout",
  "crash resume interrupted killed checkpoint checkpoints continue",
  "plot chart charts graph figure picture visualise visualize",
  "report page share html",
  "imbalance imbalanced weight weights rare",
  "history sequence sequences behaviour behavior",
  "domain domains scene segment scenario",
  "task tasks label labels target multitask",
  "embedding embeddings id ids hash bucket vocabulary vocab",
  "memory ram large big size out-of-core",
  "fast slow speed threads engine performance",
  "metric metrics auc loss logloss evaluate evaluation",
  "calibrate calibration calibrated",
  "config proto torcheasyrec tzrec cluster",
  "gamma gate gates gating epnet ppnet",
].map((line) => line.split(" "));

const USUAL_WORDS = 100;

const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Without the commonest endings: `comparing` and `compares` are one word. */
const stem = (word) => (word.length > 4 ? word.replace(/(?:ations?|ings?|ies|ied|ed|es|s|e)$/, "") : word);

/** The sections of a page of Markdown. @param address of the page on the site */
export function sectionsOf(markdown, address) {
  const sections = [];
  let isCode = false;
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    const heading = isCode ? null : /^#{1,4} (.+)$/.exec(line)?.[1]?.replace(/\[([^\]]*)\]\([^)]*\)|[`*]/g, "$1");
    if (heading) sections.push({ heading, text: "" });
    else if (sections.length > 0) sections.at(-1).text += `${line}\n`;
  }
  const page = sections[0]?.heading ?? "";
  return sections.map(({ heading, text }, index) => {
    const slug = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "");
    const anchor = index === 0 ? "" : `#${slug.trim().replace(/\s+/g, "-")}`;
    return { page, heading, address: address + anchor, words: [...new Set(wordsOf(text).map(stem))] };
  });
}

/** A word of a question: its stem, and those of words for the same thing. The last one may not be typed to its end. */
const termOf = (word, index, { length }) => {
  const own = stem(word);
  const lines = synonyms.filter((line) => line.some((each) => stem(each) === own));
  return { own, isBeginning: own.length > 3 || index === length - 1, others: lines.flat().map(stem) };
};

/** How well a word is in a list of stems: 1, 0.6 for a word for the same thing, 0. */
function fit({ own, isBeginning, others }, stems) {
  if (isBeginning ? stems.some((each) => each.startsWith(own)) : stems.includes(own)) return 1;
  return others.some((other) => stems.includes(other)) ? 0.6 : 0;
}

/** Long sections have many words by chance: 1 for a usual one, less for a longer one. */
const brief = ({ words }) => Math.min(1, Math.sqrt(USUAL_WORDS / Math.max(1, words.length)));

/** The sections that fit a question best, at most two of a page. */
export function search(sections, question, most = 5) {
  const asked = wordsOf(question).filter((word) => !ignored.has(word) && (word.length > 1 || !/\d/.test(word)));
  const terms = asked.map(termOf);
  const rarity = terms.map(({ own }) => {
    const having = sections.filter(({ words }) => words.includes(own)).length;
    return Math.log(1 + sections.length / (1 + having));
  });
  const scored = sections.map((section) => {
    const [heading, page] = [section.heading, section.page].map((text) => wordsOf(text).map(stem));
    const parts = terms.map(
      (term) => 6 * fit(term, heading) + 2 * fit(term, page) + 1.5 * brief(section) * fit(term, section.words),
    );
    const covered = parts.filter((part) => part > 0).length / Math.max(1, asked.length);
    return { section, score: covered ** 2 * parts.reduce((sum, part, index) => sum + part * rarity[index], 0) };
  });
  const pages = new Map();
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .filter(({ section: { page } }) => pages.set(page, (pages.get(page) ?? 0) + 1).get(page) <= 2)
    .slice(0, most)
    .map(({ section }) => section);
}

/** Runs in the browser: puts the sections before typedoc's own results. */
export function offer(sections, base) {
  const field = document.getElementById("tsd-search-input");
  const results = document.getElementById("tsd-search-results");
  if (!field || !results) return;
  let latest;
  field.addEventListener("input", () => {
    clearTimeout(latest);
    latest = setTimeout(show, 260); // after typedoc, which waits for 200 ms
  });
  function show() {
    for (const old of results.querySelectorAll(".guide")) old.remove();
    const items = search(sections, field.value).map(({ page, heading, address }, index) => {
      const link = Object.assign(document.createElement("a"), { href: base + address, tabIndex: -1 });
      link.append(Object.assign(document.createElement("span"), { className: "text", textContent: heading }));
      if (heading !== page) {
        link.append(Object.assign(document.createElement("span"), { className: "parent", textContent: ` ${page}` }));
      }
      const item = Object.assign(document.createElement("li"), { id: `guide-${index}`, className: "guide" });
      item.setAttribute("role", "option");
      item.append(link);
      return item;
    });
    results.prepend(...items);
    if (items.length > 0) document.getElementById("tsd-search-status")?.replaceChildren();
  }
}
