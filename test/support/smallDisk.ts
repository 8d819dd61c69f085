/** Disks that take little, and folders that take nothing. */
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export interface Disk {
  folder: string;
  /** From now on nothing can be written there. */
  forbid: () => Promise<void>;
  end: () => Promise<void>;
}

/** A disk of so many bytes, in blocks of 4,096; undefined where this account may mount none. */
export async function smallDisk(bytes: number): Promise<Disk | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-disk-"));
  try {
    mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder);
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    forbid: () => Promise.resolve(mount("-o", "remount,ro", folder)),
    end: () => {
      execFileSync("umount", [folder]);
      return rm(folder, { recursive: true });
    },
  };
}

/** A folder of any size, which root could write to in spite of being forbidden. */
export async function plainFolder(): Promise<Disk> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-disk-"));
  return {
    folder,
    forbid: () => chmod(folder, 0o555),
    end: async () => {
      await chmod(folder, 0o755);
      await rm(folder, { recursive: true });
    },
  };
}

function mount(...args: string[]): void {
  execFileSync("mount", args, { stdio: "ignore" });
}
