import { serveRequests } from './request-process.ts'

serveRequests(async ({ value }: { value: number }) => {
  if (value < 0) throw new Error('negative')
  if (value === 0) process.exit(7)
  return { doubled: 2 * value, flags: process.execArgv }
})
