/* The Chinese of the phrases in generated tables and charts. */

/** The translations of the phrases, by the English phrases. */
export const phrases: Readonly<Record<string, string>> = {
  // The environment of a run.
  'Date: ': '日期：',
  'Machine: ': '机器：',
  ' cores of ': ' 核 ',
  ' GiB of memory': ' GiB 内存',
  'Node.js: ': 'Node.js：',
  'Rounds: ': '轮数：',
  'Packages: ': '软件包：',

  // The heads of the tables.
  benchmark: '基准测试',
  ours: '本 SDK',
  baseline: '基线',
  'other packages': '其他软件包',
  memory: '内存',

  // Calls.
  'User token over loopback': '经本机回环获取用户令牌',
  'Signed assertion': '签名断言',
  'Code exchange over loopback with ': '经本机回环用授权码换取令牌，使用 ',
  'Token refresh over loopback with ': '经本机回环刷新令牌，使用 ',
  ', concurrency ': '，并发数 ',
  'jsonwebtoken with a parsed key': 'jsonwebtoken（使用已解析的密钥）',

  // Sessions and pools.
  'Cached token from a session': '从会话读取已缓存的令牌',
  'Cached token of 10,000 users in random order': '按随机顺序读取 10,000 个用户已缓存的令牌',
  'Cached tokens of 10,000 users': '10,000 个用户已缓存的令牌',
  'First tokens of 10,000 users': '10,000 个用户的首个令牌',
  '100,000 users through a pool of 10,000': '100,000 个用户使用容量为 10,000 的会话池',
  ', time per user': '，每个用户的时间',
  ', event-loop delay, 99th percentile': '，事件循环延迟的第 99 百分位',
  ', longest event-loop delay': '，事件循环的最长延迟',
  ', memory store': '，内存存储',
  ', SQLite store': '，SQLite 存储',
  ', Redis store': '，Redis 存储',
  ', PostgreSQL store': '，PostgreSQL 存储',
  ', memory': '，内存',
  '1,000 callers, a service of 20 requests at a time': '1,000 个调用方，服务最多同时处理 20 个请求',
  '1,000 callers, a service of 200 requests a second': '1,000 个调用方，服务每秒最多处理 200 个请求',
  ', time until all have a token': '，全部获得令牌所需的时间',
  ', share of rejected requests': '，被拒绝的请求所占比例',
  'Refresh for 400 callers in 8 processes': '为 8 个进程中的 400 个调用方刷新',
  'crypto.sign + fetch, 32 at a time': 'crypto.sign + fetch，同时 32 个',
  'awaited property read': '读取属性并 await',
  'one HTTP round trip': '一次 HTTP 往返',
  'node:sqlite, one transaction per turn': 'node:sqlite，每轮一个事务',
  'a Map': '一个 Map',
  'after 10,000 users': '10,000 个用户之后',

  // Processes, bundles and memory.
  'Cold import of ': '冷导入 ',
  ', without Node.js startup': '，不含 Node.js 启动时间',
  'Cold start to the first token with ': '冷启动到首个令牌，使用 ',
  ', whole process': '，整个进程',
  'Process that reads a valid token from the store': '从存储读取有效令牌的进程',
  'Browser bundle of ': '浏览器打包产物：',
  ', complete flow': '，完整流程',
  ', with @pds/core/fetch': '，使用 @pds/core/fetch',
  'sign-in with a session for all tabs': '登录和所有标签页共用的会话',
  ', minified and gzipped': '，压缩并 gzip 后',
  'Memory of an idle session, 10,000 sessions with one store each':
    '闲置会话占用的内存，10,000 个会话各用一个存储',
  'Memory of an idle session, 10,000 sessions in one memoryStore':
    '闲置会话占用的内存，10,000 个会话共用一个 memoryStore',
  'Memory of an idle session, 10,000 sessions in a pool with memoryStore':
    '闲置会话占用的内存，会话池中有 10,000 个会话，使用 memoryStore',
  'Memory of an idle session, 10,000 sessions in a pool with sqliteStore':
    '闲置会话占用的内存，会话池中有 10,000 个会话，使用 sqliteStore',
  'the token as JSON': 'JSON 形式的令牌',

  // How many users.
  'an open session': '一个打开的会话',
  '10,000 of them': '10,000 个',
  'with its record in a `memoryStore`': '记录在 `memoryStore` 中',
  'with its record in another store': '记录在其他存储中',
  '10,000 users': '10,000 个用户',
  'time for each first token': '获取每个首个令牌的时间',
  'first tokens a second': '每秒获取的首个令牌数',
  'time for each cached token': '读取每个已缓存令牌的时间',
  'delay of the event loop, first tokens': '事件循环延迟，首个令牌',
  'delay of the event loop, cached tokens': '事件循环延迟，已缓存的令牌',
  'delay of the event loop, 100,000 users': '事件循环延迟，100,000 个用户',
  ', 100,000 users': '，100,000 个用户',
  'memory that an evicted session leaves': '会话淘汰后遗留的内存',
  none: '无',
  'the service takes': '服务能处理',
  'rejected requests': '被拒绝的请求',
  'time until 1,000 users have a token': '1,000 个用户全部获得令牌所需的时间',
  '20 requests at a time': '同时 20 个请求',
  '200 requests a second': '每秒 200 个请求',

  // Interoperability.
  package: '软件包',
  version: '版本',
  runtime: '运行环境',
  'client authentication': '客户端认证',
  settings: '设置',
  'sign-in': '登录',
  refresh: '刷新',
  revocation: '吊销',
  'forged state': '伪造的 state',
  'forged `iss`': '伪造的 `iss`',
  session: '会话',
  'sign-out': '退出登录',
  passes: '通过',
  '; has no PKCE': '；没有 PKCE',
  'leaves the check to the application': '由应用自行检查',
  'has no revocation endpoint': '没有吊销端点',
  'sends no `iss`': '不发送 `iss`',
  'accepts the request and keeps no tokens to revoke': '接受请求，但不保存可吊销的令牌',
  '`scope` without its default `openid`, because it then requires an ID token':
    '`scope` 中去掉默认的 `openid`，否则它要求 ID 令牌',
  'the paths of the endpoints, because it reads no metadata': '各端点的路径，因为它不读取元数据',
  'the scope `offline_access`, without which it returns no refresh token':
    'scope `offline_access`，否则不返回刷新令牌',
  'the URLs of the endpoints, because it has no metadata': '各端点的 URL，因为它没有元数据',
  '; `requireClientAuthentication` off for public applications':
    '；公开应用关闭 `requireClientAuthentication`',
  '; for `client_secret_basic`, a secret of letters, digits and `-._*`, because it does not decode the header (RFC 6749 section 2.3.1)':
    '；使用 `client_secret_basic` 时，密钥只含字母、数字和 `-._*`，因为它不解码请求头（RFC 6749 第 2.3.1 节）',
  '; the scope `openid offline_access` with `prompt=consent`, without which it returns no refresh token':
    '；scope `openid offline_access` 和 `prompt=consent`，否则不返回刷新令牌',

  // The charts.
  'ours = 1': '本 SDK = 1',
  'User tokens and signatures': '用户令牌与签名',
  'Code exchange': '用授权码换取令牌',
  'Token refresh': '刷新令牌',
  'Cached tokens': '已缓存的令牌',
  'Many callers': '大量调用方',
  'Cold import': '冷导入',
  'Cold start': '冷启动',
  'Browser bundles': '浏览器打包产物',
  Memory: '内存',
  'Pools of sessions': '会话池',
  ': the ratio of each package to ours, with the quartiles': '：各软件包与本 SDK 的比值及四分位数',
}

/** Words that are the same in both languages: names of packages, functions and units. */
export const names: readonly string[] = [
  'axios crypto.sign fetch google-auth-library ioredis jose jose/jwt/sign jsonwebtoken ky mitata node',
  'oauth4webapi oidc-client-ts openid-client pds pg simple-oauth2 token createSession createSessions',
  'getAccessToken getTokenByCode getUserJwtToken refreshToken session.getAccessToken signAssertion',
  'users.get id scope better-auth linux x64 await gzip memoryStore sqliteStore node:sqlite state ns ms kB',
].flatMap((line) => line.split(' '))
