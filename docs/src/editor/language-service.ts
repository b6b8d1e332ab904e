import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const folder = path.join(import.meta.dirname, '..')

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
}

/** Starts the language service that editors use, for files that exist only here: their code by file name. */
export function startLanguageService(sources: Readonly<Record<string, string>>): ts.LanguageService {
  const files = new Map(Object.entries(sources).map(([name, code]) => [pathOf(name), code]))
  const read = (file: string) => files.get(file) ?? ts.sys.readFile(file)
  return ts.createLanguageService({
    getCompilationSettings: () => compilerOptions,
    getScriptFileNames: () => [...files.keys()],
    getScriptVersion: () => '1',
    getScriptSnapshot(file) {
      const text = read(file)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => files.has(file) || ts.sys.fileExists(file),
    readFile: read,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: (file) => (files.has(file) ? file : (ts.sys.realpath?.(file) ?? file)),
  })
}

/** Returns the path that a file of `startLanguageService` has: beside the dependencies of the documents. */
export function pathOf(name: string): string {
  return path.join(folder, name)
}

/** Returns the errors of one file, each with the text that it is reported at. */
export function errorsOf(service: ts.LanguageService, name: string): { at: string; message: string }[] {
  const file = pathOf(name)
  return [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map((found) => ({
    at: found.file?.text.slice(found.start, (found.start ?? 0) + (found.length ?? 0)) ?? '',
    message: ts.flattenDiagnosticMessageText(found.messageText, '\n'),
  }))
}

/** Returns the code blocks of the `@example` tags in a source file. */
export function examplesIn(file: string): { name: string; code: string }[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const examples: { name: string; code: string }[] = []
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || tag.parent.parent !== node) continue
      const text = ts.getTextOfJSDocComment(tag.comment) ?? ''
      const name = (node as ts.NamedDeclaration).name?.getText(source) ?? 'unnamed'
      for (const [, code = ''] of text.matchAll(/```ts\n(.*?)```/gs)) examples.push({ name, code })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return examples
}

/** Returns the functions and classes that a module exports and that have no `@example`. */
export function withoutExample(service: ts.LanguageService, name: string, module: string): string[] {
  const program = service.getProgram()
  const checker = program?.getTypeChecker()
  const source = program?.getSourceFile(pathOf(name))
  const statement = source?.statements.find(
    (node): node is ts.ImportDeclaration =>
      ts.isImportDeclaration(node) && (node.moduleSpecifier as ts.StringLiteral).text === module,
  )
  const symbol = statement && checker?.getSymbolAtLocation(statement.moduleSpecifier)
  if (!checker || !symbol) throw new Error(`${name} imports no module ${module}`)
  return checker
    .getExportsOfModule(symbol)
    .map((each) => (each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each))
    .filter((each) => each.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class))
    .filter((each) => !each.getJsDocTags(checker).some((tag) => tag.name === 'example'))
    .map((each) => each.name)
}
