const names: Readonly<Record<string, string>> = {
  '@pds/auth-oauth, the whole flow': '@pds/auth-oauth 完整登录流程',
  'a property read, awaited': 'await 一次属性读取',
  'a sign-in and its session in all tabs': '登录及各标签页共享的会话',
  'jsonwebtoken with a parsed key': 'jsonwebtoken（密钥只解析一次）',
  'its token as JSON': '令牌的 JSON',
  'memory of an idle session, of 10,000 in one memoryStore':
    '空闲会话占用的内存：10,000 个，共用一个 memoryStore',
  'memory of an idle session, of 10,000 with a store each': '空闲会话占用的内存：10,000 个，各有一个存储',
  'one HTTP round trip': '一次 HTTP 往返',
  memory: '内存',
}

const patterns: readonly [RegExp, string][] = [
  [/^400 callers in 8 processes, expired, on (.+)$/, '8 个进程中的 400 个调用方，令牌已过期，存储：'],
  [/^a code exchange over loopback, (\d+) at a time$/, '本机上用授权码换取令牌，并发数 '],
  [/^a refresh over loopback, (\d+) at a time$/, '本机上刷新令牌，并发数 '],
  [/^a user token over loopback, (\d+) at a time$/, '本机上获取用户令牌，并发数 '],
  [/^a valid token from a session, hot, on (.+)$/, '从会话取得仍然有效的令牌，存储：'],
  [/^an assertion, (\d+) at a time$/, '签署断言，并发数 '],
  [/^browser bytes of (.+), min\+gzip$/, '浏览器中的大小，min+gzip：'],
  [/^first token with (.+), cold, the whole process$/, '冷启动到第一个令牌，整个进程：'],
  [/^import of (.+), cold, net of Node's own start$/, '冷启动时的导入，不计 Node.js 自身的启动：'],
]

/** What a work or who does it is called in Chinese. Names of packages and functions are the same in all languages. */
export function chineseName(name: string): string {
  const known = names[name]
  if (known !== undefined) return known
  for (const [pattern, translated] of patterns) {
    const [, rest] = pattern.exec(name) ?? []
    if (rest !== undefined) return translated + chineseName(rest)
  }
  if (/\w \w/.test(name)) throw new Error(`chinese-name.ts has no "${name}"`)
  return name
}
