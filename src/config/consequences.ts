/** Which problems of a spec say no more than what its config's own problems say already. */
import type { Problem } from "../errors/index.js";

/** Names that are looked up in a part of the config: where that part cannot be read, they cannot be judged. */
const lookUps: readonly { readonly message: RegExp; readonly where: RegExp }[] = [
  { message: /^unknown feature|^the domain column/, where: /^feature_configs\[\d+\](\.\w+|\.\w+\.feature_name)?$/ },
  { message: /^unknown (label|sample weight)|must be a label field/, where: /^data_config(\.\w+)?$/ },
];

/** The problems of a spec, without those that follow from what could not be read of its config. */
export function withoutConsequences(problems: readonly Problem[], unread: readonly Problem[]): Problem[] {
  const places = unread.map((problem) => problem.path);
  return problems.filter(
    ({ path, message }) =>
      !places.some((place) => place === path || place.startsWith(`${path}[`) || parentOf(place) === path) &&
      !lookUps.some((known) => known.message.test(message) && places.some((place) => known.where.test(place))),
  );
}

function parentOf(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf(".")));
}
