import { testProcesses } from './sessions/process-tests.ts'

testProcesses('sqlite', () => undefined)
