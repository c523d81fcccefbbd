/**
 * The members of one family (a model's domains, a study's variants) as charts draw them: each in its own colour with its
 * own legend entry, or, where they are many, all alike, thin and faint, with one entry for all of them.
 */
import { count } from "../../util/text/format.js";
import { colour, faded, MAX_COLOURS } from "./colours.js";

/** A mark's entry in the legend. */
export interface LegendEntry {
  readonly name: string;
  /** Marks of one group are hidden and shown together. */
  readonly group?: string | undefined;
  /** Whether the entry is shown. Default: true. */
  readonly shown?: boolean | undefined;
  /** Letters after which the name is shortened. Default: 22. */
  readonly letters?: number | undefined;
}

/** How one member looks. */
export interface Member {
  readonly color: string;
  /** Of its line, in pixels. */
  readonly width: number;
  readonly legend: LegendEntry;
}

/** How a family looks. */
export interface Family {
  /** Whether each member has its own colour. */
  readonly few: boolean;
  /** A member by its place. @param shown whether this panel has the legend; default: true */
  readonly member: (index: number, shown?: boolean) => Member;
}

/** Choices for {@link family}. */
export interface FamilyOptions {
  /** What a member is, such as `domain`. */
  readonly noun: string;
  /** The most members with their own colour. Default: {@link MAX_COLOURS}. */
  readonly apart?: number;
  /** Opacity of many members. Default: 0.45. */
  readonly alpha?: number;
  /** Width of a line of few members. Default: 1.75. */
  readonly width?: number;
}

/** The look of members with these names. */
export function family(names: readonly string[], options: FamilyOptions): Family {
  const { noun, apart = MAX_COLOURS, alpha = 0.45, width = 1.75 } = options;
  const few = names.length <= apart;
  return {
    few,
    member(index, shown = true) {
      if (few) {
        const legend = { name: names[index] ?? "", group: `${noun} ${index}`, shown };
        return { color: colour(index, names.length), width, legend };
      }
      const legend = { name: `each of ${count(names.length, noun)}`, group: `${noun}s`, shown: shown && index === 0 };
      return { color: faded(colour(4, 5), alpha), width: 1, legend };
    },
  };
}
