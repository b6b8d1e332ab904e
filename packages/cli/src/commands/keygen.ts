import { generateKeyPair } from 'node:crypto'
import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { CliError, cancelled, usageError } from '../output/cli-error.ts'
import { withProgress } from '../output/progress.ts'
import type { CommandContext } from './command.ts'

/** Creates the key pair of a JWT application: the private key in a file, the public key on stdout. */
export async function run(values: { out?: string; bits?: string }, context: CommandContext): Promise<void> {
  const { output, signal } = context
  if (!values.out) {
    throw usageError({
      en: 'The option --out is missing: the file for the private key.',
      zh: '缺少选项 --out：私钥文件。',
    })
  }
  const file = path.resolve(values.out)
  if (existsSync(file)) throw fileExists(file)
  const { privateKey, publicKey } = await withProgress(
    context,
    { en: 'Generating the key …', zh: '正在生成密钥…' },
    promisify(generateKeyPair)('rsa', {
      modulusLength: Number(values.bits ?? 2048),
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }),
  )
  if (signal.aborted) throw cancelled()
  writeNew(file, privateKey)
  output.message({
    en: `${output.style('green', '✓')} The private key is in ${file}. Only you can read it. Keep it secret.
Set this public key in the console of PDS, in the settings of the JWT application:`,
    zh: `${output.style('green', '✓')} 私钥已写入 ${file}，只有您可以读取。请妥善保管。
请在 PDS 控制台的 JWT 应用设置中配置以下公钥：`,
  })
  output.result(publicKey.trimEnd(), { private_key_file: file, public_key: publicKey })
  output.message({
    en: `Then sign in: pds login --service --domain <id> --client <id> --key ${file}`,
    zh: `然后登录：pds login --service --domain <域 ID> --client <应用 ID> --key ${file}`,
  })
}

/** Writes a complete file of mode 0600. Never replaces an existing file. */
function writeNew(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`
  try {
    writeFileSync(draft, text, { flag: 'wx', mode: 0o600 })
    // Unlike a rename, a link fails if the file exists.
    linkSync(draft, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw fileExists(file)
    throw new CliError('KeyFile', {
      en: `The private key cannot be written to ${file} (${code}). Check the folder and its permissions.`,
      zh: `无法将私钥写入 ${file}（${code}）。请检查文件夹及其权限。`,
    })
  } finally {
    rmSync(draft, { force: true })
  }
}

function fileExists(file: string): CliError {
  return new CliError('FileExists', {
    en: `${file} exists. Choose another file: the key in it may be in use.`,
    zh: `${file} 已存在。请选择其他文件：其中的密钥可能正在使用。`,
  })
}
