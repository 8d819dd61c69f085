import { cpus, loadavg } from "node:os";

/** A machine that has more to do than it has cores says nothing about our part of a time. */
export function isBusy(): boolean {
  return (loadavg()[0] ?? 0) > cpus().length;
}
