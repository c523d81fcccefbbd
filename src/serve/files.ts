/** The files of an exported model. */
export const exportedFiles = { model: "model.onnx", encoders: "encoders.json", readme: "README.md" } as const;
