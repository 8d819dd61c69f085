/** Small faults put into a source text, one at a time: what tests that bite must notice. */
import type * as TypeScript from "typescript";

export interface Mutation {
  /** Where the text is replaced, and by what. */
  start: number;
  end: number;
  by: string;
  line: number;
}

const swaps: Record<string, string> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "??": "&&",
};

/** Every fault that this knows for a TypeScript text, in the order of the text. */
export async function mutationsOf(source: string): Promise<Mutation[]> {
  const ts = await import("typescript");
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  const mutations: Mutation[] = [];
  const add = (node: TypeScript.Node, by: string): void => {
    const [start, end] = [node.getStart(), node.getEnd()];
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    mutations.push({ start, end, by, line });
  };
  const visit = (node: TypeScript.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const by = swaps[node.operatorToken.getText()];
      if (by !== undefined) add(node.operatorToken, by);
    } else if (ts.isIfStatement(node)) add(node.expression, `!(${node.expression.getText()})`);
    else if (ts.isConditionalExpression(node))
      add(node.condition, `!(${node.condition.getText()})`);
    else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, "false");
    else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, "true");
    else if (ts.isNumericLiteral(node)) add(node, String(Number(node.text) + 1));
    // Whether a timer alone keeps a process alive is nothing that its own process can notice.
    else if (ts.isExpressionStatement(node) && !/\.unref\(\);$/.test(node.getText()))
      add(node, ";");
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutations;
}

export function mutated(source: string, { start, end, by }: Mutation): string {
  return source.slice(0, start) + by + source.slice(end);
}
