import type { CommandSpec, OptionSpec } from './command.ts'
import { loginOptions } from './login-options.ts'
import { jsonErrorsOption, jsonOption, profileOption, tokenOptions, userOption } from './token-options.ts'

const accountOptions: readonly OptionSpec[] = [profileOption, userOption, jsonOption]

/** All commands, in the order of the help. */
export const commandTable: readonly CommandSpec[] = [
  {
    name: 'login',
    text: {
      en: 'Sign in with the browser, or with the private key of a JWT application.',
      zh: '通过浏览器登录，或使用 JWT 应用的私钥登录。',
    },
    options: loginOptions,
    examples: [
      {
        command: 'pds login --domain bj1 --client native-app',
        text: { en: 'Sign in with the browser.', zh: '通过浏览器登录。' },
      },
      { command: 'pds login', text: { en: 'Sign in again.', zh: '重新登录。' } },
      {
        command: 'pds login --service --domain bj1 --client jwt-app --key key.pem --profile jobs',
        text: { en: 'Use a JWT application, for example in jobs.', zh: '使用 JWT 应用，例如用于定时任务。' },
      },
    ],
    load: () => import('./login.ts'),
  },
  {
    name: 'token',
    text: {
      en: 'Write an access token that is valid now, for scripts of any language.',
      zh: '输出当前有效的访问令牌，供任何语言的脚本使用。',
    },
    options: tokenOptions,
    examples: [
      {
        command: 'curl -H "Authorization: Bearer $(pds token)" …',
        text: { en: 'Use the token in a request.', zh: '在请求中使用令牌。' },
      },
      {
        command: 'pds token --user user-1 --json',
        text: {
          en: 'The token of a user, with its lifetime in seconds.',
          zh: '某个用户的令牌及其有效期（秒）。',
        },
      },
    ],
    load: () => import('./token.ts'),
  },
  {
    name: 'run',
    text: {
      en: 'Run a command with the token in PDS_ACCESS_TOKEN.',
      zh: '运行命令，令牌在环境变量 PDS_ACCESS_TOKEN 中。',
    },
    arguments: [
      {
        name: 'command',
        isRest: true,
        text: {
          en: 'the command with its arguments, whose exit code pds returns',
          zh: '命令及其参数；退出码即该命令的退出码',
        },
      },
    ],
    options: [
      profileOption,
      userOption,
      {
        name: 'watch-file',
        value: 'FILE',
        completes: 'file',
        text: {
          en: 'keep a valid token in this file of mode 0600 while the command runs (PDS_ACCESS_TOKEN_FILE)',
          zh: '命令运行期间，在此文件（权限 0600）中保存有效令牌（PDS_ACCESS_TOKEN_FILE）',
        },
      },
      jsonErrorsOption,
    ],
    examples: [
      { command: 'pds run -- node job.js', text: { en: 'Run a script.', zh: '运行脚本。' } },
      {
        command: 'pds run --watch-file token.txt -- python3 job.py',
        text: {
          en: 'Run for longer than a token is valid: the script reads the file before each request.',
          zh: '运行时间超过令牌有效期：脚本在每次请求前读取该文件。',
        },
      },
    ],
    load: () => import('./run.ts'),
  },
  {
    name: 'api',
    text: { en: 'Call the service with the token.', zh: '使用令牌调用服务。' },
    arguments: [
      {
        name: 'path',
        text: { en: 'the path of the call, for example /user/get', zh: '调用路径，例如 /user/get' },
      },
      {
        name: 'body',
        isOptional: true,
        text: {
          en: 'the JSON body, or - to read it from stdin (default: {})',
          zh: 'JSON 请求体，或用 - 从标准输入读取（默认：{}）',
        },
      },
    ],
    options: accountOptions,
    examples: [
      {
        command: `pds api /user/get '{"user_id":"user-1"}'`,
        text: { en: 'Read a user.', zh: '读取用户。' },
      },
      {
        command: 'pds api /drive/list - < body.json | jq .items',
        text: { en: 'Read the body from a file.', zh: '从文件读取请求体。' },
      },
    ],
    load: () => import('./api.ts'),
  },
  {
    name: 'whoami',
    text: {
      en: 'Show the user of the stored sign-in. Renews the token if it expires soon.',
      zh: '显示已保存的登录用户。令牌即将过期时会续期。',
    },
    options: accountOptions,
    examples: [{ command: 'pds whoami', text: { en: 'Show who is signed in.', zh: '查看谁已登录。' } }],
    load: () => import('./whoami.ts'),
  },
  {
    name: 'status',
    text: { en: 'Show the state of the sign-in, without a request.', zh: '显示登录状态，不发送请求。' },
    options: accountOptions,
    examples: [
      {
        command: 'pds status || pds login',
        text: { en: 'Sign in if it is necessary.', zh: '需要时登录。' },
      },
    ],
    load: () => import('./status.ts'),
  },
  {
    name: 'logout',
    text: { en: 'Sign out: revoke the token and delete it.', zh: '退出登录：吊销并删除令牌。' },
    options: [
      ...accountOptions,
      { name: 'forget', text: { en: 'delete the profile too', zh: '同时删除配置' } },
    ],
    examples: [
      {
        command: 'pds logout --profile jobs',
        text: { en: 'Sign out of a profile.', zh: '退出某个配置的登录。' },
      },
    ],
    load: () => import('./logout.ts'),
  },
  {
    name: 'profiles',
    text: { en: 'List the profiles.', zh: '列出所有配置。' },
    options: [jsonOption],
    examples: [{ command: 'pds profiles', text: { en: 'The current one has a *.', zh: '当前配置带有 *。' } }],
    load: () => import('./profiles.ts'),
  },
  {
    name: 'switch',
    text: { en: 'Select the current profile.', zh: '选择当前配置。' },
    arguments: [
      {
        name: 'name',
        isOptional: true,
        completes: 'profile',
        text: { en: 'the profile (a terminal asks for it)', zh: '配置名（在终端中会询问）' },
      },
    ],
    options: [jsonOption],
    examples: [{ command: 'pds switch jobs', text: { en: 'Use another profile.', zh: '使用另一个配置。' } }],
    load: () => import('./switch.ts'),
  },
  {
    name: 'keygen',
    text: {
      en: 'Create the key pair of a JWT application.',
      zh: '生成 JWT 应用的密钥对。',
    },
    options: [
      {
        name: 'out',
        short: 'o',
        value: 'FILE',
        completes: 'file',
        text: {
          en: 'the file for the private key, of mode 0600; it must not exist',
          zh: '私钥文件（权限 0600），不能已存在',
        },
      },
      {
        name: 'bits',
        value: 'N',
        completes: ['2048', '3072', '4096'],
        text: { en: 'the length of the RSA key (default: 2048)', zh: 'RSA 密钥长度（默认：2048）' },
      },
      jsonOption,
    ],
    examples: [
      {
        command: 'pds keygen --out key.pem',
        text: { en: 'Then paste the public key into the console.', zh: '然后将公钥粘贴到控制台。' },
      },
    ],
    load: () => import('./keygen.ts'),
  },
  {
    name: 'doctor',
    text: {
      en: 'Check key, clock, DNS, proxy, TLS, endpoint, store and versions.',
      zh: '检查密钥、时钟、DNS、代理、TLS、服务地址、存储和版本。',
    },
    options: accountOptions,
    examples: [{ command: 'pds doctor', text: { en: 'Find out what is wrong.', zh: '找出问题所在。' } }],
    load: () => import('./doctor.ts'),
  },
  {
    name: 'completion',
    text: { en: 'Write the completion script of a shell.', zh: '输出 shell 的补全脚本。' },
    arguments: [
      {
        name: 'shell',
        completes: ['bash', 'zsh', 'fish'],
        text: { en: 'bash, zsh or fish', zh: 'bash、zsh 或 fish' },
      },
    ],
    options: [jsonOption],
    examples: [
      { command: 'eval "$(pds completion bash)"', text: { en: 'In ~/.bashrc.', zh: '写入 ~/.bashrc。' } },
      { command: 'source <(pds completion zsh)', text: { en: 'In ~/.zshrc.', zh: '写入 ~/.zshrc。' } },
      { command: 'pds completion fish | source', text: { en: 'In config.fish.', zh: '写入 config.fish。' } },
    ],
    // The table is passed, because an import of it would be a cycle.
    load: async () => ({ run: (await import('./completion.ts')).createCompletion(commandTable) }),
  },
]
