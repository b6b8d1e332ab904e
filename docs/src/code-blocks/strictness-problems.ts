import ts from 'typescript'

/**
 * Returns the parts of a program that hide a mistake from the type checker: an empty string in place of a missing
 * setting, a non-null assertion, an assertion of `string` or `any`, and a suppressed error.
 */
export function strictnessProblems(code: string): string[] {
  const source = ts.createSourceFile('program.ts', code, ts.ScriptTarget.Latest, true)
  const problems = [...code.matchAll(/@ts-(?:ignore|expect-error|nocheck)/g)].map(([comment]) => comment)
  const visit = (node: ts.Node): void => {
    if (hidesMistake(node)) problems.push(node.getText(source))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return problems
}

function hidesMistake(node: ts.Node): boolean {
  if (ts.isBindingElement(node)) return isEmptyText(node.initializer) && isSettings(node.parent.parent)
  if (ts.isBinaryExpression(node)) return isEmptyText(node.right) && isSettings(node.left)
  if (ts.isAsExpression(node)) return /^(string|any)$/.test(node.type.getText())
  return ts.isNonNullExpression(node)
}

function isEmptyText(node: ts.Node | undefined): boolean {
  return node !== undefined && ts.isStringLiteralLike(node) && node.text === ''
}

/** Returns whether a declaration or an expression reads environment variables or data of a page. */
function isSettings(node: ts.Node): boolean {
  const read = ts.isVariableDeclaration(node) ? node.initializer : node
  return /\b(env|dataset)\b/.test(read?.getText() ?? '')
}
