import { testFaultMatrix } from './faults/matrix-tests.ts'

testFaultMatrix('getUserJwtToken', 'getServiceJwtToken', 'refreshJwtToken')
