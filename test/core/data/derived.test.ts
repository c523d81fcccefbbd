/** Labels by rules, domains of text, and features of dates: columns that are computed from columns of the data. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type DatasetSource, dataset } from "../../../src/api/data/dataset.js";
import { modelFromSpec, pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { ageFeature, dateFeature } from "../../../src/core/builder/date-feature.js";
import type { Feature } from "../../../src/core/builder/feature.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { type Label, label } from "../../../src/core/builder/learning-rates.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import type { DataError } from "../../../src/core/errors/index.js";
import { makeEncoders } from "../../../src/core/serve/encoders.js";
import { encodingSpec } from "../../../src/core/serve/encoders-shape.js";
import { checkedSpec } from "../../../src/core/train/saved/spec-shape.js";

/** A model whose names the compiler does not follow. */
const start = (): AnyModel => modelFromSpec(pepnet().spec);

const encoded = async (model: AnyModel, source: DatasetSource) => encode((await dataset(source)).table, model.spec);

const refused = (model: AnyModel, source: DatasetSource): Promise<string> =>
  encoded(model, source).then(
    () => "accepted",
    (error: DataError) => error.message,
  );

const rated = (rule: string | Label<string>): AnyModel =>
  start()
    .features(idFeature("user").hash(10).embedding(2))
    .labels(rule)
    .tower("like", (t) => t.label("like").bce());

const values = async (rule: Label<string>, source: DatasetSource) => [
  ...(await encoded(rated(rule), source)).labels.get("like")!,
];

describe("a label by a rule", () => {
  const rows = { user: ["a", "b", "c", "d"], rating: [1, 3, 4, 5], answer: ["yes", "no", "Yes", "maybe"] };

  test.each([
    ["above", label("like").from("rating").above(3), [0, 0, 1, 1]],
    ["atLeast", label("like").from("rating").atLeast(3), [0, 1, 1, 1]],
    ["below", label("like").from("rating").below(3), [1, 0, 0, 0]],
    ["atMost", label("like").from("rating").atMost(3), [1, 1, 0, 0]],
    ["equals numbers", label("like").from("rating").equals(1, "5"), [1, 0, 0, 1]],
    ["equals texts, as they are written", label("like").from("answer").equals("yes", "maybe"), [1, 0, 0, 1]],
  ])("%s", async (_, rule, expected) => expect(await values(rule, rows)).toEqual(expected));

  test("reads the column with its own name, if no other is named", async () => {
    expect(await values(label("like").above(3), { user: ["a", "b"], like: [3, 4] })).toEqual([0, 1]);
  });

  test("reads booleans, and numbers of a CSV file that are also an id", async () => {
    expect(await values(label("like").from("x").equals(true), { user: ["a", "b"], x: [true, false] })).toEqual([1, 0]);
    const file = join(mkdtempSync(join(tmpdir(), "pepnet-rules-")), "rows.csv");
    writeFileSync(file, "user,answer\n1,Yes\n2,no\n30,yes\n");
    expect(await values(label("like").from("answer").equals(true), file)).toEqual([1, 0, 1]);
    expect(await values(label("like").from("user").above(2), file)).toEqual([0, 0, 1]);
  });

  test("trains and evaluates, and describe counts its positives", async () => {
    const data = await dataset({ user: ["a", "b", "c", "d"], rating: [1, 3, 4, 5] });
    const model = rated(label("like").from("rating").above(3));
    const run = await model.fit(data, { validation: data, epochs: 1, quiet: true });
    expect((await run.evaluate(data)).tasks[0]?.overall).toMatchObject({ positives: 2 });
    expect((await data.describe({ model })).positiveRates).toEqual({ like: 0.5 });
  });

  test("a missing value has no label", async () => {
    expect(
      await refused(rated(label("like").from("rating").above(3)), { user: ["a", "b"], rating: [1, null] }),
    ).toContain('label "like" has no value');
  });

  test("a comparison with text names the row, and the rule for text", async () => {
    expect(await refused(rated(label("like").from("answer").above(3)), rows)).toMatchInlineSnapshot(`
      "columns in memory: row 0 (from 0), column "answer": label "like" compares numbers, and this is not a number (and in 3 other rows)
        received: "yes"
        expected: a number in each row
        fix: label("like").from("answer").equals("yes")"
    `);
  });

  test("a text label without a rule is shown the rule", async () => {
    expect(await refused(rated("like"), { user: ["a", "b"], like: ["good", "bad"] })).toContain(
      'fix: label("like").equals("bad")',
    );
  });

  test("a missing column, a function, a label without a rule and a rule without values are refused", async () => {
    expect(await refused(rated(label("like").from("rate").above(3)), rows)).toContain('expected: a column "rate"');
    const from = label("like").from as unknown as (...values: unknown[]) => unknown;
    expect(() => from("rating", (r: number) => r > 3)).toThrow('fix: label("like").from("rating").above(3)');
    expect(() => pepnet().labels(label("like") as never)).toThrow("a label without a rule");
    expect(() => pepnet().labels(label("like").equals())).toThrow("no value to compare with");
  });

  test("check says that a feature which reads the rule's column leaks the answer", async () => {
    const data = await dataset({ user: ["a", "b"], rating: [1, 5] });
    const leaky = rated(label("like").from("rating").above(3)).features(rawFeature("rating"));
    expect((await data.check(leaky)).warnings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('feature "rating" reads the label "rating"'),
    );
  });
});

