import { encodeText, type OptionValidator } from '@pds/core/internal'

/** The names of a store in its database. */
export interface TableNames {
  /** The quoted name of the table, with its schema. */
  readonly table: string
  /** The quoted name of the index, without its schema. */
  readonly index: string
  /** The quoted name of the index, with its schema. */
  readonly qualifiedIndex: string
  /**
   * The channel of notifications: lower-case letters, digits and underscores only, so that it needs no quotes. Two tables
   * may share a channel, which causes only needless calls of watchers.
   */
  readonly channel: string
}

// PostgreSQL cuts longer names off, in bytes.
const maxNameLength = 63
// Appended to the name of the table.
const indexSuffix = '_used_at'

/** Accepts the name of a schema. */
export const schemaNameOption: OptionValidator<string> = {
  wants: 'a name of 1 to 63 bytes, without quotes',
  accepts: (value) => isName(value, maxNameLength),
}

/** Accepts the name of a table. The name of its index is longer. */
export const tableOption: OptionValidator<string> = {
  wants: 'a name of 1 to 55 bytes, without quotes',
  accepts: (value) => isName(value, maxNameLength - indexSuffix.length),
}

function isName(value: unknown, maxLength: number): boolean {
  if (typeof value !== 'string' || value === '' || /[\0"\p{Surrogate}]/u.test(value)) return false
  return encodeText(value).length <= maxLength
}

/** Returns the names of a store in its database. */
export function tableNames(schemaName: string, table: string): TableNames {
  const [schema, index] = [quote(schemaName), quote(table + indexSuffix)]
  return {
    table: `${schema}.${quote(table)}`,
    index,
    qualifiedIndex: `${schema}.${index}`,
    channel: `pds_${schemaName}_${table}`.replace(/[^a-z\d_]/g, '_').slice(0, maxNameLength),
  }
}

function quote(name: string): string {
  return `"${name}"`
}
