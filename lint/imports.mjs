/**
 * The import table as a lint rule: every import, type or not, static or not, is judged by the
 * folder that its path names, or begins to name, whether or not anything lies there.
 */
import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const table = JSON.parse(readFileSync(path.join(import.meta.dirname, "importTable.json"), "utf8"));

/**
 * What is wrong with an import, in one sentence; undefined where it may stand.
 * file: from the repository's root, with slashes. specifier: as written.
 */
export function forbidden(file, specifier, { layers, packages } = table) {
  if (!specifier.startsWith(".")) return forbiddenPackage(file, specifier, packages);
  const target = path.posix.join(path.posix.dirname(file), specifier);
  const layer = layers.find(({ folder }) => isIn(file, folder));
  if (!layer || !target.includes("/")) return undefined;
  const named = layers.find(({ folder }) => folder !== layer.folder && isNamed(folder, target));
  if (!named && isIn(target, layer.folder)) return againstOrder(file, target, layer);
  const other = named?.folder ?? target.split("/")[0];
  if (layer.mayImport.includes(other)) return undefined;
  const allowed =
    layer.mayImport.length > 0 ? `only ${layer.mayImport.join(", ")}` : "nor any layer";
  return `${layer.folder} may not import ${other}, ${allowed}: ${layer.why}.`;
}

function forbiddenPackage(file, specifier, packages) {
  const isOf = (name) => specifier === name || specifier.startsWith(`${name}/`);
  const found = packages.find(
    ({ names, only, within = "" }) =>
      names.some(isOf) && isIn(file, within) && !only.some((place) => isIn(file, place)),
  );
  return found && `Only ${found.only.join(", ")} may import ${specifier}: ${found.why}.`;
}

/** A layer's folders from the bottom up; the files beside them stand above all of them. */
function againstOrder(file, target, { folder, order }) {
  if (!order) return undefined;
  const [from, to] = [file, target].map((place) => path.posix.relative(folder, place).split("/"));
  if (from.length === 1 || from[0] === to[0] || rank(order, to) < rank(order, from))
    return undefined;
  return `${folder}/${from[0]} may not import ${to.join("/")}, which stands above it; from the bottom up: ${order.join(", ")}, the files of ${folder}.`;
}

/** Also where a path has too many or too few steps up, and leads nowhere. */
function isNamed(folder, target) {
  return isIn(target, folder) || (folder.includes("/") && `/${target}/`.includes(`/${folder}/`));
}

function rank(order, [first, ...rest]) {
  const place = order.indexOf(first);
  return rest.length === 0 || place < 0 ? Infinity : place;
}

function isIn(place, folder) {
  return folder === "" || place === folder || place.startsWith(`${folder}/`);
}

const rule = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const file = path.relative(root, context.filename).replaceAll("\\", "/");
    const judge = (node) => {
      const specifier = node?.quasis?.[0].value.cooked ?? node?.value;
      if (typeof specifier !== "string") return;
      const message = forbidden(file, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: ({ source }) => judge(source),
      ExportNamedDeclaration: ({ source }) => judge(source),
      ExportAllDeclaration: ({ source }) => judge(source),
      ImportExpression: ({ source }) => judge(source),
      TSImportType: ({ source }) => judge(source),
      TSExternalModuleReference: ({ expression }) => judge(expression),
      TSModuleDeclaration: ({ id }) => judge(id),
      "CallExpression[callee.name=require]": ({ arguments: [source] }) => judge(source),
    };
  },
};

export default { rules: { imports: rule } };
