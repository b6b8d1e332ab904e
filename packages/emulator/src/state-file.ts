import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { exportPKCS8, generateKeyPair } from 'jose'
import type { EmulatorState } from './domain/state.ts'

/** Reads the state of an earlier emulator. Returns undefined if the file does not exist. */
export function readStateFile(file: string): EmulatorState | undefined {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new TypeError(`--state: ${file} is not JSON: delete it to start with an empty domain`)
  }
}

/** Writes the state. The file has always either the old or the new state. Only its owner can read it. */
export function writeStateFile(file: string, state: EmulatorState): void {
  const next = `${file}.${process.pid}.tmp`
  writeFileSync(next, JSON.stringify(state), { mode: 0o600 })
  renameSync(next, file)
}

/** Reads a private key, as PEM. Creates the file with a new key if it does not exist. Only its owner can read it. */
export async function readKeyFile(file: string): Promise<string> {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const pem = await exportPKCS8(privateKey)
  writeFileSync(file, pem, { mode: 0o600, flag: 'wx' })
  return pem
}