describe("domains of text", () => {
  const names = ["home", "search", "push"];
  const surfaces = (feature: "buckets" | "vocab" | "none"): AnyModel => {
    const column = idFeature("surface");
    const encodedColumn = feature === "buckets" ? column.buckets(3) : column.vocab(names);
    const model = start().features(
      ...(feature === "none" ? [idFeature("x").hash(5).embedding(2)] : [encodedColumn.embedding(2)]),
    );
    return model
      .labels("clk", "surface")
      .domains("surface", names)
      .tower("ctr", (t) => t.label("clk").bce());
  };
  const rows = { surface: ["push", "home", "search", "home"], x: ["a", "b", "a", "b"], clk: [0, 1, 0, 1] };

  test.each(["buckets", "vocab", "none"] as const)(
    "are numbered by their names, with a feature of %s",
    async (kind) => {
      const data = await encoded(surfaces(kind), rows);
      expect(data.domains).toEqual(Int32Array.of(2, 0, 1, 0));
      if (kind === "buckets") expect(data.features.get("surface")).toMatchObject({ ids: Int32Array.of(2, 0, 1, 0) });
    },
  );

  test("numbers mean what they did", async () => {
    const data = await encoded(surfaces("buckets"), { ...rows, surface: [2, 0, 1, 0] });
    expect(data.domains).toEqual(Int32Array.of(2, 0, 1, 0));
  });

  test("yes and no are numbered by their names, and by 1 and 0 otherwise", async () => {
    const member = (order: string[]): AnyModel =>
      start()
        .features(idFeature("member").buckets(2).embedding(2))
        .labels("clk")
        .domains("member", order)
        .tower("ctr", (t) => t.label("clk").bce());
    const people = { member: ["yes", "no"], clk: [0, 1] };
    expect((await encoded(member(["yes", "no"]), people)).domains).toEqual(Int32Array.of(0, 1));
    expect((await encoded(member(["guest", "member"]), people)).domains).toEqual(Int32Array.of(1, 0));
  });

  test("another text is an error with the names", async () => {
    const message = await refused(surfaces("none"), { ...rows, surface: ["push", "home", "serach", "home"] });
    expect(message).toMatchInlineSnapshot(`
      "columns in memory: row 2 (from 0), column "surface": domain "surface" has no such name
        received: "serach"
        expected: one of "home", "search", "push"
        fix: did you mean "search"?"
    `);
  });

  test("a text column with a count of domains is shown the names", async () => {
    const counted = start()
      .features(idFeature("x").hash(5).embedding(2))
      .labels("clk", "surface")
      .domains("surface", 3)
      .tower("ctr", (t) => t.label("clk").bce());
    expect(await refused(counted, rows)).toContain('fix: .domains("surface", ["home", "push", "search"])');
  });
});

