import { checkOptions, type OptionValidator } from './options.ts'

/** The checked parameters for a table of validators: a parameter that is not required may be absent. */
export type CheckedParams<Table> = {
  [Name in keyof Table]:
    | (Table[Name] extends OptionValidator<infer Value> ? Value : never)
    | (Table[Name] extends { isRequired: true } ? never : undefined)
}

/** Returns a checked copy of the parameters of a function. Throws what `checkOptions` throws. */
export function readParams<const Table extends Readonly<Record<string, OptionValidator>>>(
  method: string,
  params: object,
  table: Table,
): CheckedParams<Table> {
  return checkOptions(method, params, table, 'params') as CheckedParams<Table>
}
