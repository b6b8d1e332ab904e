export type { PackedPackages } from './packed-packages.ts'
export { repository } from './repository.ts'
