/** Paths that a pipeline must name and a spec does not know. */

/** What an export writes unless told otherwise. */
export const defaultPaths: Readonly<Record<"train_input_path" | "eval_input_path" | "model_dir", string>> =
  Object.freeze({
    train_input_path: "train.parquet",
    eval_input_path: "test.parquet",
    model_dir: "model",
  });
