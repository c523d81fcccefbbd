/** What `check` suspects of features that training would accept. */
import { describe, expect, it } from "vitest";
import { dataset, idFeature, pepnet, rawFeature } from "../../../src/index.js";

const count = 2000;
const rows = Array.from({ length: count }, (_, row) => row);
const coin = (row: number, salt: number): number => {
  const x = Math.sin(row * 12.9898 + salt * 78.233) * 43758.5453;
  return x - Math.floor(x);
};
const click = rows.map((row) => (coin(row, 1) < 0.3 ? 1 : 0));
const honest = { scene: rows.map((row) => row % 2), item: rows.map((row) => Math.floor(coin(row, 2) * 50)), click };

const base = () =>
  pepnet()
    .features(idFeature("scene").buckets(2).embedding(4), idFeature("item").buckets(50).embedding(4))
    .labels("click", "bought", "scene");

/** The warnings about one feature of the group `all`. */
async function warningsOn(
  feature: ReturnType<typeof rawFeature> | ReturnType<typeof idFeature>,
  values: readonly unknown[],
) {
  const name = feature.toSpec().name;
  const model = base()
    .features(feature as ReturnType<typeof rawFeature<"x">>)
    .group("all", ["item", name as "x"])
    .group("domain", ["scene"])
    .domains("scene", 2)
    .tower("ctr", (t) => t.label("click").bce());
  const data = await dataset({ ...honest, bought: click, [name]: values });
  const { warnings } = await data.check(model);
  return warnings.filter(({ path }) => path.includes(name)).map(({ message, fix }) => `${message} | ${fix}`);
}

it("labels of a softmax of two are checked like those of one probability, without the rows that it leaves out", async () => {
  const model = base()
    .features(rawFeature("answer"))
    .group("all", ["item", "answer"])
    .tower("ctr", (t) => t.label("click").softmax(2));
  const answer = click.map((value, row) => value + coin(row, 5) / 10);
  const messages = async (labels: readonly number[]) => {
    const { warnings } = await (await dataset({ ...honest, click: labels, bought: click, answer })).check(model);
    return warnings.map(({ message }) => message).join("\n");
  };
  expect(await messages(click)).toContain('alone ranks label "click" with AUC 1.000');
  expect(await messages(click.map((value, row) => (row % 3 === 0 ? -100 : value)))).toContain("with AUC 1.000");
  expect(await messages(rows.map((row) => (row % 3 === 0 ? -100 : 1)))).toMatch(/label "click" is 1 in every row/);
});

describe("a feature is suspected", () => {
  it("of numbers that are not scaled, with the line that scales them", async () => {
    const values = rows.map((row) => coin(row, 3) * 50_000);
    const [said, ...more] = await warningsOn(rawFeature("income"), values);
    expect(more).toEqual([]);
    expect(said).toMatch(/^enters the network unscaled \(/);
    expect(said).toMatch(/ \| rawFeature\("income"\)\.zscore\(\)$/);
    expect(await warningsOn(rawFeature("income").zscore(), values)).toEqual([]);
    const tail = rows.map((row) => (row % 100 === 0 ? 90_000 : coin(row, 3) * 50));
    const [long] = await warningsOn(rawFeature("income"), tail);
    expect(long).toMatch(/ \| rawFeature\("income"\)\.log1p\(\)\.zscore\(\)$/);
    expect(
      await warningsOn(
        rawFeature("share"),
        rows.map((row) => coin(row, 3) * 3),
      ),
      "small numbers",
    ).toEqual([]);
  });

  it("of times as numbers, in seconds and in milliseconds", async () => {
    const seconds = rows.map((row) => 1_700_000_000 + row * 60);
    const [said] = await warningsOn(rawFeature("ts"), seconds);
    expect(said).toMatch(/^looks like times in seconds since 1970 \(2023-11-14 to 2023-11-1\d\)/);
    const [millis] = await warningsOn(
      rawFeature("ts"),
      seconds.map((time) => time * 1000),
    );
    expect(millis).toMatch(/^looks like times in milliseconds since 1970/);
  });

  it("of being the label in another form, as a number and as an id", async () => {
    const spend = click.map((label, row) => (label === 1 ? 0.1 + coin(row, 4) : 0));
    expect(await warningsOn(rawFeature("spend"), spend)).toEqual([
      expect.stringMatching(/^alone ranks label "click" with AUC 1\.000: .* \| remove feature "spend"/),
    ]);
    const status = click.map((label, row) => (label === 1 ? ["won", "paid"][row % 2]! : "open"));
    expect(await warningsOn(idFeature("status").vocab(["won", "paid", "open"]).embedding(4), status)).toEqual([
      expect.stringMatching(/^alone ranks label "click" with AUC 1\.000/),
    ]);
  });

  it("of an id that every row has to itself, which cannot rank other rows", async () => {
    const own = await warningsOn(idFeature("session").buckets(count).embedding(4), rows);
    expect(own).toEqual([
      expect.stringMatching(/^has 2,000 ids in 2,000 rows: an embedding that one row trains is noise/),
    ]);
  });

  it("of a label that is declared, though no tower predicts it", async () => {
    const model = base()
      .features(idFeature("bought_before").expression("user:bought").buckets(2).embedding(4))
      .group("all", ["item", "bought_before"])
      .group("domain", ["scene"])
      .domains("scene", 2)
      .tower("ctr", (t) => t.label("click").bce());
    const data = await dataset({ ...honest, bought: click });
    const { warnings } = await data.check(model);
    expect(warnings.map(({ message }) => message).join("\n")).toMatch(
      /feature "bought_before" reads the label "bought"/,
    );
  });
});

it("an honest model is not suspected", async () => {
  const model = base()
    .group("all", ["item"])
    .group("domain", ["scene"])
    .domains("scene", 2)
    .tower("ctr", (t) => t.label("click").bce());
  expect((await (await dataset({ ...honest, bought: click })).check(model)).findings).toEqual([]);
});
