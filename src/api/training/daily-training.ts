/** The result of `model.fitDays()`. */
import type { DayCell, DayReport, DayTask } from "../../lab/days/facts.js";
import type { DaysChartName, DaysTableName } from "../../lab/views/results.js";
import type { Sheet } from "../../lab/views/view.js";
import { domainPlace, placeOf, type StudyNames } from "../names.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, TableOutput, tables } from "../result.js";

/** A variant of a day-by-day training by name: `warm`, `frozen`, or `afresh 7d` with one of its windows. */
export type DayVariantName = "warm" | "frozen" | `afresh ${string}`;

/** The names that the calls of a day-by-day training accept. */
export type DayNames = Pick<StudyNames, "tower" | "domain">;

const DailyFacts: ChartedFactsBase<DayReport> = chartedFactsBase();

/**
 * A model that was trained day by day and measured on the next day. Made by `model.fitDays(log)`. `N`: the names that its
 * calls accept.
 */
export class DailyTraining<out N extends DayNames = DayNames> extends DailyFacts {
  declare readonly tasks: readonly DayTask<N["tower"]>[];
  declare readonly domainNames: readonly N["domain"][];

  /** @internal */
  sheet(name: DaysTableName = "days"): Sheet {
    const { namedView, daysViews } = tables();
    return namedView(daysViews, "sheet", name, "days")(this.facts);
  }

  /**
   * `days` (the default, and what `rows()` has): AUC and log loss of each variant on each day, by task and domain, with
   * intervals over the day's users; `variants`: their differences over all days; `ageing`: what models lose with age;
   * `log`: rows and new ids by day; `trainings`: rows and steps.
   */
  override table(name: DaysTableName = "days"): TableOutput {
    return new TableOutput(this.sheet(name), name === "days" ? this.notes : []);
  }

  /** `days` (default): AUC by day, a line per variant; `ageing`: what models lose with age, by task and domain. */
  async chart(name: DaysChartName = "days"): Promise<ChartOutput> {
    const { namedView, daysViews } = tables();
    return new ChartOutput(namedView(daysViews, "chart", name, "days")(this.facts));
  }

  /**
   * The metrics of a variant on a day, over all rows or in one domain. `null` if the day was not measured. Throws a
   * DataError for an unknown name.
   * @example
   * const days = await model.fitDays(data);
   * days.cell("2024-05-09", "warm", "ctr")?.auc;   // { value: 0.71, low: 0.69, high: 0.73 }
   */
  cell(day: string, variant: DayVariantName, tower: N["tower"], domain?: N["domain"] | number): DayCell | null {
    const { days, variants, tasks, domainNames, cells } = this.facts;
    const at = placeOf(
      "days.cell",
      "day",
      day,
      days.map(({ name }) => name),
    );
    placeOf(
      "days.cell",
      "variant",
      variant,
      variants.map(({ name }) => name),
    );
    placeOf(
      "days.cell",
      "tower",
      tower,
      tasks.map((task) => task.tower),
    );
    const place = domain === undefined ? -1 : domainPlace("days.cell", domain, domainNames);
    const match = cells.find((cell) => {
      return cell.day === at && cell.variant === variant && cell.task.tower === tower && cell.domain === place;
    });
    return match ?? null;
  }
}