describe("features of dates", () => {
  // 2024-05-06 is a Monday.
  const times = ["2024-05-06T23:30:00Z", "2024-05-12 00:00:00", null, "1969-12-31"];
  const rows = {
    time: times,
    signup: ["2024-05-01", "2024-05-12T12:00", "2024-01-01", "1969-12-31"],
    clk: [0, 1, 0, 1],
  };
  const dated = (...features: Feature<string>[]): AnyModel =>
    start()
      .features(...features)
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").bce());
  const ids = async (feature: ReturnType<typeof dateFeature>, source: DatasetSource = rows) => {
    const column = (await encoded(dated(feature.embedding(2)), source)).features.get(feature.name);
    return [...(column as { ids: Int32Array }).ids];
  };

  test("hour, weekday and month on a clock in UTC or at a fixed distance from it", async () => {
    expect(await ids(dateFeature("time", "hour"))).toEqual([23, 0, -1, 0]);
    expect(await ids(dateFeature("time", "hour", { zone: "+08:00" }))).toEqual([7, 8, -1, 8]);
    expect(await ids(dateFeature("time", "weekday"))).toEqual([0, 6, -1, 2]);
    expect(await ids(dateFeature("time", "weekday", { zone: "-00:30" }))).toEqual([0, 5, -1, 1]);
    expect(await ids(dateFeature("time", "month", { zone: "UTC" }))).toEqual([4, 4, -1, 11]);
  });

  test("from dates in memory, in Parquet, and numbers with a unit", async () => {
    const dates = times.map((time) =>
      time === null ? null : new Date(time.includes(":") ? time.replace(" ", "T").replace(/Z?$/, "Z") : time),
    );
    const data = await dataset({ time: dates, clk: rows.clk });
    expect(await ids(dateFeature("time", "hour"), data)).toEqual([23, 0, -1, 0]);
    const parquet = await data.toParquet(join(mkdtempSync(join(tmpdir(), "pepnet-dates-")), "rows.parquet"));
    expect(await ids(dateFeature("time", "weekday"), parquet)).toEqual([0, 6, -1, 2]);
    const seconds = dates.map((date) => (date === null ? null : date.getTime() / 1000));
    expect(await ids(dateFeature("time", "hour", { unit: "s" }), { time: seconds, clk: rows.clk })).toEqual([
      23, 0, -1, 0,
    ]);
  });

  test("an age is the days to another column or to a date", async () => {
    const { features } = await encoded(dated(ageFeature("signup", { at: "time" }).default(-9)), rows);
    expect(features.get("signup_age")).toMatchObject({ values: Float32Array.of(5 + 23.5 / 24, -0.5, -9, 0) });
    const fixed = await encoded(dated(ageFeature("signup", { until: "2024-05-11" })), rows);
    expect([...(fixed.features.get("signup_age") as { values: Float32Array }).values].slice(0, 2)).toEqual([10, -1.5]);
  });

  test("are fitted like other numbers", async () => {
    const model = await dated(ageFeature("signup", { until: "2024-05-11" }).zscore()).fitFeatures(rows);
    expect(model.spec.features[0]).toMatchObject({ normalizer: expect.stringContaining("method=zscore,mean=") });
  });

  test("a number without a unit, other text and an unknown zone are refused", async () => {
    const hour = (options?: object) => dated(dateFeature("time", "hour", options).embedding(2));
    expect(await refused(hour(), { time: [1_490_000_000], clk: [1] })).toMatchInlineSnapshot(`
      "columns in memory: row 0 (from 0), column "time": feature "time_hour" reads times, and a number needs a unit
        received: 1490000000
        expected: seconds or milliseconds since 1970, by { unit }
        fix: { unit: "s" }"
    `);
    expect(await refused(hour(), { time: ["06/05/2024"], clk: [1] })).toContain(
      `await data.derive({ time: "strptime(\\"time\\", '%d/%m/%Y')" }), or '%m/%d/%Y' if the month is first`,
    );
    expect(await refused(hour(), { at: ["2024-05-06"], clk: [1] })).toContain('expected: a column "time"');
    expect(() => hour({ zone: "Europe/Berlin" })).toThrow('fix: { zone: "+01:00" }');
    expect(() => dated(ageFeature("signup", { until: "2024-02-31" }))).toThrow("not a date");
    expect(() => dated(ageFeature("signup", {}))).toThrow('{ at: "timestamp" }');
  });
});

test("configs, saved specs and exported encoders keep the rules and encode alike", async () => {
  const model = start()
    .features(
      idFeature("surface").buckets(2).embedding(2),
      dateFeature("time", "hour", { zone: "+02:00" }).embedding(2),
      ageFeature("signup", { at: "time" }).zscore(),
    )
    .labels(label("like").from("rating").above(3))
    .domains("surface", ["home", "search"])
    .tower("like", (t) => t.label("like").bce());
  const rows = {
    surface: ["search", "home"],
    time: ["2024-05-06T23:30:00Z", "2024-05-12"],
    signup: ["2024-05-01", "2024-05-02"],
    rating: [3, 4],
  };
  const { spec } = await model.fitFeatures(rows);
  const table = await openTable(rows);
  const here = await encode(table, spec);
  const config = pepnet.fromConfig((await model.fitFeatures(rows)).toConfig()).spec;
  expect(config.derived).toEqual(spec.derived);
  expect(await encode(table, config)).toEqual(here);
  expect(await encode(table, checkedSpec("spec.json", JSON.parse(JSON.stringify(spec))))).toEqual(here);
  const encoders = JSON.parse(JSON.stringify(makeEncoders(spec, false)));
  const served = await encode(table, encodingSpec(encoders, true), { labels: false });
  expect(served.features).toEqual(here.features);
  expect(served.domains).toEqual(here.domains);
  const features = await encode(table, encodingSpec(encoders, false), { labels: false });
  expect(features.features).toEqual(here.features);
});
