/** The result of `model.launch()`. */
import type { DayTask } from "../../lab/days/facts.js";
import type { LaunchCell, LaunchPays, LaunchReport } from "../../lab/launch/facts.js";
import type { LaunchChartName, LaunchTableName } from "../../lab/views/results.js";
import type { Sheet } from "../../lab/views/view.js";
import { placeOf, type StudyNames } from "../names.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, TableOutput, tables } from "../result.js";

/** A start of a launch by name. `D`: domains. */
export type LaunchStartName<D extends string = string> = `from ${D}` | "mean of others" | "nothing";

/** The names that the calls of a launch accept. */
export type LaunchNames = Pick<StudyNames, "tower" | "domain">;

const LaunchFacts: ChartedFactsBase<LaunchReport> = chartedFactsBase();

/**
 * A domain that was left out and then launched from each other one. Made by `model.launch(train, { domain })`. `N`: the names
 * that its calls accept.
 */
export class DomainLaunch<out N extends LaunchNames = LaunchNames> extends LaunchFacts {
  declare readonly tasks: readonly DayTask<N["tower"]>[];

  /** @internal */
  sheet(name: LaunchTableName = "curve"): Sheet {
    const { launchViews, namedView } = tables();
    return namedView(launchViews, "sheet", name, "launch")(this.facts);
  }

  /**
   * `curve` (the default, and what `rows()` has): AUC and log loss of each start by the number of the domain's first
   * rows; `starts`: each start beside the best; `pays`: the gain of its own tower over the tower of each other domain,
   * by rows; `trainings`: rows and steps.
   */
  override table(name: LaunchTableName = "curve"): TableOutput {
    return new TableOutput(this.sheet(name), name === "curve" ? this.notes : []);
  }

  /** `curve` (default): AUC by the number of the domain's first rows, a line per start; `pays`: gains over other towers. */
  async chart(name: LaunchChartName = "curve"): Promise<ChartOutput> {
    const { launchViews, namedView } = tables();
    return new ChartOutput(namedView(launchViews, "chart", name, "launch")(this.facts));
  }

  /**
   * The metrics of a start after a number of the domain's first rows. `null` if that number was not trained. Throws a
   * DataError for an unknown name.
   * @example
   * const launch = await model.launch(data, { domain: "live" });
   * launch.cell("from feed", 1000, "ctr")?.auc;   // { value: 0.71, low: 0.69, high: 0.73 }
   */
  cell(start: LaunchStartName<N["domain"]>, rows: number, tower: N["tower"]): LaunchCell<N["tower"]> | null {
    this.#assertNames("launch.cell", start, tower);
    const match = this.facts.cells.find((cell) => {
      return cell.start === start && cell.trained === rows && cell.task.tower === tower;
    });
    return (match as LaunchCell<N["tower"]> | undefined) ?? null;
  }

  /**
   * From how many rows its own tower pays, if it starts from that of another domain. `null` for a start that is no
   * domain. Throws a DataError for an unknown name.
   * @example
   * const launch = await model.launch(data, { domain: "live" });
   * launch.ownTower("from feed", "ctr")?.from;   // { value: 2000, low: 800, high: 5000 }
   */
  ownTower(start: LaunchStartName<N["domain"]>, tower: N["tower"]): LaunchPays<N["tower"]> | null {
    this.#assertNames("launch.ownTower", start, tower);
    const match = this.facts.pays.find((each) => each.start === start && each.task.tower === tower);
    return (match as LaunchPays<N["tower"]> | undefined) ?? null;
  }

  #assertNames(call: string, start: string, tower: string): void {
    const { starts, tasks } = this.facts;
    placeOf(
      call,
      "start",
      start,
      starts.map(({ name }) => name),
    );
    placeOf(
      call,
      "tower",
      tower,
      tasks.map((task) => task.tower),
    );
  }
}
