export { createEmulator, type Emulator } from './create-emulator.ts'
export type { EmulatorApp, JwtApp, OAuthApp } from './domain/apps.ts'
export type { EmulatorClock } from './domain/domain.ts'
export {
  type ApiCall,
  type ApiHandler,
  defaultApps,
  defaultShareLinks,
  type EmulatorOptions,
  type JwtAppOptions,
  type OAuthAppOptions,
  type RotationOptions,
  type ShareLinkOptions,
} from './domain/options.ts'
export type { EmulatorSession, SessionFilter } from './domain/session-list.ts'
export type { EmulatorState, SavedGrant, SavedTokenPair } from './domain/state.ts'
export type { InvalidTokenUses } from './domain/token-registry.ts'
export { defaultUsers, type User, type UserOptions } from './domain/user.ts'
export type {
  DateFault,
  DelayFault,
  DripFault,
  DropFault,
  ErrorShape,
  Fault,
  FaultTarget,
  FaultTiming,
  HtmlFault,
  RedirectFault,
  StatusFault,
  ThrottleFault,
  TruncateFault,
  WrongLengthFault,
} from './faults/fault.ts'
export type { LoggedRequest, TokenChange } from './log/request-log.ts'
export type { CodeRequest } from './routes/create-code.ts'
export {
  type RunningEmulator,
  type StartEmulatorOptions,
  startEmulator,
} from './start-emulator.ts'
