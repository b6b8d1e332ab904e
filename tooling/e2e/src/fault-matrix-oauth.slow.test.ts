import { testFaultMatrix } from './faults/matrix-tests.ts'

testFaultMatrix('getTokenByCode', 'refreshToken', 'postAPI')
