/**
 * What a package says of itself: package.json without what is for developers, and its pages. One
 * value is the owner's to give: "repository" in package.json. Every link of a published package
 * follows from it.
 */
const forDevelopers = ["bin", "scripts", "dependencies", "devDependencies", "prettier", "private"];

/** From the text of package.json. Nothing is installed, so nothing is depended on. */
export function packedManifest(text) {
  const manifest = JSON.parse(text);
  for (const name of forDevelopers) delete manifest[name];
  manifest.engines = { vscode: manifest.engines.vscode };
  if (manifest.repository === undefined) return manifest;
  const { url } = manifest.repository;
  if (!/^https:\/\/\S+(?<!\/|\.git)$/.test(url))
    throw new Error(
      `"repository" in package.json is ${JSON.stringify(manifest.repository)}: write { "type": "git", "url": "https://…" }, the address of the code as a browser opens it, without a slash or .git at its end.`,
    );
  return { ...manifest, bugs: { url: `${url}/issues` }, homepage: `${url}#readme` };
}

/**
 * A page as editors show it, without the files that it refers to: packing makes addresses of its
 * pictures and links, and where there is no repository they go.
 */
export function packedPage(text, { repository }) {
  if (repository !== undefined) return text;
  return text
    .replace(/^!\[.*\]\(media\/.*\)\n\n/gm, "")
    .replace(/\[([^\]]+)\]\((?!https:)[^)]*\)/g, "$1");
}
