/** What a host asks of a run, refused in words where it cannot be done, and what it may still say to it. */
import * as z from "zod";
import {
  type CacheSettings,
  cacheSettingsSchema,
  samplingSettingsSchema,
} from "../../shared/settings/settings";

/** The run looks at it between two steps. */
export interface RunControl {
  readonly run: string;
  cache: CacheSettings;
  isCancelled: boolean;
}

const runLimitsSchema = z.object({
  maxTokens: z.number().int().min(1),
  chains: z.number().int().min(1).max(64),
  cache: cacheSettingsSchema,
  sampling: samplingSettingsSchema,
});

/** Throws a RangeError that names what is not as it must be, and how it can be. */
export function checkedLimits(asked: unknown): z.infer<typeof runLimitsSchema> {
  return checked(runLimitsSchema, asked);
}

/** Throws a RangeError as checkedLimits does. */
export function checkedCache(cache: unknown): CacheSettings {
  return checked(cacheSettingsSchema, cache);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const found = valueAt(value, issue.path);
  const shown = typeof found === "number" ? String(found) : JSON.stringify(found);
  throw new RangeError(`The setting ${issue.path.join(".")} is ${shown}: ${wanted(issue)}.`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === "too_small")
    return issue.inclusive
      ? `choose ${issue.minimum} or more`
      : `choose more than ${issue.minimum}`;
  if (issue.code === "too_big") return `choose ${issue.maximum} or less`;
  if (issue.code === "invalid_value") return `choose one of ${issue.values.join(", ")}`;
  if (issue.code !== "invalid_type") return issue.message;
  return issue.expected === "int" ? "choose a whole number" : `a ${issue.expected} is wanted`;
}
