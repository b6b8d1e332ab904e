// The package has no types.
declare module 'dynalite' {
  import type { Server } from 'node:http'

  /** Creates a server with the HTTP interface of DynamoDB and a database in memory. */
  function dynalite(options: { createTableMs: number }): Server
  export = dynalite
}
