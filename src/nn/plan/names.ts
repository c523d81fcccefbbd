/** The names of a plan's inputs and parameters: TorchEasyRec's for parameters. */

import type { GroupName } from "../../spec/model.js";
import { type Plan, ranksSessions, type TaskPlan } from "./plan.js";
import { attentionLayers, distinctViews, type EncoderPlan, encoderNorms, type SequenceView } from "./sequences.js";

/** The groups that the program reads, in the order of its inputs. */
export function groupNames(plan: Plan): GroupName[] {
  const names: GroupName[] = ["all"];
  if (plan.epnet !== null) names.push("domain");
  if (plan.ppnet?.gated) names.push("uia");
  return names;
}

/** Inputs with gradients besides parameters: features of the groups, then encoders' queries and sequences. */
export function matrixNames(plan: Plan): string[] {
  const groups: string[] = groupNames(plan).filter((group) => (plan.inputDims[group] ?? 0) > 0);
  return [...groups, ...readViews(plan).flatMap(viewMatrices)];
}

export function viewMatrices({ name, queryWidth }: SequenceView): string[] {
  return [...(queryWidth > 0 ? [`query.${name}`] : []), `sequence.${name}`];
}

/** The encoders that the program computes: those of groups that it reads. */
export function readEncoders(plan: Plan): readonly EncoderPlan[] {
  const groups = groupNames(plan);
  return plan.encoders.filter(({ group }) => groups.includes(group));
}

export function weightingEncoders(plan: Plan): readonly EncoderPlan[] {
  return readEncoders(plan).filter(({ encoder: { kind } }) => kind !== "pooling" && kind !== "self_attention");
}

export function readViews(plan: Plan): readonly SequenceView[] {
  return distinctViews(readEncoders(plan));
}

export function towerName(plan: Plan, task: number, domain: number): string {
  return `model._task_tower.${task * plan.towers + domain}`;
}

export function perceptronName(tower: string, layer: number): string {
  return `${tower}.tower_mlp.mlp.${layer}.perceptron`;
}

export const epnetGateName = "model.epnet.gate_nu";

export function ppnetLinearName(plan: Plan, task: number, layer: number): string {
  return `model.ppnet.linears.${task * plan.spec.ppnet.hidden.length + layer}`;
}

/** Name of a PPNet gate: one per task and layer; in the paper's placement, one per layer. */
export function ppnetGateName(plan: Plan, task: number, layer: number): string {
  const shared = plan.spec.switches.gatePlacement === "input";
  return `model.ppnet.gate_nus.${shared ? layer : task * plan.spec.ppnet.hidden.length + layer}`;
}

export function expertLayerName(expert: number, layer: number): string {
  return `model.mmoe.experts.${expert}.${layer}`;
}

export function expertMixName(task: number): string {
  return `model.mmoe.gates.${task}`;
}

export interface BatchNormPlan {
  readonly name: string;
  readonly units: number;
  /** The view whose positions it sees; `null`: rows. */
  readonly view: string | null;
}

export function batchNorms(plan: Plan): readonly BatchNormPlan[] {
  const towers = plan.tasks.flatMap((task) =>
    task.tower.mlp?.batchNorm === true
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

/** Whether rows depend on each other: batch norm, losses over sessions, maybe custom layers. Else batches may split. */
export function needsWholeBatch(plan: Plan): boolean {
  return plan.layers.length > 0 || batchNorms(plan).length > 0 || plan.tasks.some(({ tower }) => ranksSessions(tower));
}

export interface DropoutSite {
  readonly name: string;
  /** Of the mask; symbols are row counts. */
  readonly shape: readonly (number | string)[];
  readonly rate: number;
}

/** All layers with dropout: those of tasks, then those of encoders. */
export function dropoutSites(plan: Plan): DropoutSite[] {
  return [...plan.tasks.flatMap(taskSites), ...encoderSites(plan)];
}

export function taskSites(task: TaskPlan): DropoutSite[] {
  const sites = (kind: string, layers: TaskPlan["mlp"]) =>
    layers.map(({ outDim, dropout: rate }, j): DropoutSite => {
      return { name: `${kind}.${task.index}.${j}`, shape: [branchRows(task), outDim], rate };
    });
  return dropping([...sites("ppnet", task.ppnet), ...sites("tower", task.mlp)]);
}

export function branchRows(task: TaskPlan): string {
  return task.restricted ? `rows.${task.index}` : "rows";
}

/** Dropout in encoders: masks cover padding; of self-attention's weights, [rows, heads, longest, longest]. */
export function encoderSites(plan: Plan): DropoutSite[] {
  return readEncoders(plan).flatMap((encoderPlan) => {
    const { encoder, view } = encoderPlan;
    if (encoder.kind === "self_attention") {
      const longest = `longest.${view.name}`;
      const shape = ["rows", encoder.heads, longest, longest];
      return dropping([{ name: encoderSite(encoderPlan.name, 0), shape, rate: encoder.dropout }]);
    }
    return dropping(
      attentionLayers(encoderPlan).map(({ dropout: rate, outDim }, layer): DropoutSite => {
        return { name: encoderSite(encoderPlan.name, layer), shape: [`positions.${view.name}`, outDim], rate };
      }),
    );
  });
}

export function encoderSite(encoder: string, layer: number): string {
  return `encoder.${encoder}.${layer}`;
}

function dropping(sites: readonly DropoutSite[]): DropoutSite[] {
  return sites.filter(({ rate }) => rate > 0);
}
