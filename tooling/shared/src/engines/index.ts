import type { Engine } from './engine.ts'
import { chromium, firefox } from './puppeteer-engine.ts'
import { webkit } from './webkit-engine.ts'

export {
  type Engine,
  type EngineBrowser,
  type EngineProfile,
  type EngineTab,
  type PageCall,
  startCall,
  waitForValue,
  withLimit,
} from './engine.ts'

export const engines: readonly Engine[] = [chromium, firefox, webkit]
