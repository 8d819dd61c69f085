/** Which names of the hub's may become names of files here: none that leaves the cache on any system. */

const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Plain names with forward slashes between them, relative to a repository. */
export function isSafePath(file: string): boolean {
  return file.split("/").every(isPlainName);
}

/** “owner/name”, or “name” alone as the oldest repositories have it. */
export function isRepositoryId(id: string): boolean {
  const parts = id.split("/");
  return parts.length <= 2 && parts.every(isPlainName) && !id.includes("--");
}

/** Windows drops a dot at the end, and finds devices by their names. */
function isPlainName(part: string): boolean {
  return /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?$/.test(part) && !deviceName.test(part);
}
