export { toChinese } from './to-chinese.ts'
