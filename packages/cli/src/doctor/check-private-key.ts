import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { type Check, type CheckResult, reasonOf } from './check.ts'

const minBits = 2048

/** Checks the private key of a JWT application: an unencrypted RSA key that only this user can read. */
export const checkPrivateKey: Check = {
  name: 'private_key',
  title: { en: 'Private key', zh: '私钥' },
  needs: ['profile'],
  async run({ named }) {
    if (named?.profile.type !== 'service') {
      return { state: 'skip', text: { en: 'only JWT applications have one', zh: '仅 JWT 应用需要' } }
    }
    const { key_file } = named.profile
    let pem: string
    try {
      pem = readFileSync(key_file, 'utf8')
    } catch (error) {
      return failed(
        `${key_file} cannot be read (${reasonOf(error)})`,
        `无法读取 ${key_file}（${reasonOf(error)}）`,
        'Restore the file, or run: pds login --service --key <FILE>',
        '请恢复该文件，或运行：pds login --service --key <文件>',
      )
    }
    if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
      return failed(
        `${key_file} is encrypted with a passphrase`,
        `${key_file} 使用了口令加密`,
        `Decrypt it: openssl pkey -in ${key_file} -out <new file>`,
        `请解密：openssl pkey -in ${key_file} -out <新文件>`,
      )
    }
    let key: KeyObject
    try {
      key = createPrivateKey(pem)
    } catch {
      return failed(
        `${key_file} has no private key in PEM format`,
        `${key_file} 不是 PEM 格式的私钥`,
        'Use the private key of the JWT application: it starts with -----BEGIN PRIVATE KEY-----',
        '请使用 JWT 应用的私钥：以 -----BEGIN PRIVATE KEY----- 开头',
      )
    }
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (key.asymmetricKeyType !== 'rsa' || bits < minBits) {
      return failed(
        `${key_file} must have an RSA key of at least ${minBits} bits`,
        `${key_file} 必须是至少 ${minBits} 位的 RSA 密钥`,
        'Create one, and set its public key in the console: pds keygen --out <FILE>',
        '请生成新密钥，并在控制台配置公钥：pds keygen --out <文件>',
      )
    }
    const { mode } = statSync(key_file)
    const text = { en: `${key_file}, RSA ${bits} bits`, zh: `${key_file}，RSA ${bits} 位` }
    if (process.platform === 'win32' || (mode & 0o077) === 0) return { state: 'ok', text }
    return {
      state: 'warn',
      text: { en: `other users have access to ${key_file}`, zh: `其他用户可以访问 ${key_file}` },
      advice: { en: `Run: chmod 600 ${key_file}`, zh: `请运行：chmod 600 ${key_file}` },
    }
  },
}

function failed(en: string, zh: string, adviceEn: string, adviceZh: string): CheckResult {
  return { state: 'fail', text: { en, zh }, advice: { en: adviceEn, zh: adviceZh } }
}
