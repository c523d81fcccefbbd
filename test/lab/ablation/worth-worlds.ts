/** Made-up logs for the worth of a model: users with sessions and moods, few of them heavy, in three scenes. */

import { random } from "../../../src/core/util/random.js";
import { type AnyModel, adagrad, adam, type Dataset, dataset, idFeature, pepnet } from "../../../src/index.js";

export interface LogWorld {
  /** By scene: the weights of two tastes for items that all scenes share, and of one of its own. */
  readonly tastes: readonly (readonly [first: number, second: number, own: number])[];
  /** By scene: share of the rows. */
  readonly shares: readonly number[];
  /** The deviation of a session's mood, which moves the rate of its rows. */
  readonly mood: number;
}

const items = 60;
const even = (count: number): number[] => Array<number>(count).fill(1 / count);

/** Scenes that do not differ. */
export const alike: LogWorld = {
  tastes: [
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ],
  shares: [0.5, 0.3, 0.2],
  mood: 0.8,
};

/** Six scenes: what is liked in one is disliked in the next. */
export const ofTwoKinds: LogWorld = {
  tastes: [1.5, -1.5, 1.5, -1.5, 1.5, -1.5].map((weight) => [weight, 0, 0] as const),
  shares: even(6),
  mood: 0.3,
};

/** The last scene has a taste of its own. */
export const stranger: LogWorld = {
  tastes: [
    [1.5, 0, 0],
    [1.5, 0, 0],
    [0, 0, 1.5],
  ],
  shares: [0.5, 0.2, 0.3],
  mood: 0.3,
};

interface ModelSize {
  readonly embedding?: number;
  /** Whether the network itself reads the scene, beside its gates. Default: true. */
  readonly readsScene?: boolean;
}

/** A model with gates and towers of scenes. */
export function modelOf({ tastes }: LogWorld, { embedding = 8, readsScene = true }: ModelSize = {}): AnyModel {
  const names = tastes.map((_, scene) => `scene ${scene}`);
  const model = pepnet()
    .features(
      idFeature("item").buckets(items).embedding(embedding),
      idFeature("group").buckets(8).embedding(embedding),
      idFeature("scene").buckets(names.length).embedding(4),
    )
    .labels("click") as unknown as AnyModel;
  return model
    .group("all", ["item", "group", ...(readsScene ? ["scene"] : [])])
    .group("domain", ["scene"])
    .group("uia", ["group"])
    .epnet()
    .ppnet({ hidden: [16] })
    .domains("scene", names)
    .tower("ctr", (t) => t.label("click").mlp(8).bce().auc())
    .train({ batchSize: 256, epochs: 8, dense: adam(6e-3), sparse: adagrad(0.08) });
}

/** @param world whose tastes are those of `worldSeed`; rows and users are those of `seed` */
export function logOf(world: LogWorld, worldSeed: number, seed: number, rows: number): Promise<Dataset> {
  const { tastes, shares, mood } = world;
  const truth = random(worldSeed).fork("tastes");
  const taste = () => Array.from({ length: items }, () => truth.normal());
  const [first, second, groups] = [taste(), taste(), Array.from({ length: 8 }, () => 0.5 * truth.normal())];
  const ofScenes = tastes.map(taste);
  const source = random(seed).fork(`rows ${worldSeed}`);
  const list: Record<"user" | "item" | "group" | "scene" | "click", number>[] = [];
  for (let user = 0; list.length < rows; user++) {
    // One user in ten has ten times as many sessions.
    const [group, sessions, habit] = [source.integer(8), source.uniform() < 0.1 ? 20 : 2, 0.5 * source.normal()];
    for (let session = 0; session < sessions; session++) {
      const shift = habit + mood * source.normal();
      const scene = sceneAt(source.uniform(), shares);
      const [a, b, own] = tastes[scene]!;
      for (let row = 0; row < 4; row++) {
        const item = source.integer(items);
        const like = a * first[item]! + b * second[item]! + own * ofScenes[scene]![item]! + groups[group]!;
        const chance = 1 / (1 + Math.exp(-(shift + like - 0.5)));
        list.push({ user, item, group, scene, click: source.uniform() < chance ? 1 : 0 });
      }
    }
  }
  return dataset(list);
}

function sceneAt(at: number, shares: readonly number[]): number {
  let rest = at;
  const scene = shares.findIndex((share) => {
    rest -= share;
    return rest < 0;
  });
  return scene < 0 ? shares.length - 1 : scene;
}
