export { type StoreOpener, type StoreTest, storeTests } from './store-tests.ts'
