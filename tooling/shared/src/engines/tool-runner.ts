import type { EngineTab } from './engine.ts'

/** A page in which the functions of page-tools.ts run. */
export interface ToolRunner {
  readonly tab: EngineTab
  /** Runs an expression of a tool, such as `find([])`, and waits for its result. */
  runTool<Value>(expression: string): Promise<Value>
  /** Waits until an expression, such as `pageTools.find([])[0]`, has a value. A page that navigates has none. */
  waitForTool<Value>(expression: string): Promise<Value>
}
