import type { Texts } from './en.ts'

/* The texts of the page in Simplified Chinese. */

export const chinese: Texts = {
  lang: 'zh-Hans',
  name: '我的网盘',
  skip: '跳到主要内容',
  otherLanguage: 'English',
  log: '服务日志',
  newTab: '（在新标签页中打开）',
  loading: '正在查找您的会话…',
  footer: '此应用及其服务都在本机运行。所有数据只保存在内存中，不会向其他机器发送请求。',
  dismiss: '关闭消息',

  welcome: {
    title: '登录一次，所有标签页都保持登录',
    lead: '用户登录、会话保存和令牌续期都由此应用的后端负责，页面只会拿到访问令牌。',
    signIn: '登录',
    users: '可从三个用户中任选其一，无需密码。',
    code: '接入 PDS 的全部后端代码',
    facts: [
      {
        title: '机密信息留在服务器上',
        text: '页面只在内存中保存访问令牌。刷新令牌和客户端密钥始终留在后端。',
      },
      {
        title: '一次续期，所有标签页共用',
        text: '续期会使旧令牌失效。后端会在令牌到期前为其续期，每个令牌只续期一次，再提供给所有标签页。',
      },
      {
        title: '清晰的错误提示',
        text: '当服务繁忙、无法连接或会话被终止时，页面会说明原因和处理办法。',
      },
    ],
  },

  failed: { title: '无法加载您的会话' },

  profile: {
    unnamed: '未命名用户',
    id: 'ID',
    role: '角色',
    roles: { user: '普通用户', admin: '管理员', superadmin: '超级管理员' },
    unknown: '未知',
    secondTab: '打开第二个标签页',
    signOut: '退出登录',
  },

  token: {
    title: '访问令牌',
    left: '剩余时间',
    hours: (hours, minutes) => `${hours} 小时 ${minutes} 分钟`,
    expired: '已过期',
    expiresAt: '到期时间',
    fingerprint: '指纹',
    fingerprintNote: 'SHA-256 的前几位',
    renew: '立即续期',
    renewNote: '页面向后端报告该令牌已被拒绝，后端随即换取新令牌。',
    renewWait: (seconds) => `令牌刚刚续期过，${seconds} 秒后可再次续期。`,
  },

  api: {
    title: '服务的 API',
    choose: '要调用的接口',
    calls: { user: '获取用户', drives: '列出空间' },
    call: '调用 API',
    empty: '尚无响应。页面会携带访问令牌，直接向服务发送请求。',
    response: 'API 的响应',
    noBody: '响应没有正文。',
    duration: (milliseconds) => `${milliseconds} 毫秒`,
  },

  stats: {
    title: '后端的会话',
    names: { open: '已打开', renewing: '续期中', waiting: '等待中', failed: '续期失败' },
  },

  activity: {
    title: '动态',
    entries: '最近的事件，最新的排在最前',
    times: (text, times) => `${text}（${times} 次）`,
    received: '后端向此标签页提供了令牌。',
    renewed: '此标签页已换用新令牌。',
    called: (path, status) => `${path}：${status}`,
    renewedElsewhere: '另一个标签页已为令牌续期。',
    signedInElsewhere: '您已在另一个标签页中登录。',
    signedOutElsewhere: '您已在另一个标签页中退出登录。',
    ended: '您的会话已结束。',
  },

  done: {
    called: (status) => `API 返回了 ${status}。`,
    renewed: '令牌已续期。',
    signedOut: '您已退出登录。',
    signedIn: (name) => `您已以 ${name} 的身份登录。`,
  },

  busy: { calling: '正在调用 API…', renewing: '正在为令牌续期…', signingOut: '正在退出登录…' },

  remedies: { retry: '重试', reload: '重新加载页面' },
  requestId: (id) => `请求 ID：${id}`,

  errors: {
    denied: ['您没有允许访问，因此未登录。', ''],
    signInExpired: ['登录用时过长，登录请求的有效期只有几分钟。', '请重新登录。'],
    signInUnknown: [
      '这次登录不是在此浏览器中发起的，或已被使用过。',
      '为保障安全，登录已被拒绝。请重新登录。',
    ],
    signInFailed: ['登录失败。', '请重新登录。'],
    unreachable: ['无法连接到服务。', '请检查网络后重试。'],
    busy: ['服务繁忙。', '请稍后重试。'],
    throttled: ['令牌刚刚续期过。', '请半分钟后再试。'],
    rejectedToken: ['服务不接受您的令牌。', '请退出后重新登录。'],
    rejected: ['服务拒绝了此请求。', '如果问题仍然存在，请重新登录。'],
    sessionRejected: ['服务已终止您的登录。', '请重新登录。'],
    sessionExpired: ['您的登录已过期。', '请重新登录。'],
    sessionLost: ['由于未收到响应，您的登录已失效。', '请重新登录。'],
    sessionEnded: ['您的登录状态已失效。', '请重新登录。'],
    signOutUnconfirmed: ['此标签页已退出登录，但后端没有确认。', '后端可能仍保留着您的登录，请重试。'],
    unexpected: ['发生了意外错误。', '请重新加载页面。'],
  },
}
