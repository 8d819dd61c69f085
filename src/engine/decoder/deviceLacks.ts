/** What a device lacks, where ONNX Runtime only says which of its own lines failed. */
import { reasonOf } from "../../shared/reasonOf";

interface Lack {
  /** In ONNX Runtime's and the driver's words, seen with 1.30.0. */
  sign: RegExp;
  words: string;
}

const lacks: Lack[] = [
  {
    sign: /requires f16|shader-?f16/i,
    words:
      "Its shaders have no 16-bit floats, which this export computes with: choose the CPU, or an export with 32-bit floats.",
  },
  {
    sign: /out of memory|OutOfMemory|bad_alloc|failed to allocate|max(imum)?\s?(storage)?\s?buffer/i,
    words: "It has too little memory for this model: choose the CPU, or a smaller export.",
  },
  {
    sign: /WebGPU adapter/i,
    words:
      "There is no graphics device that WebGPU can use: install its maker's driver, or choose the CPU.",
  },
  {
    sign: /load shared library|EP_NOT_FOUND|no available backend|not supported on/i,
    words: "What ONNX Runtime needs for it is not installed here: choose WebGPU or the CPU.",
  },
];

/** A sentence for the person: what is missing and what to do, or else the reason as it came. */
export function whatItLacks(error: unknown): string {
  const reason = reasonOf(error);
  return lacks.find(({ sign }) => sign.test(reason))?.words ?? reason;
}
