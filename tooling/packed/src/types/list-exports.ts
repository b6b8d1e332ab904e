import path from 'node:path'
import ts from 'typescript6'

/** The names that an entry exports. */
export interface Exports {
  readonly values: readonly string[]
  readonly types: readonly string[]
}

/** Returns the exports of entries such as `@pds/core` from their declarations, resolved from a module in the folder. */
export function listExports(entries: readonly string[], folder: string): Record<string, Exports> {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
    noEmit: true,
  }
  const files = entries.map((entry) => {
    const importer = path.join(folder, 'importer.mts')
    const format = ts.ModuleKind.ESNext
    const { resolvedModule } = ts.resolveModuleName(
      entry,
      importer,
      options,
      ts.sys,
      undefined,
      undefined,
      format,
    )
    if (!resolvedModule) throw new Error(`${entry} has no declarations`)
    return resolvedModule.resolvedFileName
  })
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()
  const isValue = (symbol: ts.Symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return (target.flags & ts.SymbolFlags.Value) !== 0
  }
  return Object.fromEntries(
    entries.map((entry, index) => {
      const source = program.getSourceFile(files[index] ?? '')
      const module = source && checker.getSymbolAtLocation(source)
      const symbols = module ? checker.getExportsOfModule(module) : []
      const names = (kept: ts.Symbol[]) => kept.map(({ name }) => name).sort()
      return [
        entry,
        {
          values: names(symbols.filter(isValue)),
          types: names(symbols.filter((symbol) => !isValue(symbol))),
        },
      ]
    }),
  )
}
