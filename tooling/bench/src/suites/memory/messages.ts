/** How many sessions a process is to open, and whether they share a store. */
export interface IdleOrder {
  count: number
  hasOneStore: boolean
}

export interface IdleAnswer {
  /** By how much the memory of the process has grown, for each session. */
  bytes: number
}
