/**
 * The names of a plan's inputs and parameters: TorchEasyRec's for parameters.
 */
import type { GroupName, MlpSpec } from "../../spec/index.js";
import type { Plan } from "./plan.js";
import { distinctViews, type EncoderPlan, encoderNorms, type SequenceView } from "./sequences.js";
import { ranksSessions } from "./task-losses.js";

/** The groups that the program reads, in the order of its inputs. */
export function groupNames(plan: Plan): GroupName[] {
  const names: GroupName[] = ["all"];
  if (plan.epnet !== null) names.push("domain");
  if (plan.ppnet?.gated) names.push("uia");
  return names;
}

/**
 * The inputs with gradients, besides parameters: features of the groups, then queries and sequences of the encoders.
 */
export function matrixNames(plan: Plan): string[] {
  const groups: string[] = groupNames(plan).filter((group) => (plan.inputDims[group] ?? 0) > 0);
  return [...groups, ...readViews(plan).flatMap(viewMatrices)];
}

/** The inputs of a view with gradients. */
export function viewMatrices({ name, queryWidth }: SequenceView): string[] {
  return [...(queryWidth > 0 ? [`query.${name}`] : []), `sequence.${name}`];
}

/** The encoders that the program computes: those of groups that it reads. */
export function readEncoders(plan: Plan): readonly EncoderPlan[] {
  const groups = groupNames(plan);
  return plan.encoders.filter(({ group }) => groups.includes(group));
}

/** Those of them that weight positions. */
export function weightingEncoders(plan: Plan): readonly EncoderPlan[] {
  return readEncoders(plan).filter(({ encoder: { kind } }) => kind !== "pooling" && kind !== "self_attention");
}

/** The sequences that the program's encoders read. */
export function readViews(plan: Plan): readonly SequenceView[] {
  return distinctViews(readEncoders(plan));
}

/** Name of a task's tower for a domain. */
export function towerName(plan: Plan, task: number, domain: number): string {
  return `model._task_tower.${task * plan.towers + domain}`;
}

/** Name of a tower's layer. */
export function perceptronName(tower: string, layer: number): string {
  return `${tower}.tower_mlp.mlp.${layer}.perceptron`;
}

/** Name of the EPNet gate's parameters. */
export const epnetGateName = "model.epnet.gate_nu";

/** Name of a PPNet layer. */
export function ppnetLinearName(plan: Plan, task: number, layer: number): string {
  return `model.ppnet.linears.${task * plan.spec.ppnet.hidden.length + layer}`;
}

/** Name of a PPNet gate: one per task and layer; in the paper's placement, one per layer. */
export function ppnetGateName(plan: Plan, task: number, layer: number): string {
  const shared = plan.spec.switches.gatePlacement === "input";
  return `model.ppnet.gate_nus.${shared ? layer : task * plan.spec.ppnet.hidden.length + layer}`;
}

/** Name of a layer of one of MMoE's experts. */
export function expertLayerName(expert: number, layer: number): string {
  return `model.mmoe.experts.${expert}.${layer}`;
}

/** Name of the layer that mixes MMoE's experts for a task. */
export function expertMixName(task: number): string {
  return `model.mmoe.gates.${task}`;
}

/** Name of an embedding table. */
export function embeddingName(table: string): string {
  return `model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.${table}.weight`;
}

/** A batch norm. */
export interface BatchNormPlan {
  readonly name: string;
  readonly units: number;
  /** The view whose positions it sees; `null`: rows. */
  readonly view: string | null;
}

/** The batch norms of the model. */
export function batchNorms(plan: Plan): readonly BatchNormPlan[] {
  const towers = plan.tasks.flatMap((task) =>
    usesBatchNorm(task.tower.mlp)
      ? Array.from({ length: plan.towers }, (_, domain) => towerName(plan, task.index, domain)).flatMap((tower) =>
          task.mlp.map((layer, index) => ({
            name: `${perceptronName(tower, index)}.1`,
            units: layer.outDim,
            view: null,
          })),
        )
      : [],
  );
  return [...encoderNorms(plan.encoders), ...towers];
}

/**
 * Whether a row's numbers depend on other rows: true for batch norm statistics and for losses that compare rows of a
 * session, and possible for custom layers.
 * Otherwise a batch may be computed in parts.
 */
export function needsWholeBatch(plan: Plan): boolean {
  return plan.layers.length > 0 || batchNorms(plan).length > 0 || plan.tasks.some(({ tower }) => ranksSessions(tower));
}

function usesBatchNorm(mlp: MlpSpec | null): boolean {
  return mlp?.batchNorm === true;
}
