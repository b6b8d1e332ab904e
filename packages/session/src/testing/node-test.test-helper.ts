import { test } from 'node:test'
import { memoryStore } from '@pds/session'
import { storeTests } from '@pds/session/testing'

const store = memoryStore()
for (const { name, run } of storeTests(() => store)) test(name, run)
