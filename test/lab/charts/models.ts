/** Models to draw: small and large, with and without each of their parts, with names that are hard to show. */
import { pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { layer } from "../../../src/core/nn/custom-layer.js";
import { modelStructure } from "../../../src/core/nn/plan/structure.js";
import type { ModelSpec, SwitchesSpec } from "../../../src/core/spec/model.js";

/** How large a model is to be. */
export interface ModelSize {
  readonly domains: readonly string[];
  /** Beside the three that feed the gates. */
  readonly fields?: readonly string[];
  readonly tasks?: readonly string[];
  readonly hidden?: readonly number[];
}

const plainFields = ["cate_id", "brand", "age_level", "city"];

/** Both gates, a tower a task and domain; every task but the first in the space of the first one's label. */
export function modelOf({
  domains,
  fields = plainFields,
  tasks = ["ctr", "cvr"],
  hidden = [64, 32],
}: ModelSize): AnyModel {
  const labels = tasks.map((task) => `${task}_label`);
  const begun = (pepnet() as unknown as AnyModel)
    .features(
      idFeature("user_id").buckets(100_000).embedding(16),
      idFeature("item_id").hash(20_000).embedding(16),
      idFeature("scene").buckets(domains.length).embedding(8),
      rawFeature("price"),
      ...fields.map((name) => idFeature(name).buckets(500).embedding(8)),
    )
    .labels(...labels)
    .group("domain", ["scene"])
    .group("uia", ["user_id", "item_id"])
    .epnet({ gamma: 2 })
    .ppnet({ hidden, gamma: 2, dropout: 0.1 })
    .domains("scene", domains);
  return tasks.reduce<AnyModel>(
    (model, name, index) =>
      model.tower(name, (tower) => {
        const own = tower
          .label(labels[index] as string)
          .mlp(32, 16)
          .bce();
        return index === 0 ? own : own.taskSpace(labels[0] as string, { in: 1, out: 0 });
      }),
    begun,
  );
}

/** The spec with other switches, whatever the model. */
export function switched(model: AnyModel, switches: Partial<SwitchesSpec>): ModelSpec {
  return { ...model.spec, switches: { ...model.spec.switches, ...switches } };
}

/** The spec without a group. */
export function withoutGroup(spec: ModelSpec, name: string): ModelSpec {
  return { ...spec, groups: spec.groups.filter((group) => group.name !== name) };
}

const scenes = ["feed", "search", "live"];
const cross = layer("cross", {
  parameters: ({ width }) => ({ weight: { shape: [width, 1] }, bias: { shape: [width] } }),
  apply: (x) => x,
});

/** Models that stand for all shapes that a diagram takes. */
export const models: Readonly<Record<string, () => ModelSpec>> = {
  "paper-placement": () => modelOf({ domains: scenes }).preset("paper").spec,
  "own-layers": () => modelOf({ domains: scenes }).layer(cross).spec,
  "epnet-off": () => switched(modelOf({ domains: scenes }), { epnet: false, learnableGamma: true }),
  "ppnet-off": () => switched(modelOf({ domains: scenes }), { ppnet: false, sharedTowers: true }),
  "no-groups": () =>
    withoutGroup(
      withoutGroup({ ...modelOf({ domains: scenes, tasks: ["ctr"] }).spec, domains: null }, "uia"),
      "domain",
    ),
  "gradients-flow": () =>
    switched(modelOf({ domains: scenes, tasks: ["ctr"] }), { stopGradient: false, detachPriors: true }),
  "200-features": () =>
    modelOf({ domains: scenes, fields: Array.from({ length: 196 }, (_, f) => `field_${f + 1}`) }).spec,
  "3-features": () => modelOf({ domains: scenes, fields: [] }).spec,
  /** With what the model of {@link structureFor} has not: these two have goldens. */
  "six-tasks": () => {
    const tasks = ["clk", "buy", "cart", "fav", "share", "follow"];
    const model = modelOf({ domains: scenes, tasks, hidden: [256, 128, 64, 64, 32, 32, 16] });
    return switched(model.layer(cross).preset("paper"), { detachPriors: true });
  },
  "three-tasks": () => modelOf({ domains: scenes, tasks: ["clk", "buy", "cart"] }).spec,
  "long-names-everywhere": () => {
    const long = (name: string): string =>
      `${name} of all the things that were seen in the last seven days <b>${name}</b>`;
    const tasks = ["click", "purchase", "follow"].map(long);
    const model = modelOf({ domains: scenes.map(long), tasks, fields: ["category", "brand"].map(long) });
    const { spec } = model;
    return { ...spec, domains: { column: long("scene"), count: 3, names: scenes.map(long) } };
  },
  "no-tasks": () => pepnet().features(idFeature("user_id").buckets(10).embedding(4)).spec,
};

/** The structure of a model for domains of these names. */
export function structureFor(domains: readonly string[]) {
  return modelStructure(modelOf({ domains }).spec);
}
