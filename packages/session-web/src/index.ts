export { type WebStore, type WebStoreOptions, webStore } from './web-store.ts'
export { type WebStoreKeyOptions, webStoreKey } from './web-store-key.ts'
