export type { EmulatorApp, JwtApp, OAuthApp } from './apps.ts'
export type { EmulatorClock } from './clock.ts'
export { type CodeRequest, createEmulator, type Emulator } from './create-emulator.ts'
export type {
  DateFault,
  DelayFault,
  DripFault,
  DropFault,
  ErrorShape,
  Fault,
  FaultMoment,
  FaultTarget,
  HtmlFault,
  RedirectFault,
  StatusFault,
  ThrottleFault,
  TruncateFault,
  WrongLengthFault,
} from './fault.ts'
export {
  defaultApps,
  defaultUsers,
  type EmulatorOptions,
  type JwtAppOptions,
  type OAuthAppOptions,
  type RotationOptions,
  type UserOptions,
} from './options.ts'
export type { LoggedRequest, TokenChange } from './request-log.ts'
export {
  type RunningEmulator,
  type StartEmulatorOptions,
  startEmulator,
} from './start-emulator.ts'
export type { DeadTokens } from './token-registry.ts'
