/* The texts of the default pages. */

export interface Texts {
  lang: string
  signedIn: { title: string; text: string }
  failed: { title: string; text: string }
  foreign: { title: string; text: string }
  code: string
  requestId: string
}

export const texts: Readonly<Record<'en' | 'zh', Texts>> = {
  en: {
    lang: 'en',
    signedIn: { title: 'You are signed in', text: 'You can close this page and return to the application.' },
    failed: { title: 'Sign-in failed', text: 'Return to the application. It shows the reason.' },
    foreign: {
      title: 'This page belongs to another sign-in',
      text: 'Nothing was changed. To sign in, start again in the application.',
    },
    code: 'Error code',
    requestId: 'Request ID',
  },
  zh: {
    lang: 'zh-Hans',
    signedIn: { title: '登录成功', text: '您可以关闭此页面并返回应用。' },
    failed: { title: '登录失败', text: '请返回应用查看原因。' },
    foreign: { title: '此页面属于另一次登录', text: '未做任何更改。如需登录，请在应用中重新开始。' },
    code: '错误码',
    requestId: '请求 ID',
  },
}
