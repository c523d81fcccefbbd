import type { Problem } from "../../errors/index.js";
import type { Json, JsonObject } from "../../util/json.js";
import type { StudyPlan } from "../ablate.js";
import type { Variant } from "../design/design.js";
import { effectiveSpec } from "../design/effective-spec.js";
import { canonical, rowsHash, sha256, usersHash } from "../runs/run-key.js";
import { type StudyGround, StudyRunner } from "../study.js";

export interface Registration {
  readonly question: string;
  readonly registered: string;
  /** Number of its runs that the cache had before, so that their results may have been seen. */
  readonly runsBefore: number;
  /** Variants by name with a hash of what each computes, seeds, and the settings that numbers depend on. */
  readonly design: JsonObject;
  readonly data: JsonObject;
}

/** The registration of a plan at this moment. Encodes the rows. */
export async function registrationOf(
  plan: StudyPlan,
  ground: StudyGround,
  { question, domains }: { readonly question: string; readonly domains: boolean },
): Promise<Registration> {
  const { design, trainRows, ...settings } = plan;
  const models = [design.model, ...design.variants];
  const rows = await Promise.all(models.map(({ spec }) => ground.rowsFor(spec)));
  const hashes = rows.map(({ train, validation }) => `${rowsHash(train)} ${rowsHash(validation)}`);
  return {
    question,
    registered: new Date().toISOString(),
    runsBefore: await storedRuns(models, plan.seeds ?? [], ground),
    design: plain({
      variants: Object.fromEntries(models.map(({ name, spec }) => [name, sha256(canonical(effectiveSpec(spec)))])),
      domains,
      ...settings,
      ...ground.settings,
    }),
    data: plain({
      hash: sha256(JSON.stringify([hashes, usersHash(ground.users)])),
      trainRows,
      evaluationRows: rows[0]!.validation.rows,
      user: ground.users?.name ?? null,
    }),
  };
}

/** What differs from an earlier registration, as problems; empty: it is the same study. */
export function differencesFrom(earlier: Registration, now: Registration): Problem[] {
  const fix = "plan in another folder; or run the plan unchanged, and look at more with plan.explore({ … })";
  const differs = (path: string, before: Json | undefined, after: Json | undefined): Problem[] => {
    const [expected, received] = [canonical(before ?? null), canonical(after ?? null)];
    if (expected === received) return [];
    return [{ path: `plan.${path}`, message: "differs from the registered plan", received, expected, fix }];
  };
  const members = (part: "design" | "data"): Problem[] =>
    [...new Set([...Object.keys(earlier[part]), ...Object.keys(now[part])])].flatMap((name) =>
      differs(name === "hash" ? "data" : name, earlier[part][name], now[part][name]),
    );
  return [...differs("question", earlier.question, now.question), ...members("design"), ...members("data")];
}

async function storedRuns(models: readonly Variant[], seeds: readonly number[], ground: StudyGround): Promise<number> {
  const runner = new StudyRunner(ground);
  let count = 0;
  for (const variant of models) {
    for (const seed of seeds) if ((await runner.kept({ variant, seed })) !== null) count++;
  }
  return count;
}

function plain(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
