/** Paths that a pipeline requires and a spec does not contain. */

/** The default paths of an export. */
export const defaultPaths: Readonly<Record<"train_input_path" | "eval_input_path" | "model_dir", string>> =
  Object.freeze({
    train_input_path: "train.parquet",
    eval_input_path: "test.parquet",
    model_dir: "model",
  });
