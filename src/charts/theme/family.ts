/**
 * The style of a family's members (a model's domains, a study's variants): each with a separate colour and legend
 * entry, or, if there are many, all thin and grey with one common entry.
 */
import { count } from "../../util/text/format.js";
import { colour, MAX_COLOURS, ONE_OF_MANY } from "./colours.js";
import { shortenAll } from "./names.js";

/** A mark's entry in the legend. */
export interface LegendEntry {
  readonly name: string;
  /** Marks of one group are hidden and shown together. */
  readonly group?: string | undefined;
  /** Whether the entry is shown. Default: true. */
  readonly inLegend?: boolean | undefined;
  /** Largest number of letters of the name. Default: 22. */
  readonly letters?: number | undefined;
}

/** The style of one member. */
export interface Member {
  readonly color: string;
  /** Width of its line, in pixels. */
  readonly width: number;
  readonly legend: LegendEntry;
}

/** The style of a family. */
export interface Family {
  /** Whether each member has a separate colour. */
  readonly few: boolean;
  /** A member by index. @param inLegend whether this panel has the legend; default: true */
  readonly member: (index: number, inLegend?: boolean) => Member;
}

/** Choices for {@link family}. */
export interface FamilyOptions {
  /** The noun for a member, such as `domain`. */
  readonly noun: string;
  /** Largest number of members with separate colours. Default: {@link MAX_COLOURS}. */
  readonly apart?: number;
  /** Width of a line of few members. Default: 1.75. */
  readonly width?: number;
}

/** The style of members with these names. */
export function family(names: readonly string[], options: FamilyOptions): Family {
  const { noun, apart = MAX_COLOURS, width = 1.75 } = options;
  const few = names.length <= apart;
  const short = shortenAll(names);
  return {
    few,
    member(index, inLegend = true) {
      if (few) {
        const legend = { name: short[index] ?? "", group: `${noun} ${index}`, inLegend };
        return { color: colour(index, names.length), width, legend };
      }
      const legend = {
        name: `each of ${count(names.length, noun)}`,
        group: `${noun}s`,
        inLegend: inLegend && index === 0,
      };
      return { color: ONE_OF_MANY, width: 1, legend };
    },
  };
}
