/**
 * The places of a model that drop values in training. Their masks are inputs of the program `train`.
 */
import { readEncoders } from "./names.js";
import type { Plan, TaskPlan } from "./plan.js";
import { attentionLayers } from "./sequences.js";

/** A layer with dropout in training. */
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

/** The layers with dropout in a task's branch. */
export function taskSites(task: TaskPlan): DropoutSite[] {
  const sites = (kind: string, layers: TaskPlan["mlp"]) =>
    layers.map(({ outDim, dropout: rate }, j): DropoutSite => {
      return { name: `${kind}.${task.index}.${j}`, shape: [branchRows(task), outDim], rate };
    });
  return dropping([...sites("ppnet", task.ppnet), ...sites("tower", task.mlp)]);
}

/** The symbol of a task's row count in training. */
export function branchRows(task: TaskPlan): string {
  return task.restricted ? `rows.${task.index}` : "rows";
}

/**
 * The layers with dropout in sequence encoders, whose masks cover padded positions too; and self-attention's weights,
 * [rows, heads, longest, longest].
 */
export function encoderSites(plan: Plan): DropoutSite[] {
  return readEncoders(plan).flatMap((encoderPlan) => {
    const { encoder, view } = encoderPlan;
    if (encoder.kind === "self_attention") {
      const longest = `longest.${view.name}`;
      const shape = ["rows", encoder.heads, longest, longest];
      return dropping([{ name: encoderSite(encoderPlan.name, 0), shape, rate: encoder.dropout }]);
    }
    return dropping(
      attentionLayers(encoderPlan).map(({ mlp: { dropout }, outDim }, layer): DropoutSite => {
        const rate = (dropout.length === 1 ? dropout[0] : dropout[layer]) ?? 0;
        return { name: encoderSite(encoderPlan.name, layer), shape: [`positions.${view.name}`, outDim], rate };
      }),
    );
  });
}

/** The name of a layer's site in an encoder. */
export function encoderSite(encoder: string, layer: number): string {
  return `encoder.${encoder}.${layer}`;
}

function dropping(sites: readonly DropoutSite[]): DropoutSite[] {
  return sites.filter(({ rate }) => rate > 0);
}
