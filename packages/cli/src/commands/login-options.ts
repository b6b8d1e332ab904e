import type { OptionSpec } from './command.ts'
import { jsonOption } from './token-options.ts'

/** The options of `pds login`. */
export const loginOptions: readonly OptionSpec[] = [
  {
    name: 'domain',
    short: 'd',
    value: 'ID',
    text: { en: 'the id of the domain, for example bj1', zh: '域 ID，例如 bj1' },
  },
  {
    name: 'client',
    short: 'c',
    value: 'ID',
    text: { en: 'the id of the application', zh: '应用 ID' },
  },
  {
    name: 'endpoint',
    value: 'URL',
    text: {
      en: 'the URL of the service (default: https://<domain>.api.aliyunpds.com)',
      zh: '服务地址（默认：https://<域 ID>.api.aliyunpds.com）',
    },
  },
  {
    name: 'redirect-uri',
    value: 'URI',
    text: {
      en: 'the registered redirect URI (default: http://127.0.0.1/callback with a free port)',
      zh: '已登记的重定向 URI（默认：http://127.0.0.1/callback，使用空闲端口）',
    },
  },
  {
    name: 'service',
    text: { en: 'use the private key of a JWT application', zh: '使用 JWT 应用的私钥' },
  },
  {
    name: 'key',
    value: 'FILE',
    completes: 'file',
    text: { en: 'the private key of the JWT application (PEM)', zh: 'JWT 应用的私钥文件（PEM）' },
  },
  {
    name: 'no-browser',
    text: {
      en: 'open no browser: print the address, and paste the address of the callback, as over SSH',
      zh: '不打开浏览器：显示登录地址，并粘贴回调地址，例如通过 SSH 时',
    },
  },
  {
    name: 'profile',
    short: 'p',
    value: 'NAME',
    completes: 'profile',
    text: {
      en: 'the profile to write (default: the current one, or the id of the domain)',
      zh: '写入的配置名（默认：当前配置，或域 ID）',
    },
  },
  {
    name: 'user',
    short: 'u',
    value: 'ID',
    text: {
      en: 'the user who must sign in, or whose token a JWT application obtains',
      zh: '必须登录的用户，或 JWT 应用为其获取令牌的用户',
    },
  },
  jsonOption,
]
