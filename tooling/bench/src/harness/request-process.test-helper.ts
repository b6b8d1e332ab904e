import { answerOrders } from './request-process.ts'

answerOrders(async (order: { value: number }) => {
  if (order.value < 0) throw new Error('negative')
  if (order.value === 0) process.exit(7)
  return { doubled: 2 * order.value, flags: process.execArgv }
})
