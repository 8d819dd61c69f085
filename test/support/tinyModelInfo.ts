import type { ModelInfo } from "../../src/shared/wire/engineApi";

/** What an engine says of a model that is ready. */
export const tinyModelInfo: ModelInfo = {
  name: "tiny",
  pattern: "none",
  dtype: "fp32",
  device: "cpu",
  deviceReasons: [],
  layers: 2,
  queryHeads: 2,
  kvHeads: 1,
  headDim: 8,
  vocabulary: 64,
  contextLength: 512,
  weightBytes: 4096,
  bytesPerToken: 128,
};
